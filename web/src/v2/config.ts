import { displayNameBytesMax } from "./limits.js";
import type { Page } from "./page.js";

const encoder = new TextEncoder();

/** Asked for each incoming connection and each request for authentication; see docs/v2.md. */
export type ConnectionAcceptRejectFunction = (request: ConnectionRequest) => unknown;

/** What it is asked. */
export interface ConnectionRequest {
  /** Hidden alias of who asks. */
  sender: string;
  /** Our own hidden alias. */
  destination: string;
  /** True for authentication, false for a mere link. */
  wantAuth: boolean;
  /** Display name of who asks; it proves nothing. */
  publicAlias: string;
}

/**
 * v2's configuration, with two leaves of our own: `communication.identity` and
 * `communication.network`.
 */
export interface Config {
  rtc: {
    ICEpresets: RTCConfiguration;
    ICEGatheringMaxDelay: number;
    defaultChannelLabel: string;
    channelOptions: RTCDataChannelInit;
    binaryType: string;
  };
  communication: {
    gossipInterval: number;
    publicAlias: string;
    hiddenAlias: string;
    mapImportTimeout: number;
    connectionTimeout: number;
    connectionAcceptRejectFunction: ConnectionAcceptRejectFunction;
    identity: "ephemeral" | "lasting";
    network: string;
  };
  server: ServerConfig;
  /** The same object as `server`: v2's own README wrote it this way. */
  serverLink: ServerConfig;
}

export interface ServerConfig {
  initBindURL: string;
  reconnectURL: string;
  reconnectInterval: number;
  serverHeartbeatTimeout: number;
}

/** The default answer; whether it was replaced decides if incoming links are asked about, too. */
export const acceptEveryone: ConnectionAcceptRejectFunction = async () => true;

/** Names that lead from an object to what all objects share; a path may not pass through them. */
const forbidden = new Set(["__proto__", "constructor", "prototype"]);

/**
 * The defaults. The first-contact server is the page's own host on port 8777, over TLS when the
 * page is; there are no STUN or TURN servers in them, since those would be someone else's and would
 * learn each visitor's address.
 */
export function defaultConfig(page: { protocol: string; hostname: string }): Config {
  const scheme = page.protocol === "https:" ? "wss" : "ws";
  const base = page.hostname === "" ? "" : `${scheme}://${page.hostname}:8777`;
  const server: ServerConfig = {
    initBindURL: base && `${base}/bind?originatingSDP=*`,
    reconnectURL: base && `${base}/reconnect`,
    reconnectInterval: 5000,
    serverHeartbeatTimeout: 20_000,
  };
  return {
    rtc: {
      ICEpresets: { iceServers: [] },
      ICEGatheringMaxDelay: 10_000,
      defaultChannelLabel: "channel",
      channelOptions: { negotiated: true, id: 0, ordered: true },
      binaryType: "arraybuffer",
    },
    communication: {
      gossipInterval: 100,
      publicAlias: "",
      hiddenAlias: "",
      mapImportTimeout: 10_000,
      connectionTimeout: 60_000,
      connectionAcceptRejectFunction: acceptEveryone,
      identity: "ephemeral",
      network: "membrane",
    },
    server,
    serverLink: server,
  };
}

/**
 * Replaces leaves of `config` by dotted path. A path whose parent does not exist is reported and
 * ignored, and so is one that names a whole section, or leads through `__proto__` and its like: a
 * configuration that came from outside cannot reach other objects.
 */
export function applyPaths(config: Config, paths: unknown, page: Page): void {
  if (paths === undefined || paths === null) return;
  if (typeof paths !== "object")
    throw new TypeError("a configuration is an object of dotted paths");
  for (const [path, value] of Object.entries(paths)) {
    if (!applyPath(config, path.split("."), value))
      page.report(`the configuration has no "${path}"`);
  }
}

function applyPath(config: object, steps: string[], value: unknown): boolean {
  const leaf = steps.pop() as string;
  if (steps.length === 0 || forbidden.has(leaf)) return false;
  let parent = config as Record<string, unknown>;
  for (const step of steps) {
    const next = Object.hasOwn(parent, step) ? parent[step] : undefined;
    if (typeof next !== "object" || next === null) return false;
    parent = next as Record<string, unknown>;
  }
  parent[leaf] = value;
  return true;
}

/** The display name for whatever the configuration says, cut to what the core takes. */
export function displayName(value: unknown): string {
  const name = String(value);
  return name.slice(0, encoder.encodeInto(name, new Uint8Array(displayNameBytesMax)).read);
}
