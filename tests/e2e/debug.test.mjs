// The panel that a page shows its membrane with.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { resultsFolder } from "./helper/paths.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const textOf = (peer) =>
  peer.run(() => document.querySelector("membrane-debug").shadowRoot.textContent);

scenario("the panel shows links, sessions and what did not come up, and lets go", async (world) => {
  const server = await world.server();
  const [other, shy] = [await world.join(server, { name: "other" }), await world.openPeer(server)];
  await shy.run(() => globalThis.e2e.beBehindNat());
  await shy.join(server, { name: "<b>shy</b>" });
  const peer = await world.openPeer(server);
  await peer.run(() => globalThis.e2e.beBehindNat());
  await peer.join(server, { name: "we" });
  await peer.run(async () => {
    await import("/membrane/debug.js");
    const panel = document.createElement("membrane-debug");
    document.body.append(panel);
    panel.membrane = globalThis.e2e.membrane;
  });
  assert.equal((await peer.connect(other.id)).outcome, "connected");
  assert.equal((await peer.connect(shy.id)).outcome, "connected");
  const shows = async (...texts) => {
    const text = await textOf(peer);
    return texts.every((each) => text.includes(each));
  };
  // Their address may be a prflx where a packet was here before the candidate.
  await until(
    "the panel shows all of it",
    () => shows("joined, 3 peers, 1 links, 2 sessions", "host – ", "relayed", "reaching", "STUN"),
    { within_ms: 30_000, state: () => textOf(peer) },
  );
  assert.ok(await shows("<b>shy</b>"), "names are text, whatever is in them");
  mkdirSync(resultsFolder, { recursive: true });
  await peer.page.screenshot({ path: join(resultsFolder, "debug.png") });
  await peer.run(() => (document.querySelector("membrane-debug").membrane = undefined));
  await until("the panel is empty", async () => (await textOf(peer)) === "membrane: none");
});
