/** What `join` was given, checked and completed. */
import { checkOptions, checkText, invalid } from "./check.js";
import { subtle } from "./crypto/subtle.js";
import { MembraneError } from "./error.js";
import type { AcceptRequest, JoinOptions } from "./options.js";

export interface Settings {
  name: string;
  network: string;
  identity: NonNullable<JoinOptions["identity"]>;
  storage: string;
  signal: AbortSignal | undefined;
  rtc: RTCConfiguration;
  accept: (request: AcceptRequest) => boolean | Promise<boolean>;
  askLinks: boolean;
  timeout_ms: number;
  messageBytesMax: number;
  wasm: JoinOptions["wasm"];
}

/** As the core has them: bytes of UTF-8. */
const nameBytesMax = 64;
const networkBytesMax = 64;
const timeoutDefault_ms = 30_000;
const messageBytesMaxDefault = 256 * 1024 * 1024;

/**
 * Throws `invalid-argument`, and where the page cannot take part at all `insecure-context` or
 * `unsupported`.
 */
export function settingsFrom(options: JoinOptions): Settings {
  requirePlatform();
  checkOptions(options);
  checkName(options.name ?? "");
  const network = options.network ?? "membrane";
  checkText(network, "network's name", networkBytesMax, 1);
  return {
    name: options.name ?? "",
    network,
    identity: options.identity ?? "ephemeral",
    storage: options.storage ?? "membrane",
    signal: options.signal,
    rtc: {
      ...options.rtc,
      // Flattened, not spread: the browser refuses what is no server, with a better reason.
      iceServers: [options.iceServers ?? [], options.rtc?.iceServers ?? []].flat(),
    },
    accept: options.accept ?? (() => true),
    askLinks: options.acceptLinks ?? false,
    timeout_ms: positive(options.timeout_ms ?? timeoutDefault_ms, "timeout_ms"),
    messageBytesMax: positive(options.messageBytesMax ?? messageBytesMaxDefault, "messageBytesMax"),
    wasm: options.wasm,
  };
}

/** Throws `invalid-argument` for a display name that the network would not take. */
export function checkName(name: string): void {
  checkText(name, "name", nameBytesMax);
}

function positive(value: number, what: string): number {
  if (typeof value === "number" && value > 0) return value;
  throw invalid(`${what} must be a positive number`);
}

function requirePlatform(): void {
  subtle();
  for (const name of ["RTCPeerConnection", "WebSocket", "WebAssembly"] as const) {
    if (globalThis[name] === undefined)
      throw new MembraneError("unsupported", `this browser has no ${name}`);
  }
}
