/**
 * Finds out how connections are and why some did not come up. Seldom needed, so it is a file of its
 * own that is fetched when it is.
 */
import type { CandidateCounts, ConnectionFailure, ConnectionReport } from "./failure.js";
import type { ConnectionPath } from "./stats.js";

/** What a failure means and what may help, in a sentence or two. */
export function why({ reason, ...report }: ConnectionFailure): string {
  switch (report.stage) {
    case "describing":
      return "The browser described no connection: too many are open, or WebRTC is switched off.";
    case "signalling":
      return reason === "refused" || reason === "busy" || reason === "full"
        ? "The other side did not want it, or had no room."
        : "The other side did not answer: it is gone, or no way through the network led there.";
    case "reaching":
      return whyUnreached(report);
    case "securing":
      return "The other side was reached, but no encryption agreed: something on the way changes or blocks DTLS.";
    case "opening":
      return "The connection came up, its channels did not: the other side gave up first.";
    case "proving":
      return `The other side did not prove that it is who it says, or another rule was broken: ${reason}.`;
  }
}

function whyUnreached({ localCandidates, remoteCandidates, ...report }: ConnectionReport): string {
  const none = (counts: CandidateCounts): boolean => Object.keys(counts).length === 0;
  if (none(localCandidates))
    return "This browser named no address: a policy or an extension hides them, or there is no network.";
  if (none(remoteCandidates)) return "The other side named no address.";
  const reachable = (counts: CandidateCounts): boolean => "srflx" in counts || "relay" in counts;
  if (!reachable(localCandidates))
    return report.iceServerErrors.length > 0
      ? "No STUN or TURN server answered this browser, so it knows its local addresses alone; see iceServerErrors."
      : "This browser knows its local addresses alone: name a STUN server in iceServers.";
  if (!reachable(remoteCandidates))
    return "The other side knows its local addresses alone: no STUN server answered it.";
  return "None of the addresses could be reached, as between two symmetric NATs: a TURN server in iceServers would help.";
}

/** The fields of RTCStats that are read here. */
interface Stat {
  readonly id: string;
  readonly type: string;
  readonly state?: string;
  readonly nominated?: boolean;
  readonly selected?: boolean;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly remoteCandidateId?: string;
  readonly candidateType?: string;
  readonly protocol?: string;
  readonly currentRoundTripTime?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
}

/** Empty once the connection is closed, or where the browser tells nothing. */
export async function pathOf(connection: RTCPeerConnection): Promise<ConnectionPath> {
  const stats = new Map<string, Stat>();
  try {
    (await connection.getStats()).forEach((stat: Stat) => stats.set(stat.id, stat));
  } catch {
    return {};
  }
  const all = [...stats.values()];
  const selectedId = all.find(({ type }) => type === "transport")?.selectedCandidatePairId ?? "";
  const pair =
    stats.get(selectedId) ??
    all.find(({ type, selected, nominated, state }) => {
      return type === "candidate-pair" && (selected ?? (nominated === true && state === "succeeded"));
    });
  if (pair === undefined) return {};
  const local = stats.get(pair.localCandidateId ?? "");
  const seconds = pair.currentRoundTripTime;
  const path = {
    local: local?.candidateType,
    remote: stats.get(pair.remoteCandidateId ?? "")?.candidateType,
    protocol: local?.protocol,
    roundTrip_ms: seconds === undefined ? undefined : seconds * 1_000,
    sent: pair.bytesSent,
    received: pair.bytesReceived,
  };
  const told = Object.entries(path).filter(([, value]) => value !== undefined);
  return Object.fromEntries(told) as ConnectionPath;
}
