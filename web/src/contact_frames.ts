/**
 * What the first-contact server may say, checked: text frames, each a JSON array whose first
 * element names it, plain for room 0 and wrapped for the others. The server is not trusted more than anybody else; a frame that is not exactly
 * one of these is dropped.
 */

export type ServerFrame =
  | { kind: "welcome"; iceServers: RTCIceServer[]; heartbeat_s: number; rooms: number }
  | { kind: "request" | "offerCandidate"; ticket: number; text: string }
  | { kind: "answer" | "answerCandidate"; request: number; text: string }
  | { kind: "unresolved" | "failed"; request: number }
  | { kind: "heartbeat" }
  | { kind: "error"; reason: string };

/**
 * Longer frames are not even parsed: the longest rightful one carries a session description of 16
 * KiB.
 */
const frameCharactersMax = 128 * 1024;
/** More STUN and TURN servers only make gathering slow. */
const iceServersMax = 8;
const iceUrlsMax = 8;
/** A server's idea of its heartbeat is taken between these. */
const heartbeatMin_s = 1;
const heartbeatMax_s = 600;
const heartbeatDefault_s = 10;

/** What was said, and the number of the room that it concerns. */
export interface Heard {
  number: number;
  frame: ServerFrame;
}

/** Reads a frame; undefined for whatever is not one. */
export function parseServerFrame(data: unknown): Heard | undefined {
  if (typeof data !== "string" || data.length > frameCharactersMax) return undefined;
  let frame: unknown;
  try {
    frame = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (!Array.isArray(frame)) return undefined;
  const [kind, room, inner] = frame as unknown[];
  return kind === "room" ? heard(room, inner) : heard(0, frame);
}

function heard(number: unknown, message: unknown): Heard | undefined {
  if (!isNumber(number) || !Array.isArray(message)) return undefined;
  const frame = checked(message);
  return frame && { number, frame };
}

function checked(frame: unknown[]): ServerFrame | undefined {
  const [kind, first, second] = frame;
  switch (kind) {
    case "heartbeat":
      return { kind };
    case "welcome":
      return welcome(first);
    case "request":
    case "offerCandidate":
      return isNumber(first) && typeof second === "string"
        ? { kind, ticket: first, text: second }
        : undefined;
    case "answer":
    case "answerCandidate":
      return isNumber(first) && typeof second === "string"
        ? { kind, request: first, text: second }
        : undefined;
    case "unresolved":
    case "failed":
      return isNumber(first) ? { kind, request: first } : undefined;
    case "error":
      return { kind, reason: typeof first === "string" ? first.slice(0, 200) : "unknown" };
    default:
      return undefined;
  }
}

function welcome(value: unknown): ServerFrame {
  const fields = isRecord(value) ? value : {};
  const said = fields["heartbeat_s"];
  const seconds = typeof said === "number" && Number.isFinite(said) ? said : heartbeatDefault_s;
  const heartbeat_s = Math.min(Math.max(seconds, heartbeatMin_s), heartbeatMax_s);
  // A server that does not say knows no rooms but the one.
  const rooms = isNumber(fields["rooms"]) ? Math.max(fields["rooms"], 1) : 1;
  return { kind: "welcome", iceServers: iceServers(fields["iceServers"]), heartbeat_s, rooms };
}

function iceServers(value: unknown): RTCIceServer[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, iceServersMax).flatMap((entry) => iceServer(entry) ?? []);
}

/** One entry, rebuilt from what it may contain; undefined when a browser would refuse it. */
function iceServer(entry: unknown): RTCIceServer | undefined {
  if (!isRecord(entry)) return undefined;
  const given = typeof entry["urls"] === "string" ? [entry["urls"]] : entry["urls"];
  if (!Array.isArray(given)) return undefined;
  const urls = given.slice(0, iceUrlsMax).filter(isIceUrl);
  if (urls.length === 0) return undefined;
  const { username, credential } = entry;
  if (typeof username === "string" && typeof credential === "string")
    return { urls, username, credential };
  return urls.every((url) => url.startsWith("stun")) ? { urls } : undefined;
}

function isIceUrl(url: unknown): url is string {
  return typeof url === "string" && /^(stuns?|turns?):[^\s/?#]+(\?transport=(udp|tcp))?$/.test(url);
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
