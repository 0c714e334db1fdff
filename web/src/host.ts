/**
 * Everything the core asks of a browser, carried out: connections, the line to the first-contact
 * server, crypto jobs and the one timer. One host lives from joining to leaving; what the core
 * tells the application passes through.
 */
import { input, Input, keyBytes, Output, signatureBytes } from "./abi.js";
import type { Clock } from "./clock.js";
import { Connection } from "./connection.js";
import type { ConnectionMaker } from "./connection_maker.js";
import type { ServerFrame } from "./contact_frames.js";
import type { ContactLine } from "./contact_line.js";
import { Core } from "./core.js";
import { seal } from "./crypto/hpke.js";
import type { Identity } from "./crypto/identity.js";
import { type ConnectionFailure, failureOf } from "./failure.js";
import { idToText } from "./id.js";
import { Timer } from "./timer.js";
import type { Reader } from "./wire.js";

/** Connections that did not come up, of which is told why. */
const failuresMax = 32;

export interface HostEvents {
  /** News for the application, as the core tells it. */
  event(kind: number, fields: Reader): void;
  server(up: boolean, error?: string): void;
  /** The host cannot go on. */
  failed(error: unknown): void;
}

export interface HostSettings {
  name: string;
  network: string;
  askLinks: boolean;
}

const resume = input(Input.resume).written;
const nothing = new Uint8Array(0);
const tick = input(Input.tick).written;

/** What a host works with. */
export interface HostMeans {
  module: WebAssembly.Module;
  identity: Identity;
  contact: ContactLine;
  maker: ConnectionMaker;
  clock: Clock;
}

export class Host {
  readonly #means: HostMeans;
  readonly #identity: Identity;
  readonly #contact: ContactLine;
  readonly #events: HostEvents;
  readonly #connections = new Map<number, Connection>();
  /** Those that ended by themselves, until the core has said what it takes that for. */
  readonly #ended = new Map<number, Connection>();
  readonly #failures: ConnectionFailure[] = [];
  readonly #closing = new Set<Promise<void>>();
  readonly #timer = new Timer(() => this.feed(tick));
  #core!: Core;
  #left = false;

