/**
 * Membrane: one living peer-to-peer network of browser tabs and native peers.
 *
 * @module membrane
 */
export { Identity } from "./crypto/identity.js";
export { MembraneError, type MembraneErrorCode } from "./error.js";
export type { MembraneEvents, MembraneState } from "./events.js";
export { IncomingFile, type IncomingFileEvents } from "./incoming_file.js";
export type {
  CandidateCounts,
  ConnectionFailure,
  ConnectionReport,
  ConnectionStage,
  IceServerError,
} from "./failure.js";
export type { Link } from "./link.js";
export type { TrackDetail } from "./media.js";
export { Membrane } from "./membrane.js";
export type {
  AcceptRequest,
  ConnectOptions,
  JoinOptions,
  SendFileOptions,
  SendOptions,
} from "./options.js";
export { NetworkMap, type NetworkMapEvents, type Peer } from "./peers.js";
export { Session, type SessionEvents } from "./session.js";
export type { ConnectionPath, ExplainedFailure, SessionStats, Stats } from "./stats.js";
export {
  type SetOptions,
  Topic,
  type TopicEvents,
  TopicMessage,
  topicPayloadBytesMax,
  type TopicState,
} from "./topic.js";
