/**
 * The vocabulary between host and core: the kinds of `wasm/README.md`, and the inputs with more
 * than one field put into bytes. Outputs are read field by field where they are carried out.
 */
import { Writer } from "./wire.js";

export const enum Input {
  contactOpened = 1,
  contactClosed = 2,
  contactRequest = 3,
  contactRequestCandidate = 4,
  contactAnswer = 5,
  contactAnswerCandidate = 6,
  contactUnresolved = 7,
  contactFailed = 8,
  localDescription = 10,
  localCandidate = 11,
  linkOpened = 12,
  linkReceived = 13,
  linkClosed = 14,
  signed = 20,
  verified = 21,
  sealed = 22,
  opened = 23,
  connect = 30,
  answer = 31,
  closeSession = 32,
  disconnect = 33,
  publish = 34,
  sessionWrite = 35,
  rename = 36,
  leave = 37,
  resume = 38,
  tick = 39,
  find = 40,
  setState = 41,
}

export const enum Output {
  openConnection = 1,
  acceptOffer = 2,
  applyAnswer = 3,
  addCandidate = 4,
  closeConnection = 5,
  send = 6,
  contactOffer = 10,
  contactOfferCandidate = 11,
  contactAnswer = 12,
  contactAnswerCandidate = 13,
  contactRefuse = 14,
  contactReport = 15,
  contactDone = 16,
  contactReady = 17,
  sign = 20,
  verify = 21,
  seal = 22,
  open = 23,
  state = 30,
  peerAdded = 31,
  peerRemoved = 32,
  peerRenamed = 33,
  edgeAdded = 34,
  edgeRemoved = 35,
  linkUp = 36,
  linkDown = 37,
  asked = 38,
  connected = 39,
  connectFailed = 40,
  sessionOpened = 41,
  sessionClosed = 42,
  sessionWritable = 43,
  message = 44,
  sessionData = 45,
  found = 46,
  findFailed = 47,
  stateValue = 48,
}

/** From here on outputs are events for the application; below they are work for the host. */
export const eventKindMin = 30;

/** Raw sizes of what travels without a length. */
export const keyBytes = 32;
export const signatureBytes = 64;

/** Begins an input of this kind. */
export function input(kind: number, sizeExpected = 64): Writer {
  return new Writer(sizeExpected).int(kind);
}

/** The configuration that `membrane_create` takes. */
export interface Configuration {
  id: Uint8Array;
  sealingKey: Uint8Array;
  name: string;
  network: string;
  /** 32 random bytes. */
  seed: Uint8Array;
  /** Ask the application before each incoming link. */
  askLinks: boolean;
}

export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const { id, sealingKey, name, network, seed, askLinks } = configuration;
  return new Writer(256)
    .raw(id)
    .raw(sealingKey)
    .text(name)
    .text(network)
    .raw(seed)
    .int(askLinks ? 1 : 0).written;
}
