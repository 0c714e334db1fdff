/**
 * The protocol core in WebAssembly and its calling contract: feed one input, take outputs until
 * there are none, arm one timer.
 *
 * What always holds: the core is never entered while its outputs are being carried out; inputs that
 * arise then wait in line. Work for the host (sending above all) is carried out before any event
 * reaches the application, and the application's listeners run while no output is half done, so
 * they may call anything.
 */
import { type Configuration, encodeConfiguration, eventKindMin } from "./abi.js";
import type { Clock } from "./clock.js";
import { decoder } from "./utf8.js";
import { Reader } from "./wire.js";

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  membrane_alloc(size: number): number;
  membrane_free(pointer: number): void;
  membrane_create(pointer: number, size: number, now: number): number;
  membrane_destroy(node: number): void;
  membrane_input(node: number, now: number, pointer: number, size: number): number;
  membrane_output(node: number): number;
  membrane_output_data(node: number): number;
  membrane_next_timeout(node: number): number;
  membrane_counters(node: number): number;
  membrane_error_text(code: number): number;
}

export interface CoreHooks {
  /** Work for the host, at once. */
  work(kind: number, fields: Reader): void;
  /**
   * The machine slept; called before what is fed is taken. Listeners hear of it, and may destroy
   * the core.
   */
  woke(): void;
  /** News for the application, after all work. */
  event(kind: number, fields: Reader): void;
  /** When to call `tick` at the latest: Unix milliseconds or infinity. */
  deadline(at: number): void;
  /** The core cannot go on: it ran out of memory or met a defect. It is not entered again. */
  failed(error: unknown): void;
}

/** Room for inputs that is kept, in bytes: above all that data channels bring in regular use. */
const inputBytesKept = 32 * 1024;

export class Core {
  readonly #exports: Exports;
  readonly #clock: Clock;
  readonly #hooks: CoreHooks;
  readonly #inputs: Uint8Array[] = [];
  readonly #events: Reader[] = [];
  readonly #inputAt: number;
  #node: number;
  #draining = false;
  #dispatching = false;

  /**
   * Instantiates the module and makes a node; rejects when the module is not the core or refuses
   * the values.
   */
  static async create(
    module: WebAssembly.Module,
    configuration: Configuration,
    clock: Clock,
    hooks: CoreHooks,
  ): Promise<Core> {
    const instance = await WebAssembly.instantiate(module, {
      env: { emscripten_notify_memory_growth: () => undefined },
      wasi_snapshot_preview1: {
        proc_exit: (code: number) => {
          throw new Error(`the core gave up (${code})`);
        },
      },
    });
    return new Core(instance.exports as unknown as Exports, configuration, clock, hooks);
  }

  private constructor(
    exports: Exports,
    configuration: Configuration,
    clock: Clock,
    hooks: CoreHooks,
  ) {
    this.#exports = exports;
    this.#clock = clock;
    this.#hooks = hooks;
    exports._initialize();
    this.#inputAt = exports.membrane_alloc(inputBytesKept);
    const bytes = encodeConfiguration(configuration);
    this.#put(this.#inputAt, bytes);
    this.#node = exports.membrane_create(this.#inputAt, bytes.length, clock.now());
    if (this.#node === 0) throw new Error("the core refused its configuration");
  }

  /**
   * Feeds one input and carries out what follows. Gives 0, or the code of the error in the input; 0
   * also for one that has to wait because an output is being carried out just now.
   */
  feed(input: Uint8Array): number {
    if (!this.#draining && this.#node !== 0) this.#noticeSleep();
    if (this.#node === 0) return 0;
    this.#inputs.push(input);
    if (this.#draining) return 0;
    const code = this.#drain();
    this.#dispatch();
    return code;
  }

  /** The phrase for an error code. */
  errorText(code: number): string {
    const at = this.#exports.membrane_error_text(code);
    const bytes = new Uint8Array(this.#exports.memory.buffer);
    return decoder.decode(bytes.slice(at, bytes.indexOf(0, at)));
  }

  counters(): Record<string, number> {
    const counters: Record<string, number> = {};
    if (this.#node === 0) return counters;
    const fields = this.#outputOf(this.#exports.membrane_counters(this.#node));
    while (!fields.done) counters[fields.text()] = fields.int();
    return counters;
  }

  /** Frees everything; events not yet dispatched are dropped. */
  destroy(): void {
    this.#inputs.length = 0;
    this.#events.length = 0;
    if (this.#node === 0) return;
    const node = this.#node;
    this.#node = 0;
    if (!this.#draining) this.#exports.membrane_destroy(node);
  }

  #noticeSleep(): void {
    this.#clock.now();
    if (this.#clock.takeJump()) this.#hooks.woke();
  }

  /** Works off the inputs that wait; gives the code of the first. */
  #drain(): number {
    let first: number | undefined;
    this.#draining = true;
    try {
      for (
        let next = this.#inputs.shift();
        next !== undefined && this.#node !== 0;
        next = this.#inputs.shift()
      ) {
        const code = this.#step(next);
        first ??= code;
      }
      if (this.#node !== 0) this.#hooks.deadline(this.#exports.membrane_next_timeout(this.#node));
    } catch (error) {
      this.#node = 0;
      this.#hooks.failed(error);
    } finally {
      this.#draining = false;
    }
    return first ?? 0;
  }

  #step(input: Uint8Array): number {
    const exports = this.#exports;
    const now = this.#clock.now();
    const kept = input.length <= inputBytesKept;
    const at = kept ? this.#inputAt : exports.membrane_alloc(input.length);
    if (at === 0) throw new Error("the core ran out of memory");
    this.#put(at, input);
    const code = exports.membrane_input(this.#node, now, at, input.length);
    if (!kept) exports.membrane_free(at);
    for (
      let size = exports.membrane_output(this.#node);
      size > 0;
      size = exports.membrane_output(this.#node)
    ) {
      this.#output(this.#outputOf(size));
      if (this.#node === 0) break;
    }
    return code;
  }

  #output(fields: Reader): void {
    const kind = fields.peek();
    if (kind >= eventKindMin) this.#events.push(fields);
    else this.#hooks.work(fields.int(), fields);
  }

  #outputOf(size: number): Reader {
    const at = this.#exports.membrane_output_data(this.#node);
    return new Reader(new Uint8Array(this.#exports.memory.buffer.slice(at, at + size)));
  }

  #put(at: number, bytes: Uint8Array): void {
    new Uint8Array(this.#exports.memory.buffer).set(bytes, at);
  }

  #dispatch(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        this.#hooks.event(next.int(), next);
      }
    } finally {
      this.#dispatching = false;
    }
  }
}
