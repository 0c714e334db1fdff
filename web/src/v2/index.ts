/**
 * The classic script `membrane.v2.js`: defines every name of the v2 face as a global, and exports
 * the same names where there is a CommonJS `module`.
 */
import { Membrane } from "../index.js";
import { WorkerClock } from "../worker_clock.js";
import { createFace } from "./face.js";
import type { Page } from "./page.js";

declare const module: { exports?: unknown } | undefined;

const browser: Page = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    // Browsers slow the timers of hidden pages down, but not those of a worker.
    const hidden = globalThis.document?.hidden === true;
    const cancel = hidden ? WorkerClock.after(delayMs, callback) : undefined;
    if (cancel !== undefined) return cancel;
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  report: (message, error) =>
    console.error(`membrane: ${message}`, ...(error === undefined ? [] : [error])),
};

function documentRead(): Promise<void> {
  if (typeof document === "undefined" || document.readyState !== "loading")
    return Promise.resolve();
  return new Promise((resolve) =>
    document.addEventListener("DOMContentLoaded", () => resolve(), { once: true }),
  );
}

const face = createFace(
  { page: browser, join: (server, options) => Membrane.join(server, options), ready: documentRead },
  globalThis.location ?? { protocol: "", hostname: "" },
);

Object.assign(globalThis, face);
if (typeof module === "object" && module !== null && "exports" in module) {
  Object.assign(module, { exports: face });
}
