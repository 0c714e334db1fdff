/**
 * What the v2 face uses of the v3 `Membrane`, as types: the class fits them, and so does the small
 * fake of the tests.
 */
import type { AcceptRequest, JoinOptions } from "../options.js";

export type { AcceptRequest, JoinOptions };

interface Emits<Events> {
  on<Type extends keyof Events>(type: Type, listener: (detail: Events[Type]) => void): () => void;
}

export interface NetworkTopicMessage {
  readonly origin: string;
  readonly json: unknown;
}

export interface NetworkTopic extends Emits<{ message: NetworkTopicMessage }> {
  publish(data: unknown): void;
}

export interface NetworkSession extends Emits<{ message: { data: string | Uint8Array } }> {
  readonly id: string;
  send(data: string): Promise<void>;
  close(): void;
}

export interface NetworkLink {
  readonly id: string;
  readonly connection: RTCPeerConnection;
  readonly application: RTCDataChannel;
}

export interface NetworkEvents {
  state: { state: string };
  "peer-added": { id: string; name: string };
  "peer-removed": { id: string };
  "peer-renamed": { id: string; name: string };
  "edge-added": { a: string; b: string };
  "edge-removed": { a: string; b: string };
  "link-up": { id: string };
  "link-down": { id: string; reason: string };
  session: { session: NetworkSession };
  "session-closed": { id: string; reason: string };
  server: { up: boolean; error?: unknown };
}

export interface Network extends Emits<NetworkEvents> {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly peers: ReadonlyMap<string, { readonly id: string; readonly name: string }>;
  readonly links: ReadonlyMap<string, NetworkLink>;
  readonly sessions: ReadonlyMap<string, NetworkSession>;
  edges(): Iterable<[string, string]>;
  neighbors(id: string): ReadonlySet<string>;
  connect(id: string, options: { session: boolean; signal: AbortSignal }): Promise<unknown>;
  disconnect(id: string): void;
  rename(name: string): void;
  topic(name: string): NetworkTopic;
  close(): Promise<void>;
}

/** `Membrane.join`. */
export type Join = (server: string, options: JoinOptions) => Promise<Network>;
