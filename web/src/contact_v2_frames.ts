/**
 * What a first-contact server of v2 may say, checked; and session descriptions as v2 writes them:
 * JSON of type and SDP, in addresses as base64 on top.
 */

export type V2Frame =
  | { kind: "heartbeat" | "unresolved" | "failed" }
  | { kind: "answer"; description: string }
  | { kind: "request"; offer: string; ticket: number };

/** Longer frames are not even parsed: a description of v2 has some 64 KiB at most. */
const frameCharactersMax = 128 * 1024;

/** Reads a frame; undefined for whatever is not one. */
export function parseV2Frame(data: unknown): V2Frame | undefined {
  if (typeof data !== "string" || data.length > frameCharactersMax) return undefined;
  const frame = parseJson(data);
  if (!Array.isArray(frame)) return undefined;
  const [kind, first, second] = frame as unknown[];
  switch (kind) {
    case "heartbeat":
      return { kind };
    case "ERROR":
      return { kind: "failed" };
    case "provideSDP":
      if (first === "unresolved") return { kind: "unresolved" };
      return typeof first === "string" ? { kind: "answer", description: first } : undefined;
    case "requestSDP":
      return typeof first === "string" && Number.isSafeInteger(second) && (second as number) >= 0
        ? { kind: "request", offer: first, ticket: second as number }
        : undefined;
    default:
      return undefined;
  }
}

/** An offer as it stands in the address of `bind`. */
export function encodeDescription(sdp: string): string {
  return encodeURIComponent(btoa(JSON.stringify({ type: "offer", sdp })));
}

/** The SDP of a description's JSON. */
export function decodeDescription(description: string): string | undefined {
  const sdp = (parseJson(description) as { sdp?: unknown } | null | undefined)?.sdp;
  return typeof sdp === "string" ? sdp : undefined;
}

/** The SDP of an offer as a server hands it on: base64, perhaps still encoded as an address. */
export function offerFromAddress(offer: string): string | undefined {
  try {
    return decodeDescription(atob(decodeURIComponent(offer)));
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
