/**
 * A dedicated worker that does nothing but keep time for all timers of the page. Started when first
 * needed, kept until the page ends.
 */

const source = `onmessage = ({ data: [id, delay] }) => setTimeout(postMessage, delay, id);`;

let worker: Worker | undefined;
let forbidden = false;
let nextId = 0;
const waiting = new Map<number, () => void>();

function start(): Worker | undefined {
  if (worker !== undefined || forbidden || typeof Worker === "undefined") return worker;
  try {
    worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  } catch {
    forbidden = true;
    return undefined;
  }
  worker.onmessage = ({ data }: MessageEvent<number>) => finish(data);
  worker.onerror = (event) => {
    event.preventDefault();
    worker = undefined;
    forbidden = true;
    for (const id of [...waiting.keys()]) finish(id);
  };
  return worker;
}

function finish(id: number): void {
  const callback = waiting.get(id);
  waiting.delete(id);
  callback?.();
}

export const WorkerClock = {
  /**
   * Calls back once after the delay, or early when the worker turns out to be forbidden. Gives the
   * function that cancels it; undefined when there is no worker.
   */
  after(delay_ms: number, callback: () => void): (() => void) | undefined {
    const clock = start();
    if (clock === undefined) return undefined;
    const id = nextId++;
    waiting.set(id, callback);
    clock.postMessage([id, delay_ms]);
    return () => void waiting.delete(id);
  },
};
