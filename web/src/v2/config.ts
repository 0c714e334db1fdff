import { displayNameBytesMax } from "./limits.js";
import type { Page } from "./page.js";

const encoder = new TextEncoder();

/** Asked for each incoming connection and each request for authentication; see docs/v2.md. */
export type ConnectionAcceptRejectFunction = (request: ConnectionRequest) => unknown;

/** What `connectionAcceptRejectFunction` is asked. */
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
  /** WebRTC. */
  rtc: {
    /** Handed to each `RTCPeerConnection`, except `iceCandidatePoolSize`. */
    ICEpresets: RTCConfiguration;
    /** Kept, without effect. */
    ICEGatheringMaxDelay: number;
    /** Kept, without effect. */
    defaultChannelLabel: string;
    /** Kept, without effect. */
    channelOptions: RTCDataChannelInit;
    /** Kept, without effect. */
    binaryType: string;
  };
  /** Who we are and how we speak. */
  communication: {
    /** Milliseconds between two messages of a gossip type. */
    gossipInterval: number;
    /** Our display name, cut to 64 bytes of UTF-8; setting it later renames us. */
    publicAlias: string;
    /** Our peer id, once `init` has resolved; cannot be chosen. */
    hiddenAlias: string;
    /** Kept, without effect. */
    mapImportTimeout: number;
    /** Milliseconds that `makeConnection` takes at most. */
    connectionTimeout: number;
    /** Asked before a connection or session is accepted. */
    connectionAcceptRejectFunction: ConnectionAcceptRejectFunction;
    /** Whether our key, and so our alias, ends with the page or is kept in this browser. */
    identity: "ephemeral" | "lasting";
    /** Only peers of the same network meet. */
    network: string;
  };
  /** The first-contact server. */
  server: ServerConfig;
  /** The same object as `server`: v2's own README wrote it this way. */
  serverLink: ServerConfig;
}

/** Where the first-contact server is. */
export interface ServerConfig {
  /** Its address for newcomers. */
  initBindURL: string;
  /** Its address for members; used when `initBindURL` is empty. */
  reconnectURL: string;
  /** Milliseconds between two attempts to join, at least 500. */
  reconnectInterval: number;
  /** Kept, without effect. */
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
