/**
 * Reads the test vectors in crypto/vectors, which the native tests read too: records set apart by
 * blank lines, lines of `key = value`, comments that start with `#`. What is missing or malformed
 * throws.
 */
import ed25519Text from "../../../crypto/vectors/ed25519.txt";
import hpkeText from "../../../crypto/vectors/hpke.txt";
import lowOrderText from "../../../crypto/vectors/x25519_low_order.txt";
import type { Bytes } from "../../src/crypto/subtle.js";

export class Vector {
  readonly #fields: Map<string, string>;

  constructor(lines: string[]) {
    this.#fields = new Map(lines.map(field));
  }

  has(key: string): boolean {
    return this.#fields.has(key);
  }

  text(key: string): string {
    const value = this.#fields.get(key);
    if (value === undefined) throw new Error(`a vector lacks ${key}`);
    return value;
  }

  bytes(key: string): Bytes {
    return fromHex(this.text(key));
  }
}

export const ed25519Vectors = read(ed25519Text);
export const hpkeVectors = read(hpkeText);
export const lowOrderVectors = read(lowOrderText);

export function fromHex(hex: string): Bytes {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error(`not hexadecimal: ${hex}`);
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

export function fromText(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** A copy with one bit changed. */
export function flipped(bytes: Bytes, bit: number): Bytes {
  const changed = bytes.slice();
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}

function read(text: string): Vector[] {
  const records = text
    .split("\n\n")
    .map((record) => record.split("\n").filter((line) => line !== "" && !line.startsWith("#")))
    .filter((lines) => lines.length > 0);
  if (records.length === 0) throw new Error("no vectors");
  return records.map((lines) => new Vector(lines));
}

function field(line: string): [string, string] {
  const equals = line.indexOf("=");
  if (equals < 0) throw new Error(`neither a comment nor \`key = value\`: ${line}`);
  return [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
}
