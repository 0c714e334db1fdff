import { AsyncQueue } from "./async_queue.js";
import { Emitter } from "./emitter.js";
import { MembraneError } from "./error.js";
import { bytesOf } from "./outbox.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The largest payload of one message to a topic, in bytes; files belong in sessions. */
export const topicPayloadBytesMax = 64 * 1024;

/** Messages that wait for a loop's reader; more end the loop with a `busy` error. */
const queuedMessagesMax = 4096;
const queuedBytesMax = 16 * 1024 * 1024;

/** One message of a topic. Its text and value are decoded when first asked for. */
export class TopicMessage {
  /** The id of the peer who published it, proved by signature. */
  readonly origin: string;
  /** Counts up with each message that peer publishes, in whatever topic. */
  readonly sequence: number;
  /** The payload as it travelled. */
  readonly data: Uint8Array<ArrayBuffer>;
  #text: string | undefined;

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

/** The details of a topic's events. */
export interface TopicEvents {
  message: TopicMessage;
}

/**
 * A name that everyone in the network may publish under and listen to. Each message is signed by
 * its origin and reaches every peer once; there is no order between peers. Our own messages are
 * delivered to us, too.
 *
 * @example
 * const chat = membrane.topic("chat");
 * chat.on("message", (message) => console.log(message.origin, message.json));
 * chat.publish("hello, everyone");
 */
export class Topic extends Emitter<TopicEvents> implements AsyncIterable<TopicMessage> {
  readonly name: string;
  readonly #publish: (payload: Uint8Array) => void;
  readonly #queues = new Set<AsyncQueue<TopicMessage>>();
  #ended = false;

  /** @internal */
  constructor(name: string, publish: (payload: Uint8Array) => void) {
    super();
    this.name = name;
    this.#publish = publish;
  }

  /**
   * Publishes to everyone who is in the network now. Buffers and views travel as they are, anything
   * else as JSON in UTF-8 (a string, too, so that `json` gives it back).
   *
   * Throws `MembraneError`: `too-large` above 64 KiB, `busy` above 50 messages a second (200 in a
   * burst), `closed` after leaving, `invalid-argument` for a value without JSON.
   */
  publish(data: unknown): void {
    const payload = payloadOf(data);
    if (payload.length > topicPayloadBytesMax) {
      throw new MembraneError(
        "too-large",
        `a topic's message has at most ${topicPayloadBytesMax} bytes`,
      );
    }
    this.#publish(payload);
  }

  /** Every message from now on; ends when the membrane is closed. */
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

  /** @internal */
  end(): void {
    this.#ended = true;
    for (const queue of [...this.#queues]) queue.end();
  }
}

function payloadOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return bytesOf(data as BufferSource);
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch (cause) {
    throw new MembraneError("invalid-argument", "the value has no JSON", cause);
  }
  if (json === undefined) throw new MembraneError("invalid-argument", "the value has no JSON");
  return encoder.encode(json);
}
