/**
 * Hybrid public key encryption (RFC 9180): seals bytes so that one peer alone can open them.
 *
 * The suite is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM in base mode, single-shot: each
 * call uses one ephemeral key and encrypts one message. Sealed bytes say nothing of who sealed
 * them; what needs an origin is signed first. `info` names the use, `aad` what the bytes belong to;
 * both must be equal on both sides and neither travels.
 *
 * Names are those of RFC 9180 sections 4 and 5. WebCrypto's HKDF extracts and expands in one step,
 * which fits the two places where the RFC does both; the hash of `info` is HKDF-Extract alone,
 * that is an HMAC under a key of zeros.
 */
import { encoder } from "../utf8.js";
import { type Bytes, copyOf, subtle } from "./subtle.js";
import { agree, generateSealingKeyPair, type SealingKeyPair, sealingKeyBytes } from "./x25519.js";

/** What sealing adds: the ephemeral public key before the message, the tag of AES-GCM after it. */
export const sealingOverheadBytes = sealingKeyBytes + 16;

/** Limit on each of info, aad and plaintext, the same as native peers have. */
export const sealableBytesMax = 1 << 20;

/** An AEAD of RFC 9180 section 7.3. */
export interface Aead {
  readonly id: number;
  readonly keyBits: number;
}

const aes256Gcm: Aead = { id: 0x0002, keyBits: 256 };
const nonceBits = 96;
const empty = new Uint8Array(0);
const kemSuite = concat("KEM", [0x00, 0x20]);

/**
 * Seals `plaintext` to `recipient` (32 bytes): ephemeral public key, ciphertext, tag. Undefined when
 * the recipient's key has another length or is of low order, or when a part is too long. The
 * arguments may change once this returns its promise. Rejects with `insecure-context` or
 * `unsupported`.
 */
export async function seal(
  recipient: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Bytes | undefined> {
  if (recipient.length !== sealingKeyBytes || !fit(info, aad, plaintext)) return undefined;
  const own = [recipient, info, aad, plaintext].map(copyOf) as [Bytes, Bytes, Bytes, Bytes];
  return sealWith(aes256Gcm, await takeEphemeral(), ...own);
}

/**
 * Opens what was sealed to `recipient`; undefined for anything else. The arguments may change once
 * this returns its promise.
 */
export async function open(
  recipient: SealingKeyPair,
  info: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Promise<Bytes | undefined> {
  const message = sealed.subarray(sealingOverheadBytes);
  if (sealed.length < sealingOverheadBytes || !fit(info, aad, message)) return undefined;
  return openWith(aes256Gcm, recipient, copyOf(info), copyOf(aad), copyOf(sealed));
}

/** `seal` with a given AEAD and ephemeral key, which must never be used twice. */
export async function sealWith(
  aead: Aead,
  ephemeral: SealingKeyPair,
  recipient: Bytes,
  info: Bytes,
  aad: Bytes,
  plaintext: Bytes,
): Promise<Bytes | undefined> {
  const enc = ephemeral.publicKey;
  const dh = await agree(ephemeral.privateKey, recipient);
  if (dh === undefined) return undefined;
  const { key, nonce } = await scheduleKeys(aead, await sharedSecret(dh, enc, recipient), info);
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: aad };
  return concat(enc, new Uint8Array(await subtle().encrypt(algorithm, key, plaintext)));
}

/** `open` with a given AEAD. */
export async function openWith(
  aead: Aead,
  recipient: SealingKeyPair,
  info: Bytes,
  aad: Bytes,
  sealed: Bytes,
): Promise<Bytes | undefined> {
  const enc = sealed.slice(0, sealingKeyBytes);
  const dh = await agree(recipient.privateKey, enc);
  if (dh === undefined) return undefined;
  const secret = await sharedSecret(dh, enc, recipient.publicKey);
  const { key, nonce } = await scheduleKeys(aead, secret, info);
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: aad };
  try {
    const ciphertext = sealed.subarray(sealingKeyBytes);
    return new Uint8Array(await subtle().decrypt(algorithm, key, ciphertext));
  } catch {
    return undefined; // not authentic
  }
}

let spareEphemeral: Promise<SealingKeyPair> | undefined;

