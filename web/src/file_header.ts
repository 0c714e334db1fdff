/**
 * What two sessions tell each other about a file (docs/protocol.md, Files): its header, which
 * begins it, and the receipts that its reader answers with.
 */
import { checkText } from "./check.js";
import { MembraneError } from "./error.js";
import { fileNameBytesMax, fileTypeBytesMax } from "./pieces.js";
import { decoder } from "./utf8.js";
import { Reader, Writer } from "./wire.js";

/** A file's name without a path, and its media type, empty when it is not known. */
export interface FileHeader {
  readonly name: string;
  readonly type: string;
}

/** How far its reader is with a file of ours. */
export interface Receipt {
  /** The number of the file's message. */
  readonly file: number;
  /** Bytes taken; 0 when reading begins. */
  readonly taken: number;
  /** Nothing more is wanted of it. */
  readonly refused: boolean;
}

/** RFC 6838 §4.2, with parameters left out: they would not survive most of what reads them. */
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/;
/** What could lead out of a folder, hide a name's end, or break a line. */
const notInNames = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\:]/gu;

/** Throws `invalid-argument` for a name or a type that is too long. */
export function writeHeader({ name, type }: FileHeader): Uint8Array {
  checkText(name, "file's name", fileNameBytesMax);
  checkText(type, "file's type", fileTypeBytesMax);
  return new Writer().text(name).text(type).written.slice();
}

/** The header that a file's first piece is; undefined for anything else. What is odd in it is mended. */
export function readHeader(bytes: Uint8Array<ArrayBuffer>): FileHeader | undefined {
  return read(bytes, (reader) => {
    const name = reader.bytes();
    const type = reader.bytes();
    if (name.length > fileNameBytesMax || type.length > fileTypeBytesMax) return undefined;
    const text = (part: Uint8Array): string => decoder.decode(part);
    return { name: safeName(text(name)), type: mediaType.test(text(type)) ? text(type) : "" };
  });
}

export function writeReceipt({ file, taken, refused }: Receipt): Uint8Array {
  return new Writer().int(file).int(taken).flag(refused).written.slice();
}

/** Undefined for what is not a receipt. */
export function readReceipt(bytes: Uint8Array<ArrayBuffer>): Receipt | undefined {
  return read(bytes, (reader) => ({
    file: reader.int(),
    taken: reader.int(),
    refused: reader.flag(),
  }));
}

/** A name that is safe to save under: of one line, without a path, never empty or hidden. */
function safeName(name: string): string {
  const plain = name.replace(notInNames, "_").replace(/^[.\s]+/, "_").trim();
  return plain === "" ? "file" : plain;
}

/** What `parse` makes of all the bytes; undefined when they are too few or too many. */
function read<Value>(
  bytes: Uint8Array<ArrayBuffer>,
  parse: (reader: Reader) => Value | undefined,
): Value | undefined {
  const reader = new Reader(bytes);
  try {
    const value = parse(reader);
    return reader.done ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Why a file's promise rejects, when its reader wants no more of it. */
export function fileRefused(name: string): MembraneError {
  return new MembraneError("refused", `the other side did not take ${name}`);
}
