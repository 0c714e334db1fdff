/**
 * Asking an author for a page, and answering those who ask us, over authenticated sessions.
 *
 * Messages are JSON: `{ask: name}`, answered by `{page: name, html}` or `{page: name}` when there
 * is no such page. Everything that comes in is checked; what is none of these is ignored.
 */
import { answerMs, answersMax, idleMs, pageCharactersMax } from "./limits.js";

export class Exchange {
  #network;
  #pageOf;
  #waiting = new Map();
  #answering = new Map();
  #idle = new Map();

  /** `network` is the v2 library; `pageOf(name)` gives one of our own pages or undefined. */
  constructor(network, pageOf) {
    this.#network = network;
    this.#pageOf = pageOf;
    network.onNewAuthPeer((author) => {
      network.onConsumable(author, (message) => this.#take(author, message));
    });
    network.onLostAuthPeer((author) => this.#lost(author));
  }

  /** The HTML of an author's page. Rejects with an error whose message can be shown. */
  async fetch(author, name) {
    try {
      await this.#network.makeConnection(author, true);
      return await this.#ask(author, name);
    } catch (error) {
      throw new Error(inWords(error), { cause: error });
    }
  }

  async #ask(author, name) {
    const signal = `page ${author} ${name}`;
    const answer = this.#network.eventHandler.acquireExpectedDispatch(signal, answerMs);
    const signals = this.#waiting.get(author) ?? new Set();
    this.#waiting.set(author, signals.add(signal));
    this.#network
      .sendConsumable(author, JSON.stringify({ ask: name }))
      .catch((error) => this.#network.eventHandler.forceReject(signal, error));
    try {
      const html = await answer;
      if (html === undefined) throw withCode("missing");
      return html;
    } finally {
      signals.delete(signal);
      if (signals.size === 0) this.#waiting.delete(author);
      this.#closeWhenIdle(author);
    }
  }

  #take(author, text) {
    if (this.#idle.has(author)) this.#closeWhenIdle(author);
    const message = parse(text);
    if (typeof message?.ask === "string") this.#answer(author, message.ask);
    if (typeof message?.page !== "string") return;
    const { page, html } = message;
    const shown = typeof html === "string" && html.length <= pageCharactersMax ? html : undefined;
    this.#network.eventHandler.dispatch(`page ${author} ${page}`, shown);
  }

  async #answer(author, name) {
    const underWay = this.#answering.get(author) ?? 0;
    if (underWay >= answersMax) return;
    this.#answering.set(author, underWay + 1);
    const answer = JSON.stringify({ page: name, html: this.#pageOf(name) });
    // A failure is the asker's to notice: the session is gone.
    await this.#network.sendConsumable(author, answer).catch(() => undefined);
    const left = this.#answering.get(author) - 1;
    if (left > 0) this.#answering.set(author, left);
    else this.#answering.delete(author);
  }

  #lost(author) {
    clearTimeout(this.#idle.get(author));
    this.#idle.delete(author);
    for (const signal of this.#waiting.get(author) ?? []) {
      this.#network.eventHandler.forceReject(signal, withCode("closed"));
    }
  }

  /** Only sessions that we opened are in `#idle`: each side closes its own. */
  #closeWhenIdle(author) {
    clearTimeout(this.#idle.get(author));
    const close = () => this.#network.deauthPeer(author, true);
    this.#idle.set(author, setTimeout(close, idleMs));
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withCode(code) {
  return Object.assign(new Error(code), { code });
}

function inWords(error) {
  const words = {
    missing: "The author no longer publishes this page.",
    unreachable: "The author cannot be reached at the moment. Perhaps the tab was just closed.",
    refused: "The author does not accept the connection.",
    closed: "The connection ended before the page arrived.",
    "timed-out": "The author did not answer in time.",
  };
  return words[error?.code] ?? "The author did not answer in time.";
}