/** An ephemeral key pair for one use. One is made ahead, so that sealing need not wait for it. */
function takeEphemeral(): Promise<SealingKeyPair> {
  const taken = spareEphemeral ?? generateSealingKeyPair();
  const spare = generateSealingKeyPair();
  spareEphemeral = spare;
  spare.catch(() => {
    if (spareEphemeral === spare) spareEphemeral = undefined;
  });
  return taken;
}

/** ExtractAndExpand, section 4.1. */
export async function sharedSecret(dh: Bytes, enc: Bytes, recipient: Bytes): Promise<Bytes> {
  const input = labeledInput(kemSuite, "eae_prk", dh);
  const key = await subtle().importKey("raw", input, "HKDF", false, ["deriveBits"]);
  const info = labeledInfo(32, kemSuite, "shared_secret", concat(enc, recipient));
  return new Uint8Array(await subtle().deriveBits(hkdf(empty, info), key, 256));
}

/** KeySchedule, section 5.1, in base mode: the pre-shared key and its id are empty. */
async function scheduleKeys(
  aead: Aead,
  secret: Bytes,
  info: Bytes,
): Promise<{ key: CryptoKey; nonce: Bytes }> {
  const { suite, zeroKey, pskIdHash, emptyPsk } = await constantsOf(aead);
  const infoHash = await subtle().sign("HMAC", zeroKey, labeledInput(suite, "info_hash", info));
  const context = concat([0], pskIdHash, new Uint8Array(infoHash));
  const keyInfo = labeledInfo(aead.keyBits / 8, suite, "key", context);
  const nonceInfo = labeledInfo(nonceBits / 8, suite, "base_nonce", context);
  const algorithm = { name: "AES-GCM", length: aead.keyBits };
  const uses: KeyUsage[] = ["encrypt", "decrypt"];
  const [key, nonce] = await Promise.all([
    subtle().deriveKey(hkdf(secret, keyInfo), emptyPsk, algorithm, false, uses),
    subtle().deriveBits(hkdf(secret, nonceInfo), emptyPsk, nonceBits),
  ]);
  return { key, nonce: new Uint8Array(nonce) };
}

/** What the key schedule of every message has in common. */
interface Constants {
  readonly suite: Bytes;
  readonly zeroKey: CryptoKey;
  readonly pskIdHash: Bytes;
  readonly emptyPsk: CryptoKey;
}

/** One entry for each AEAD that was used, of which there is one outside tests. */
const constants = new Map<number, Promise<Constants>>();

function constantsOf(aead: Aead): Promise<Constants> {
  const made = constants.get(aead.id) ?? makeConstants(aead);
  constants.set(aead.id, made);
  return made;
}

async function makeConstants(aead: Aead): Promise<Constants> {
  const suite = concat("HPKE", [0x00, 0x20, 0x00, 0x01, aead.id >> 8, aead.id & 0xff]);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const zeroKey = await subtle().importKey("raw", new Uint8Array(32), hmac, false, ["sign"]);
  const pskIdHash = await subtle().sign("HMAC", zeroKey, labeledInput(suite, "psk_id_hash", empty));
  const emptyPsk = await subtle().importKey(
    "raw",
    labeledInput(suite, "secret", empty),
    "HKDF",
    false,
    ["deriveBits", "deriveKey"],
  );
  return { suite, zeroKey, pskIdHash: new Uint8Array(pskIdHash), emptyPsk };
}

function hkdf(salt: Bytes, info: Bytes): HkdfParams {
  return { name: "HKDF", hash: "SHA-256", salt, info };
}

/** The input of LabeledExtract, section 4. */
function labeledInput(suite: Bytes, label: string, input: Bytes): Bytes {
  return concat("HPKE-v1", suite, label, input);
}

/** The info of LabeledExpand, section 4. */
function labeledInfo(length: number, suite: Bytes, label: string, info: Bytes): Bytes {
  return concat([length >> 8, length & 0xff], "HPKE-v1", suite, label, info);
}

/** Everything one after the other; texts are ASCII. */
function concat(...parts: (string | number[] | Bytes)[]): Bytes {
  const arrays = parts.map((part) =>
    typeof part === "string" ? encoder.encode(part) : part,
  );
  const whole = new Uint8Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}

function fit(...parts: Uint8Array[]): boolean {
  return parts.every((part) => part.length <= sealableBytesMax);
}
