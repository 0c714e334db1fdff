/**
 * What the core has told so far: our state, the map, our links, sessions and topics. Each event of
 * the core changes this first and is then told to the application; an event that changes nothing is
 * not told.
 *
 * Nothing here decides: the core does, and its limits bound every table.
 */
import { input, Input, keyBytes, Output } from "./abi.js";
import type { Connection } from "./connection.js";
import { errorForReason, type MembraneError } from "./error.js";
import type { MembraneState, Tell } from "./events.js";
import { idFromText, idToText } from "./id.js";
import type { Link } from "./link.js";
import type { AcceptRequest } from "./options.js";
import { NetworkMap } from "./peers.js";
import { Session } from "./session.js";
import { SessionPipe } from "./session_pipe.js";
import { Topic, type TopicHost, TopicMessage } from "./topic.js";
import { Waiters } from "./waiters.js";
import type { Reader } from "./wire.js";

const states: readonly MembraneState[] = ["joining", "alone", "joined", "left"];

/** What presence needs of its membrane. */
export interface PresenceHost extends TopicHost {
  /** Feeds the core; gives its error phrase when it refuses. */
  feed(bytes: Uint8Array): string | undefined;
  connection(link: number): Connection | undefined;
  disconnect(id: string): void;
  accept(request: AcceptRequest): boolean | Promise<boolean>;
  readonly messageBytesMax: number;
}

export class Presence {
  readonly links = new Map<string, Link>();
  readonly sessions = new Map<string, Session>();
  readonly topics = new Map<string, Topic>();
  readonly sessionWaiters = new Waiters<Session>();
  readonly linkWaiters = new Waiters<Link>();
  readonly map: NetworkMap;
  readonly #host: PresenceHost;
  readonly #tell: Tell;
  readonly #pipes = new Map<string, SessionPipe>();
  #state: MembraneState = "joining";
  /** Counts our stays in the network. */
  #life = 0;

  constructor(selfId: string, name: string, host: PresenceHost, tell: Tell) {
    this.#host = host;
    this.#tell = tell;
    this.map = new NetworkMap(selfId, (id) => this.links.has(id));
    this.map.add(selfId, name);
  }

  get state(): MembraneState {
    return this.#state;
  }

  setState(state: MembraneState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell("state", { state });
  }

  /** A peer is there under this name. */
  peerNamed(id: string, name: string): void {
    const before = this.map.peers.get(id)?.name;
    this.map.add(id, name);
    if (before === undefined) this.#tell("peer-added", { id, name });
    else if (before !== name) this.#tell("peer-renamed", { id, name });
  }

  /** We are no longer in the network: all that was there ends, with this reason and error. */
  clear(reason: string, error: MembraneError): void {
    this.#life += 1;
    for (const id of [...this.sessions.keys()]) this.#sessionClosed(id, reason);
    for (const id of [...this.links.keys()]) this.#linkDown(id, reason);
    for (const [a, b] of [...this.map.edges()]) this.#edge(a, b, false);
    for (const id of [...this.map.peers.keys()]) this.#peerRemoved(id);
    for (const topic of this.topics.values()) {
      topic.clear();
      this.#release(topic);
    }
    this.sessionWaiters.rejectAll(error);
    this.linkWaiters.rejectAll(error);
    this.setState("left");
  }

