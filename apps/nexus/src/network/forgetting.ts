/**
 * Forgetting the user on this device: settings, keys, talks. Every page of Nexus in this browser begins
 * anew, which ends what it has in memory, too: its membership and what was said in it.
 *
 * The library's database itself stays, without a key of ours: other pages of this address keep theirs in it.
 */
import { Identity } from "membrane";
import { forgetSettings } from "../settings.js";
import { removeHistory } from "./history.js";
import { keyNames } from "./tabs.js";

/** Between the pages: one a page, which does not hear itself. */
const channel = new BroadcastChannel("membrane-nexus: forget");

/** Resolves when nothing is left, for the page to begin anew; rejects where something could not be removed. */
export async function forgetUser(): Promise<void> {
  forgetSettings(); // first, since the other pages read them as they begin anew
  channel.postMessage("forget");
  await Promise.all([removeHistory(), ...keyNames.map((name) => Identity.forget(name))]);
}

/** Begins this page anew when another one forgets the user. */
export function forgetWithOthers(): void {
  channel.onmessage = () => location.reload();
}
