/**
 * What the application hands in, checked before anything is done with it: whatever is of another
 * kind than the documentation says is `invalid-argument`, with the name of what is wrong.
 */
import { MembraneError } from "./error.js";
import { encoder } from "./utf8.js";

/** Of what kind an option is, in whichever call it stands. */
const kinds = {
  accept: "function",
  acceptLinks: "boolean",
  lifetime_s: "number",
  onProgress: "function",
  rtc: "object",
  session: "boolean",
  signal: "object",
  storage: "string",
};

/** Throws unless the options are an object and of their kinds. One that is null counts as left out. */
export function checkOptions(options: object): void {
  const given = Object(options) as Record<string, unknown> & { signal?: AbortSignal | null };
  if (given !== options) throw invalid("options must be an object");
  for (const [name, kind] of Object.entries(kinds)) {
    if ((given[name] ?? null) !== null && typeof given[name] !== kind)
      throw invalid(`${name} must be a ${kind}`);
  }
  // An AbortController is easily handed in for its signal.
  if (given.signal && !given.signal.addEventListener)
    throw invalid("signal must be an AbortSignal");
}

/** Throws unless it is a string of so many bytes of UTF-8. */
export function checkText(text: unknown, what: string, bytesMax: number, bytesMin = 0): void {
  const length = typeof text === "string" ? encoder.encode(text).length : Infinity;
  if (length < bytesMin || length > bytesMax)
    throw invalid(`the ${what} must be a string of ${bytesMin} to ${bytesMax} bytes`);
}

/** The same again. Throws `too-large` above so many bytes, or characters: a file has no such limit. */
export function fitting<Data extends { length: number }>(data: Data, bytesMax: number): Data {
  if (data.length <= bytesMax) return data;
  throw new MembraneError("too-large", `more than ${bytesMax} bytes: use sendFile`);
}

/** The bytes of a buffer or of any view onto one, not copied. */
export function bytesOf(data: unknown, what = "data"): Uint8Array<ArrayBuffer> {
  try {
    if (data instanceof ArrayBuffer) return new Uint8Array(data);
    const { buffer, byteOffset, byteLength } = data as ArrayBufferView<ArrayBuffer>;
    if (ArrayBuffer.isView(data)) return new Uint8Array(buffer, byteOffset, byteLength);
  } catch {
    // Nothing, or a buffer that was transferred elsewhere.
  }
  throw invalid(`${what} must be a buffer or a view, not transferred`);
}

export function invalid(message: string, cause?: unknown): MembraneError {
  return new MembraneError("invalid-argument", message, cause);
}
