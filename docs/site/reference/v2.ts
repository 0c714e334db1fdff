/**
 * The globals of version 2, for pages written for Membrane 2: `Face` has them all. A classic script
 * defines them; `import` and `require` of `membrane/v2` give the same names.
 *
 * @module membrane/v2
 */
export type {
  Config,
  ConnectionAcceptRejectFunction,
  ConnectionRequest,
  ServerConfig,
} from "../../../web/src/v2/config.js";
export type { EventHandler, Receipt } from "../../../web/src/v2/event_handler.js";
export type { Face } from "../../../web/src/v2/face.js";
export type { GossipTransport, GossipType, Parser } from "../../../web/src/v2/gossip_transport.js";
export type { Fact } from "../../../web/src/v2/known_facts.js";
export type { ConfigLoadFunction } from "../../../web/src/v2/membership.js";
export type { MapList, MapNode, MapUpdate, NetworkMap } from "../../../web/src/v2/network_map.js";
export type { PeerConnection } from "../../../web/src/v2/peer_connection.js";