  /** Starts a node; rejects when the module is not the core. */
  static async start(means: HostMeans, settings: HostSettings, events: HostEvents): Promise<Host> {
    const host = new Host(means, events);
    const { id, sealingKey } = means.identity;
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const configuration = { id, sealingKey, seed, ...settings };
    host.#core = await Core.create(means.module, configuration, means.clock, {
      work: (kind, fields) => host.#work(kind, fields),
      woke: () => host.resume(),
      event: (kind, fields) => events.event(kind, fields),
      deadline: (at) => host.#timer.set(at, means.clock.now()),
      failed: (error) => events.failed(error),
    });
    return host;
  }

  private constructor(means: HostMeans, events: HostEvents) {
    this.#means = means;
    this.#identity = means.identity;
    this.#contact = means.contact;
    this.#events = events;
  }

  /**
   * Lets the node begin; separate from `start` so that its owner can be reached by the first
   * events.
   */
  begin(): void {
    this.#contact.listen({
      opened: () => this.#contactOpened(),
      closed: (error) => {
        this.#events.server(false, error);
        this.feed(input(Input.contactClosed).written);
      },
      frame: (frame) => this.#contactFrame(frame),
    });
    if (this.#contact.open) this.#contactOpened();
    else this.feed(tick);
  }

  /** Feeds one input; gives the core's error phrase when it is refused. */
  feed(bytes: Uint8Array): string | undefined {
    if (this.#left) return "left the network";
    const code = this.#core.feed(bytes);
    return code === 0 ? undefined : this.#core.errorText(code);
  }

  connection(link: number): Connection | undefined {
    return this.#connections.get(link);
  }

  /** The newest last. */
  get failures(): readonly ConnectionFailure[] {
    return this.#failures;
  }

  counters(): Record<string, number> {
    return this.#core.counters();
  }

  /** The machine woke, the network is back, the page is visible again. */
  resume(): void {
    this.#contact.resume();
    this.feed(resume);
  }

  /** Says goodbye and frees everything, at once; resolves when the last words have left. */
  leave(): Promise<void> {
    if (this.#left) return Promise.resolve();
    this.feed(input(Input.leave).written);
    this.#left = true;
    this.#timer.close();
    this.#contact.close();
    this.#means.maker.release();
    for (const connection of this.#connections.values()) this.#release(connection);
    this.#connections.clear();
    this.#core.destroy();
    return Promise.all(this.#closing).then(() => undefined);
  }

  #work(kind: number, fields: Reader): void {
    switch (kind) {
      case Output.send: {
        const link = fields.int();
        const channel = fields.u8();
        this.#connections.get(link)?.send(channel, fields.bytes());
        return;
      }
      case Output.openConnection:
        return this.#connect(fields.int())?.offer();
      case Output.acceptOffer:
        return this.#connect(fields.int())?.answer(fields.text());
      case Output.applyAnswer:
        return this.#connections.get(fields.int())?.applyAnswer(fields.text());
      case Output.addCandidate:
        return this.#connections.get(fields.int())?.addCandidate(fields.text());
      case Output.closeConnection:
        return this.#close(fields.int(), fields.text(), fields.flag() ? peerOf(fields) : undefined);
      default:
        return kind < Output.sign ? this.#contactSend(kind, fields) : this.#job(kind, fields);
    }
  }

  #connect(link: number): Connection | undefined {
    const closed = (): void => {
      const connection = this.#connections.get(link);
      if (connection !== undefined) this.#ended.set(link, connection);
      this.#connections.delete(link);
      this.feed(input(Input.linkClosed).int(link).written);
      this.#ended.delete(link);
    };
    try {
      const connection = new Connection(this.#means.maker.make(this.#contact.iceServers), {
        described: (sdp) =>
          this.feed(input(Input.localDescription, 2048).int(link).text(sdp).written),
        candidate: (candidate) =>
          this.feed(input(Input.localCandidate, 512).int(link).text(candidate).written),
        opened: () => this.feed(input(Input.linkOpened).int(link).written),
        disturbed: () => this.feed(resume),
        received: (channel, data) =>
          this.feed(
            input(Input.linkReceived, data.length + 32)
              .int(link)
              .u8(channel)
              .bytes(data).written,
          ),
        closed,
      });
      this.#connections.set(link, connection);
      return connection;
    } catch {
      closed();
      return undefined;
    }
  }

  #close(link: number, reason: string, peer: string | undefined): void {
    const connection = this.#connections.get(link);
    this.#connections.delete(link);
    this.#note(connection ?? this.#ended.get(link), reason, peer);
    if (connection !== undefined) this.#release(connection);
  }

  #note(connection: Connection | undefined, reason: string, peer: string | undefined): void {
    if (connection === undefined || connection.proved) return;
    const failure = failureOf(connection.report, reason, peer);
    if (failure === undefined) return;
    this.#failures.push(failure);
    if (this.#failures.length > failuresMax) this.#failures.shift();
  }

  #release(connection: Connection): void {
    const closing = connection.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #contactOpened(): void {
    this.#events.server(true);
    this.feed(input(Input.contactOpened).written);
  }

  #contactFrame(frame: ServerFrame): void {
    switch (frame.kind) {
      case "request":
        return this.#fed(Input.contactRequest, frame.ticket, frame.text);
      case "offerCandidate":
        return this.#fed(Input.contactRequestCandidate, frame.ticket, frame.text);
      case "answer":
        return this.#fed(Input.contactAnswer, frame.request, frame.text);
      case "answerCandidate":
        return this.#fed(Input.contactAnswerCandidate, frame.request, frame.text);
      case "unresolved":
        return this.#fed(Input.contactUnresolved, frame.request);
      case "failed":
        return this.#fed(Input.contactFailed, frame.request);
      default:
    }
  }

  #fed(kind: number, number: number, text?: string): void {
    const writer = input(kind, 2048).int(number);
    this.feed((text === undefined ? writer : writer.text(text)).written);
  }

  #contactSend(kind: number, fields: Reader): void {
    switch (kind) {
      case Output.contactOffer:
        return this.#contact.send(["offer", fields.int(), fields.text()]);
      case Output.contactOfferCandidate:
        return this.#contact.send(["offerCandidate", fields.int(), fields.text()]);
      case Output.contactAnswer:
        return this.#contact.send(["answer", fields.int(), fields.text()]);
      case Output.contactAnswerCandidate:
        return this.#contact.send(["answerCandidate", fields.int(), fields.text()]);
      case Output.contactRefuse:
        return this.#contact.send(["refuse", fields.int()]);
      case Output.contactReport:
        return this.#contact.send(["report", fields.int()]);
      case Output.contactDone:
        return this.#contact.send(["done", fields.int()]);
      case Output.contactReady:
        return this.#contact.send(["ready"]);
      default:
    }
  }

  #job(kind: number, fields: Reader): void {
    const job = fields.int();
    switch (kind) {
      case Output.sign:
        this.#identity.sign(fields.bytes()).then(
          (signature) => this.feed(input(Input.signed, 96).int(job).raw(signature).written),
          (error: unknown) => this.#events.failed(error),
        );
        return;
      case Output.verify:
        return this.#verify(job, fields);
      case Output.seal: {
        const key = fields.take(keyBytes);
        return this.#sealed(
          Input.sealed,
          job,
          seal(key, fields.bytes(), fields.bytes(), fields.bytes()),
        );
      }
      case Output.open: {
        const opened = this.#identity.open(fields.bytes(), fields.bytes(), fields.bytes());
        return this.#sealed(Input.opened, job, opened);
      }
      default:
    }
  }

  #verify(job: number, fields: Reader): void {
    const answer = (ok: boolean): void =>
      void this.feed(input(Input.verified).int(job).flag(ok).written);
    const [key, signature, data] = [
      fields.take(keyBytes),
      fields.take(signatureBytes),
      fields.bytes(),
    ];
    this.#identity.verify(key, data, signature).then(answer, () => answer(false));
  }

  #sealed(kind: number, job: number, work: Promise<Uint8Array | undefined>): void {
    const answer = (ok: boolean, data: Uint8Array): void =>
      void this.feed(
        input(kind, data.length + 32)
          .int(job)
          .flag(ok)
          .bytes(data).written,
      );
    work.then(
      (data) => answer(data !== undefined, data ?? nothing),
      () => answer(false, nothing),
    );
  }
}

function peerOf(fields: Reader): string {
  return idToText(fields.take(keyBytes));
}
