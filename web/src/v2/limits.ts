/**
 * Every bound of the v2 face in one place, each with its reason and with what happens when it is
 * reached.
 */
import { topicPayloadBytesMax } from "../topic.js";

/** Bytes of our display name, what the core takes; v2 knew no limit. A longer one is cut. */
export const displayNameBytesMax = 64;

/**
 * Peers in `networkMap`: twice the core's whole map, so that local additions fit. More:
 * `RangeError`.
 */
export const mapNodesMax = 8192;

/**
 * Edges in `networkMap`: the core's cap of some 20 links a peer, halved since an edge has two ends.
 * `RangeError`.
 */
export const mapEdgesMax = 131_072;

/**
 * Sources whose routes are remembered at once; the oldest is computed anew. 16 × 8,192 entries are
 * about 12 MiB.
 */
export const routeSourcesMax = 16;

/**
 * Callbacks and promises waiting in the event handler; more is a leak of the page's own.
 * `RangeError`.
 */
export const listenersMax = 4096;

/** What `acquireExpectedDispatch` waits for when the caller names no time. */
export const expectationDefaultMs = 10_000;

/**
 * The longest timer browsers keep; they treat longer ones as zero. Longer times are cut down to it.
 */
export const timerMaxMs = 0x7fff_ffff;

/** Bytes of a gossip type's name: a topic's 64 less the three of `v2:`. More: `RangeError`. */
export const typeNameBytesMax = 61;

/** Gossip types and parsers a page may have: each holds a memory of facts. More: `RangeError`. */
export const gossipTypesMax = 256;

/**
 * Bytes of gossip in one message, what a topic takes. A larger fact: `RangeError`; larger things go
 * by session.
 */
export const gossipMessageBytesMax = topicPayloadBytesMax;

/**
 * Facts of one type that wait to leave (before the join, or when the core is busy). More:
 * `RangeError`.
 */
export const gossipQueuedFactsMax = 1024;

/** Bytes of those facts together. More: `RangeError`. */
export const gossipQueuedBytesMax = 1024 * 1024;

/** How long a message waits after the core said that it is busy. */
export const gossipRetryMs = 250;

/** Facts of one type remembered as known; the oldest is forgotten (v2's list never shrank). */
export const knownFactsMax = 8192;

/**
 * Characters of those memories together: facts may be as large as a message. The oldest are
 * forgotten.
 */
export const knownCharactersMax = 4 * 1024 * 1024;

/**
 * Messages from one peer that wait for the first `onConsumable`. Later ones are dropped and
 * reported.
 */
export const consumablesWaitingMax = 256;

/** Characters of those messages together; a single message of any size always waits. */
export const consumableCharactersMax = 8 * 1024 * 1024;

/**
 * The shortest time between two attempts to join; a smaller `server.reconnectInterval` is raised to
 * it.
 */
export const reconnectMinMs = 500;