  /** The topic of this name, made if it is not there. */
  topic(name: string): Topic {
    let topic = this.topics.get(name);
    if (topic === undefined) this.topics.set(name, (topic = new Topic(name, this.#host)));
    return topic;
  }

  /** One event of the core. */
  take(kind: number, fields: Reader): void {
    switch (kind) {
      case Output.state:
        return this.setState(states[fields.u8()] ?? "left");
      case Output.peerAdded:
      case Output.peerRenamed:
        return this.peerNamed(peerId(fields), fields.text());
      case Output.peerRemoved:
        return this.#peerRemoved(peerId(fields));
      case Output.edgeAdded:
      case Output.edgeRemoved:
        return this.#edge(peerId(fields), peerId(fields), kind === Output.edgeAdded);
      case Output.message:
        return this.#message(fields.text(), peerId(fields), fields.int(), fields.bytes());
      case Output.stateValue: {
        const topic = this.topic(fields.text());
        const key = fields.text();
        topic.change(key, new TopicMessage(peerId(fields), fields.int(), fields.bytes()));
        return this.#release(topic);
      }
      case Output.sessionData: {
        const session = this.sessions.get(peerId(fields));
        return session?.takePiece(fields.int(), fields.u8(), fields.int(), fields.bytes());
      }
      default:
        return this.#takeOfLinks(kind, fields);
    }
  }

  #takeOfLinks(kind: number, fields: Reader): void {
    switch (kind) {
      case Output.linkUp:
        return this.#linkUp(peerId(fields), fields.int());
      case Output.linkDown:
        return this.#linkDown(peerId(fields), fields.text());
      case Output.asked:
        return void this.#asked(fields.int(), peerId(fields), fields.flag());
      case Output.connected:
        return this.#connected(peerId(fields));
      case Output.connectFailed:
        return this.#connectFailed(peerId(fields), fields.flag(), fields.text());
      case Output.sessionOpened:
        return this.#sessionOpened(peerId(fields), fields.flag());
      case Output.sessionWritable:
        return this.#pipes.get(peerId(fields))?.hasRoom();
      case Output.sessionClosed:
        return this.#sessionClosed(peerId(fields), fields.text());
      default:
    }
  }

  /** We ourselves stay in the map. */
  #peerRemoved(id: string): void {
    if (id !== this.map.selfId && this.map.remove(id)) this.#tell("peer-removed", { id });
  }

  #edge(a: string, b: string, there: boolean): void {
    if (there ? this.map.addEdge(a, b) : this.map.removeEdge(a, b)) {
      this.#tell(there ? "edge-added" : "edge-removed", { a, b });
    }
  }

  #message(name: string, origin: string, sequence: number, data: Uint8Array<ArrayBuffer>): void {
    this.topics.get(name)?.deliver(new TopicMessage(origin, sequence, data));
    this.#tell("message", { topic: name, origin, sequence, data });
  }

  /** Forgets a topic that has no values and that the application never asked for. */
  #release(topic: Topic): void {
    if (!topic.wanted && topic.state.size === 0) this.topics.delete(topic.name);
  }

  #linkUp(id: string, number: number): void {
    const connection = this.#host.connection(number);
    if (connection === undefined) return;
    connection.proved = true;
    const { peerConnection, control, application } = connection;
    const close = (): void => {
      if (this.links.get(id) === link) this.#host.disconnect(id);
    };
    const link: Link = { id, connection: peerConnection, control, application, close };
    this.links.set(id, link);
    this.map.changed();
    this.#pipes.get(id)?.use(link);
    this.sessions.get(id)?.linkChanged();
    this.linkWaiters.resolve(id, link);
    this.#tell("link-up", { id });
  }

  #linkDown(id: string, reason: string): void {
    if (!this.links.delete(id)) return;
    this.map.changed();
    this.#tell("link-down", { id, reason });
  }

  async #asked(request: number, id: string, session: boolean): Promise<void> {
    const name = this.map.peers.get(id)?.name ?? "";
    const life = this.#life;
    let accepted = false;
    try {
      accepted = (await this.#host.accept({ id, name, session })) === true;
    } catch (error) {
      console.error("membrane: accept failed", error);
    }
    // Requests are numbered anew in the next life, which knows nothing of this one.
    if (life === this.#life)
      this.#host.feed(input(Input.answer).int(request).flag(accepted).written);
  }

  #connected(id: string): void {
    const link = this.links.get(id);
    if (link !== undefined) this.linkWaiters.resolve(id, link);
  }

  #connectFailed(id: string, session: boolean, reason: string): void {
    const waiters = session ? this.sessionWaiters : this.linkWaiters;
    waiters.reject(id, errorForReason(reason, `connecting to ${id}`));
    this.#tell("connect-failed", { id, reason });
  }

  #sessionOpened(id: string, relayed: boolean): void {
    const open = this.sessions.get(id);
    if (open !== undefined) return this.sessionWaiters.resolve(id, open);
    const pipe = new SessionPipe(
      idFromText(id) as Uint8Array,
      relayed,
      this.links.get(id),
      (bytes) => this.#host.feed(bytes),
      () => this.map.peers.get(id)?.name ?? "",
      this.map.selfId < id,
      () => this.#sessionClosed(id, "closed"),
    );
    const session = new Session(id, pipe, this.#host.messageBytesMax);
    this.#pipes.set(id, pipe);
    this.sessions.set(id, session);
    this.#tell("session", { session });
    this.sessionWaiters.resolve(id, session);
  }

  #sessionClosed(id: string, reason: string): void {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    this.sessions.delete(id);
    this.#pipes.delete(id);
    this.#tell("session-closed", { id, reason: session.end(reason) });
  }
}

function peerId(fields: Reader): string {
  return idToText(fields.take(keyBytes));
}
