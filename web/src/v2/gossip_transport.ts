import { GossipOutbox, type Sent } from "./gossip_outbox.js";
import { callSafely, requireFunction, type Page } from "./page.js";
import { KnownFacts, type Fact } from "./known_facts.js";
import { gossipTypesMax, timerMaxMs, typeNameBytesMax } from "./limits.js";
import type { Network, NetworkTopic } from "./network.js";

const encoder = new TextEncoder();

/** What a parser is called with; the last two only when it was added with `useDefault`. */
export type Parser = (block: Fact[], committable?: Fact[], unknown?: Fact[]) => unknown;

/** What `addType` gives. */
export interface GossipType {
  /** Publishes a fact to everyone, ourselves included. Throws `TypeError` or `RangeError`. */
  addGossip(fact: object): void;
  /** Ends it: `addGossip` throws from then on, what has not left is dropped. */
  remove(): void;
}

interface Listening {
  parser: Parser;
  known: KnownFacts | undefined;
  stop: (() => void) | undefined;
}

/**
 * v2's gossip: named types of facts that reach everyone, each fact parsed once.
 *
 * A type rides on the topic `v2:` + its name, as JSON arrays of facts. The core forwards every
 * type, with or without a parser, delivers each message once and proves who published it;
 * `originOf` tells a parser who that was.
 */
export class GossipTransport {
  readonly #page: Page;
  readonly #pulseMs: () => number;
  readonly #outboxes = new Set<{ name: string; outbox: GossipOutbox }>();
  readonly #listening = new Map<string, Listening>();
  readonly #origins = new WeakMap<object, string>();
  #network: Network | undefined;
  #stop: (() => void) | undefined;

  /**
   * `pulseMs` tells v2's gossip interval: the shortest time between two messages of a type.
   * @internal
   */
  constructor(page: Page, pulseMs: () => number) {
    this.#page = page;
    this.#pulseMs = pulseMs;
  }

  /**
   * Makes a type to publish in; with `iterModulo` at most one message leaves in so many gossip
   * intervals. Throws `TypeError` for a name that is no string or empty and for an `iterModulo` that
   * does not count from 1, `RangeError` for a name above 61 bytes and above 256 types.
   */
  addType(name: string, iterModulo = 1): GossipType {
    requireName(name);
    if (!(Number.isInteger(iterModulo) && iterModulo > 0))
      throw new TypeError("iterModulo counts from 1");
    if (this.#outboxes.size >= gossipTypesMax)
      throw new RangeError(`more than ${gossipTypesMax} gossip types`);
    const interval = (): number => Math.min(this.#pulseMs() * iterModulo, timerMaxMs);
    const entry = {
      name,
      outbox: new GossipOutbox(this.#page, interval, (message) => this.#send(name, message)),
    };
    this.#outboxes.add(entry);
    if (this.#inside()) entry.outbox.open();
    return {
      addGossip: (fact) => this.#publish(entry, fact),
      remove: () => this.#removeType(entry),
    };
  }

  /**
   * Calls `parser` with each packet of a type; a second parser of a type replaces the first. With
   * `useDefault` it is called as `(block, committable, unknown)`: every fact of the packet; the new
   * facts cut down to `identifierFields`; the new facts whole. Without, as `(block)`. Throws
   * `TypeError` for a name that is no string or empty and for a parser that is no function,
   * `RangeError` for a name above 61 bytes and above 256 parsers.
   */
  addParser(
    type: string,
    useDefault: boolean,
    parser: Parser,
    identifierFields: readonly string[] = [],
  ): void {
    requireName(type);
    requireFunction(parser, "a parser");
    this.removeParser(type);
    if (this.#listening.size >= gossipTypesMax)
      throw new RangeError(`more than ${gossipTypesMax} parsers`);
    const known = useDefault ? new KnownFacts(Array.from(identifierFields, String)) : undefined;
    const listening: Listening = { parser, known, stop: undefined };
    this.#listening.set(type, listening);
    this.#listen(type, listening);
  }

  /** Ends a type's parser. */
  removeParser(type: string): void {
    this.#listening.get(type)?.stop?.();
    this.#listening.delete(type);
  }

  /**
   * The hidden alias of the peer that published a fact which a parser was given: proved, unlike
   * what facts say.
   */
  originOf(fact: object): string | undefined {
    return this.#origins.get(fact);
  }

  /** The network is there. @internal */
  attach(network: Network): void {
    this.#network = network;
    for (const [type, listening] of this.#listening) this.#listen(type, listening);
    this.#stop = network.on("state", () => this.#pass());
    this.#pass();
  }

  /** The network is gone. @internal */
  detach(): void {
    this.#network = undefined;
    this.#stop?.();
    for (const listening of this.#listening.values()) listening.stop?.();
    this.#pass();
  }

  /**
   * Lets gossip leave while we are in a network; a page in the back/forward cache is in none for a
   * while.
   */
  #pass(): void {
    const inside = this.#inside();
    for (const { outbox } of this.#outboxes) inside ? outbox.open() : outbox.shut();
  }

  #inside(): boolean {
    return this.#network?.state === "alone" || this.#network?.state === "joined";
  }

  #publish(entry: { name: string; outbox: GossipOutbox }, fact: object): void {
    if (!this.#outboxes.has(entry))
      throw new TypeError(`the gossip type "${entry.name}" was removed`);
    if (typeof fact !== "object" || fact === null || Array.isArray(fact))
      throw new TypeError("a fact is an object");
    const json = JSON.stringify(fact);
    if (json === undefined) throw new TypeError("the fact has no JSON");
    entry.outbox.add(json);
    queueMicrotask(() => this.#take(entry.name, this.#network?.id, [JSON.parse(json)]));
  }

  #removeType(entry: { name: string; outbox: GossipOutbox }): void {
    entry.outbox.shut();
    this.#outboxes.delete(entry);
  }

  #send(name: string, message: Uint8Array): Sent {
    if (this.#network === undefined) return "busy";
    try {
      this.#network.topic(topicName(name)).publish(message);
      return "sent";
    } catch (error) {
      return (error as { code?: unknown } | undefined)?.code === "busy"
        ? "busy"
        : { failed: error };
    }
  }

  #listen(type: string, listening: Listening): void {
    const network = this.#network;
    if (network === undefined) return;
    const topic: NetworkTopic = network.topic(topicName(type));
    listening.stop = topic.on("message", (message) => {
      // Our own facts were parsed when they were added.
      if (message.origin !== network.id) this.#take(type, message.origin, message.json);
    });
  }

  #take(type: string, origin: string | undefined, packet: unknown): void {
    const listening = this.#listening.get(type);
    if (listening === undefined || !Array.isArray(packet)) return;
    const block = packet.filter(isFact);
    if (block.length === 0) return;
    if (origin !== undefined) for (const fact of block) this.#origins.set(fact, origin);
    const { parser, known } = listening;
    const what = `the parser of "${type}"`;
    if (known === undefined) return callSafely(this.#page, what, parser, block);
    const unknown = block.filter((fact) => known.add(fact));
    callSafely(
      this.#page,
      what,
      parser,
      block,
      unknown.map((fact) => known.cut(fact)),
      unknown,
    );
  }
}

function isFact(value: unknown): value is Fact {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function topicName(type: string): string {
  return `v2:${type}`;
}

function requireName(name: unknown): void {
  if (typeof name !== "string" || name === "") throw new TypeError("a gossip type has a name");
  if (encoder.encode(name).length > typeNameBytesMax)
    throw new RangeError("too long a name for a gossip type");
}
