/** Whole membranes over the real core in one process: the browser's parts are fakes in memory. */
import { readFileSync } from "node:fs";
import { type JoinOptions, Membrane } from "../src/index.js";
import { FakePeerConnection } from "./fake_rtc.js";
import { FakeServer } from "./fake_server.js";

/** From the place where tests are bundled to and run: web/dist/test/test. */
const core = new URL("../../../../build/wasm/wasm/membrane.wasm", import.meta.url);

export const coreModule = new WebAssembly.Module(readFileSync(core));

/** How long anything may take before a test fails. */
const patience_ms = 10_000;

export class Network {
  readonly server = new FakeServer();
  readonly members: Membrane[] = [];

  constructor() {
    Object.assign(globalThis, {
      RTCPeerConnection: FakePeerConnection,
      WebSocket: this.server.socketClass,
    });
  }

  async join(name: string, options: JoinOptions = {}): Promise<Membrane> {
    const membrane = await Membrane.join("ws://fake", { name, wasm: coreModule, ...options });
    this.members.push(membrane);
    return membrane;
  }

  /** Ends everyone. */
  async end(): Promise<void> {
    await Promise.all(this.members.splice(0).map((membrane) => membrane.close()));
  }
}

/** Waits until it holds, looking after each event of these types; fails when it takes too long. */
export function until(target: EventTarget, types: string[], holds: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const done = (finish: () => void): void => {
      clearTimeout(timer);
      controller.abort();
      finish();
    };
    const look = (): void => {
      if (holds()) done(resolve);
    };
    const late = new Error(`still waiting after ${types.join(", ")}: ${holds}`);
    const timer = setTimeout(() => done(() => reject(late)), patience_ms);
    for (const type of types) target.addEventListener(type, look, { signal: controller.signal });
    look();
  });
}

/** Waits until it holds, asking again and again: for what no event tells. */
export async function eventually(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + patience_ms;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`still waiting: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
