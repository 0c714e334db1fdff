// Coming into the network: alone, one after the other, interrupted, without a server.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";

scenario("the first peer is a network of one", async (world) => {
  const server = await world.server();
  const peer = await world.join(server, { name: "Ada" });
  const view = await peer.view();
  assert.match(peer.id, /^[a-z2-7]{52}$/);
  assert.deepEqual(view, { id: peer.id, state: "alone", nodes: [peer.id], edges: [], links: [] });
});

for (const count of [2, 5, 12]) {
  scenario(`${count} peers see the same map`, async (world) => {
    const server = await world.server();
    const peers = await world.joinMany(server, count);
    const joined = performance.now();
    const views = await world.wholeMaps(peers);
    world.say(
      `whole after ${Math.round(performance.now() - joined)} ms, ${views[0].edges.length} edges`,
    );
    assert.ok(views.every(({ state }) => state === "joined"));
  });
}
