/** What went wrong, for whoever sits before it. */
import { MembraneError, type Session } from "membrane";

export const endedBefore = "The talk ended before it arrived.";
export const mayHaveArrived = "It may not have arrived: this page was closed before they said so.";
export const weEnded = "You ended it.";
export const theyEnded = "They ended it.";
export const opening = "Opening …";
export const noLongerWaits = "They no longer wait.";

/** They left; any other end that nobody announced was an accident. */
export const leaving: ReadonlySet<string> = new Set(["goodbye", "left the network"]);

export function inWords(error: unknown): string {
  if (!(error instanceof MembraneError)) return String(error);
  switch (error.code) {
    case "server-unreachable":
      return "The first-contact server does not answer. Is its address right?";
    case "refused":
      return "They declined.";
    case "unreachable":
      return "No way leads there: they are gone, or about to be.";
    case "timed-out":
    case "aborted":
      return "No answer in time.";
    case "closed":
      return endedBefore;
    case "insecure-context":
    case "unsupported":
    case "invalid-argument":
    case "too-large":
    case "busy":
      return error.message;
  }
}

/** Why a file did not get there: `cancelled` by the user, or by what became of its session. */
export async function fileInWords(
  error: unknown,
  session: Session | undefined,
  cancelled: boolean,
): Promise<string> {
  if (cancelled) return "You cancelled.";
  if (!(error instanceof MembraneError)) return String(error);
  if (error.code === "aborted") return "They cancelled.";
  if (error.code !== "closed") return inWords(error);
  if (session === undefined) return "The talk is not open.";
  const end = await Promise.race([session.closed, Promise.resolve(undefined)]);
  if (end === undefined) return "The file could not be read.";
  return end === "closed" || leaving.has(end)
    ? endedBefore
    : "The connection was lost: send it again.";
}
