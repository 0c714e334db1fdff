/**
 * The text form of a peer id: base32 (RFC 4648 §6) of the 32-byte public key, lower case, without
 * padding, which makes 52 characters. There is exactly one text for each key: stray low bits in the
 * last character are refused.
 */

/** Bytes of a peer id. */
export const idBytes = 32;
/** Characters of a peer id's text form. */
export const idCharacters = 52;

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
/** The last character holds one bit of the key and four that are zero. */
const form = /^[a-z2-7]{51}[aq]$/;

/** The text form of a 32-byte id. */
export function idToText(id: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of id) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(held >>> (bits - 5)) & 31];
    held &= 0xff;
  }
  if (bits > 0) text += alphabet[(held << (5 - bits)) & 31];
  return text;
}

/** The 32 bytes of an id's text form, or undefined when it is not one. */
export function idFromText(text: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof text !== "string" || !form.test(text)) return undefined;
  const id = new Uint8Array(idBytes);
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const character of text) {
    held = ((held << 5) | alphabet.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      id[at++] = held >>> bits;
    }
  }
  return id;
}
