import { AsyncQueue } from "./async_queue.js";
import { bytesOf, checkOptions, fitting, invalid } from "./check.js";
import { Emitter } from "./emitter.js";
import { decoder, encoder } from "./utf8.js";

const nothing = new Uint8Array(0);

/** The largest payload of one message to a topic, in bytes; files belong in sessions. */
export const topicPayloadBytesMax = 64 * 1024;

/** As the core has it: a value's bytes. */
const valueBytesMax = 4096;

/** Messages that wait for a loop's reader; more end the loop with a `busy` error. */
const queuedMessagesMax = 4096;
const queuedBytesMax = 16 * 1024 * 1024;

/** How long a value lives after its owner has left, unless it says otherwise, in seconds. */
const lifetimeDefault_s = 300;

/** One message of a topic, or value of its state. Text and JSON are decoded when asked for. */
export class TopicMessage {
  /** The id of the peer who said it, proved by signature. */
  readonly origin: string;
  /** Counts up with everything that peer says, in whatever topic. */
  readonly sequence: number;
  /** The payload as it travelled. */
  readonly data: Uint8Array<ArrayBuffer>;
  #text: string | undefined;

  /** Made by topics. */
  constructor(origin: string, sequence: number, data: Uint8Array<ArrayBuffer>) {
    this.origin = origin;
    this.sequence = sequence;
    this.data = data;
  }

  /** The payload as UTF-8; bytes that are not become U+FFFD. */
  get text(): string {
    return (this.#text ??= decoder.decode(this.data));
  }

  /** The payload as JSON, undefined when it is not JSON. */
  get json(): unknown {
    try {
      return JSON.parse(this.text);
    } catch {
      return undefined;
    }
  }
}

/** The values of a topic, by the ids of their owners and then by key. */
export type TopicState = ReadonlyMap<string, ReadonlyMap<string, TopicMessage>>;

/** The details of a topic's events. */
export interface TopicEvents {
  /** A message was published, by us or another peer. */
  message: TopicMessage;
  /** A value was set, taken back, or is over. */
  state: {
    /** The id of its owner, proved by signature. */
    origin: string;
    /** Its key. */
    key: string;
    /** What it is now; undefined when it is no more. */
    value: TopicMessage | undefined;
  };
}

/** How to set a value. */
export interface SetOptions {
  /**
   * How long it outlives its owner, in seconds: 30 … 86,400, default 300. While the owner is a
   * member it is said again to everyone after half of that.
   */
  lifetime_s?: number;
}

/** What a topic needs of its membrane. */
export interface TopicHost {
  publish(topic: string, payload: Uint8Array): void;
  set(topic: string, key: string, value: Uint8Array, lifetime_s: number): void;
}

/**
 * A name that everyone in the network may publish under and listen to. Each message is signed by
 * its origin and reaches every peer once; there is no order between peers. Our own messages are
 * delivered to us, too.
 *
 * Beside messages a topic has a state: values by key, each peer its own, that whoever joins later
 * has as well.
 *
 * @example
 * const chat = membrane.topic("chat");
 * chat.on("message", (message) => console.log(message.origin, message.json));
 * chat.publish("hello, everyone");
 * chat.set("mood", "cheerful");
 */
export class Topic extends Emitter<TopicEvents> implements AsyncIterable<TopicMessage> {
  /** As it was asked for: 1 … 64 bytes of UTF-8. */
  readonly name: string;
  /** Whether the application has it; others live as long as there are values. @internal */
  wanted = false;
  readonly #host: TopicHost;
  readonly #queues = new Set<AsyncQueue<TopicMessage>>();
  readonly #state = new Map<string, Map<string, TopicMessage>>();
  #ended = false;

  /** @internal */
  constructor(name: string, host: TopicHost) {
    super();
    this.name = name;
    this.#host = host;
  }

  /** Everyone's values, ours included. Live: it changes as they do. */
  get state(): TopicState {
    return this.#state;
  }

  /**
   * Publishes to everyone who is in the network now. Buffers and views travel as they are, anything
   * else as JSON in UTF-8 (a string, too, so that `json` gives it back).
   *
   * Throws `MembraneError`: `too-large` above 64 KiB, `busy` above 50 messages a second (200 in a
   * burst), `closed` after leaving, `invalid-argument` for a value without JSON.
   */
  publish(data: unknown): void {
    this.#host.publish(this.name, payloadOf(data, topicPayloadBytesMax));
  }

  /**
   * Sets our value of a key for everyone who is here or comes, until it is set again or we leave
   * and its lifetime is over. Encoded as in `publish`; undefined, or no bytes, takes it back.
   *
   * Throws `MembraneError`: `too-large` above 4 KiB, `busy` above 32 keys in all topics or 10
   * changes a second (128 in a burst), `closed` after leaving, `invalid-argument` for a key above
   * 64 bytes of UTF-8, a lifetime out of bounds or a value without JSON.
   */
  set(key: string, value: unknown, options: SetOptions = {}): void {
    checkOptions(options);
    const payload = value === undefined ? nothing : payloadOf(value, valueBytesMax);
    const lifetime_s = options.lifetime_s ?? lifetimeDefault_s;
    // What has no 32 bits becomes 0, which the core refuses, as all that is out of bounds.
    this.#host.set(this.name, key, payload, Math.abs(lifetime_s) < 2 ** 31 ? lifetime_s >>> 0 : 0);
  }

  /**
   * Every message from now on; ends when the membrane is closed. A loop that is 4,096 messages or
   * 16 MiB behind ends with a `MembraneError`, `busy`.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<TopicMessage> {
    const queue = new AsyncQueue<TopicMessage>(queuedMessagesMax, queuedBytesMax, () =>
      this.#queues.delete(queue),
    );
    if (this.#ended) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  /** @internal */
  deliver(message: TopicMessage): void {
    for (const queue of [...this.#queues]) queue.push(message, message.data.length);
    this.emit("message", message);
  }

  /** A value that was set; one without bytes is over. @internal */
  change(key: string, message: TopicMessage): void {
    const { origin } = message;
    const value = message.data.length > 0 ? message : undefined;
    const values = this.#state.get(origin) ?? new Map<string, TopicMessage>();
    if (value === undefined) values.delete(key);
    else values.set(key, value);
    if (values.size > 0) this.#state.set(origin, values);
    else this.#state.delete(origin);
    this.emit("state", { origin, key, value });
  }

  /** Every value is over for us: we have left. @internal */
  clear(): void {
    for (const [origin, values] of this.#state) {
      for (const key of values.keys()) this.change(key, new TopicMessage(origin, 0, nothing));
    }
  }

  /** @internal */
  end(): void {
    this.#ended = true;
    for (const queue of [...this.#queues]) queue.end();
  }
}

/** Checked here already, since the core cannot even be handed what does not fit into its memory. */
function payloadOf(data: unknown, bytesMax: number): Uint8Array {
  // A character is a byte at least, and browsers make no JSON of the longest strings.
  if (typeof data === "string") fitting(data, bytesMax);
  const raw = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
  return fitting(raw ? bytesOf(data) : encoder.encode(jsonOf(data)), bytesMax);
}

function jsonOf(data: unknown): string {
  try {
    // Undefined where there is none: reading from that throws, too.
    return JSON.stringify(data).valueOf();
  } catch (cause) {
    throw invalid("the value has no JSON", cause);
  }
}
