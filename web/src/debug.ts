/**
 * `<membrane-debug>`, a panel to drop into a page while it is worked on, or for its users to send a
 * picture of: where the membrane stands, its links and the ways they take, its sessions, and why
 * connections did not come up.
 *
 * It is a module of its own, `membrane/debug`, and no part of what other pages download.
 *
 * @module membrane/debug
 */
import type { Membrane } from "./membrane.js";
import type { Stats } from "./stats.js";

/** How often it looks, while it is open and the page is in view. */
const lookEvery_ms = 1_000;
/** Rows of a table; a network's own links are at most 84, more are counted only. */
const rowsMax = 100;

const style = `
  :host { display: block; font: 13px/1.4 system-ui, sans-serif; color-scheme: light dark }
  details { border: 1px solid #8886; border-radius: 6px; padding: 4px 10px; background: Canvas; color: CanvasText }
  summary { cursor: pointer; font-weight: 600 }
  div { overflow-x: auto }
  table { border-collapse: collapse; margin: 8px 0; min-width: 50% }
  caption { text-align: start; font-weight: 600; padding: 2px 0 }
  th, td { text-align: start; vertical-align: top; padding: 2px 12px 2px 0; border-top: 1px solid #8884 }
  td { font-variant-numeric: tabular-nums }
`;

type Row = readonly (string | number | undefined)[];

/**
 * The panel.
 *
 * @example
 * import "membrane/debug";
 * const panel = document.createElement("membrane-debug");
 * panel.membrane = membrane;
 * document.body.append(panel);
 */
export class MembraneDebug extends HTMLElement {
  #membrane: Membrane | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #summary = document.createElement("summary");
  readonly #content = document.createElement("div");
  readonly #details = document.createElement("details");

  /** Made by the browser for each `<membrane-debug>`, or by `document.createElement`. */
  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    this.#details.append(this.#summary, this.#content);
    this.#details.open = true;
    this.#details.addEventListener("toggle", () => void this.#look());
    root.append(this.#details);
  }

  /** What it shows; may be set, changed and taken away at any time. */
  get membrane(): Membrane | undefined {
    return this.#membrane;
  }

  /** Shows another one, or none, from now on. */
  set membrane(membrane: Membrane | undefined) {
    this.#membrane = membrane;
    void this.#look();
  }

  /** Called by the browser. */
  connectedCallback(): void {
    this.#timer = setInterval(() => void this.#look(), lookEvery_ms);
    void this.#look();
  }

  /** Called by the browser. */
  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const membrane = this.#membrane;
    if (!this.isConnected || document.hidden) return;
    if (membrane === undefined) {
      this.#summary.textContent = "membrane: none";
      return this.#content.replaceChildren();
    }
    const { state, peers, links, sessions } = membrane;
    this.#summary.textContent = `membrane: ${state}, ${peers.size} peers, ${links.size} links, ${sessions.size} sessions`;
    if (!this.#details.open) return;
    const stats = await membrane.stats();
    const relayed = await Promise.all([...sessions.values()].map((session) => session.stats()));
    if (membrane !== this.#membrane) return;
    this.#content.replaceChildren(...tables(membrane, stats, relayed));
  }
}

function tables(
  membrane: Membrane,
  { server, links, failures, counters }: Stats,
  sessions: readonly { relayed: boolean; roundTrip_ms?: number }[],
): HTMLElement[] {
  const who = (id: string | undefined): string =>
    id === undefined ? "by the server" : `${membrane.peers.get(id)?.name || "–"} ${id.slice(0, 8)}`;
  const ms = (value: number | undefined): string => (value === undefined ? "" : `${Math.round(value)} ms`);
  const kB = (value: number | undefined): string =>
    value === undefined ? "" : `${Math.round(value / 1_000)} kB`;
  const addresses = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(", ");
  const ids = [...membrane.sessions.keys()];
  return [
    table("Where we are", ["us", "first-contact server", ""], [
      [who(membrane.id), server.address, server.up ? "up" : (server.error ?? "down")],
    ]),
    table(
      "Links",
      ["peer", "way", "round trip", "sent", "received"],
      links.map(({ id, local, remote, protocol, roundTrip_ms, sent, received }) => [
        who(id),
        [local, remote].join(" – ") + (protocol === undefined ? "" : `, ${protocol}`),
        ms(roundTrip_ms),
        kB(sent),
        kB(received),
      ]),
    ),
    table(
      "Sessions",
      ["peer", "how", "round trip"],
      sessions.map(({ relayed, roundTrip_ms }, index) => [
        who(ids[index]),
        relayed ? "relayed" : "direct",
        ms(roundTrip_ms),
      ]),
    ),
    table(
      "Connections that did not come up",
      ["when", "peer", "came to", "reason", "our addresses", "theirs", "why"],
      [...failures].reverse().map((failure) => [
        new Date(failure.at).toLocaleTimeString(),
        who(failure.id),
        failure.stage,
        failure.reason,
        addresses(failure.localCandidates),
        addresses(failure.remoteCandidates),
        failure.why,
      ]),
    ),
    table("Counters", ["what", "count"], Object.entries(counters)),
  ];
}

/** Says in its caption how many rows it leaves out. */
function table(caption: string, heads: readonly string[], rows: readonly Row[]): HTMLElement {
  const element = document.createElement("table");
  const more = rows.length > rowsMax ? `, ${rowsMax} of ${rows.length}` : "";
  element.createCaption().textContent = rows.length === 0 ? `${caption}: none` : caption + more;
  if (rows.length === 0) return element;
  const head = element.createTHead().insertRow();
  for (const text of heads) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    head.append(cell);
  }
  const body = element.createTBody();
  for (const row of rows.slice(0, rowsMax)) {
    const line = body.insertRow();
    for (const value of row) line.insertCell().textContent = String(value ?? "");
  }
  return element;
}

declare global {
  interface HTMLElementTagNameMap {
    "membrane-debug": MembraneDebug;
  }
}

if (customElements.get("membrane-debug") === undefined)
  customElements.define("membrane-debug", MembraneDebug);
