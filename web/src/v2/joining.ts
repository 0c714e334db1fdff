import { acceptEveryone, displayName, type Config } from "./config.js";
import type { Page } from "./page.js";
import { reconnectMinMs, timerMaxMs } from "./limits.js";
import type { AcceptRequest, Join, JoinOptions, Network } from "./network.js";

/** Reasons for which another attempt would fail the same way. */
const hopeless = new Set(["aborted", "insecure-context", "unsupported", "invalid-argument"]);

/**
 * Joins the network that a configuration describes, and keeps trying every
 * `server.reconnectInterval` while no server answers; `onFailure` hears of each attempt that
 * failed. Rejects when trying again cannot help, or by `signal`.
 */
export async function joinByConfig(
  join: Join,
  config: Config,
  page: Page,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): Promise<Network> {
  for (;;) {
    try {
      return await join(serverAddress(config), joinOptions(config, page, signal));
    } catch (error) {
      if (signal.aborted || hopeless.has(String((error as { code?: unknown } | undefined)?.code)))
        throw error;
      onFailure(error);
    }
    await pause(page, reconnectDelayMs(config), signal);
  }
}

function serverAddress(config: Config): string {
  return String(config.server.initBindURL || config.server.reconnectURL);
}

/**
 * v3's options for a v2 configuration. `iceCandidatePoolSize` is left out: v2's 255 broke a third
 * of its attempts.
 */
export function joinOptions(config: Config, page: Page, signal: AbortSignal): JoinOptions {
  const { iceCandidatePoolSize: _unused, ...rtc } = config.rtc.ICEpresets;
  const { communication } = config;
  return {
    name: displayName(communication.publicAlias),
    network: String(communication.network),
    identity: communication.identity === "lasting" ? "lasting" : "ephemeral",
    rtc,
    signal,
    accept: (request) => accepts(config, page, request),
    acceptLinks: communication.connectionAcceptRejectFunction !== acceptEveryone,
  };
}

/** Asks the page's function as it is now; one that throws or rejects has said no. */
async function accepts(config: Config, page: Page, request: AcceptRequest): Promise<boolean> {
  try {
    const answer = await config.communication.connectionAcceptRejectFunction({
      sender: request.id,
      destination: config.communication.hiddenAlias,
      wantAuth: request.session,
      publicAlias: request.name,
    });
    return Boolean(answer);
  } catch (error) {
    page.report("connectionAcceptRejectFunction failed, so the request is refused", error);
    return false;
  }
}

function reconnectDelayMs(config: Config): number {
  const wanted = Number(config.server.reconnectInterval);
  return Number.isFinite(wanted)
    ? Math.min(Math.max(wanted, reconnectMinMs), timerMaxMs)
    : reconnectMinMs;
}

function pause(page: Page, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = page.after(delayMs, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    const stop = (): void => {
      cancel();
      reject(signal.reason);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
