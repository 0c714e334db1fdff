// Who a page is: the same after a reload when it wants to be, never the same twice at once.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";

async function reloaded(peer, server, options) {
  await peer.page.reload();
  await peer.join(server, options);
  return peer.id;
}

scenario(
  "a lasting identity is the same after a reload, an ephemeral one is not",
  async (world) => {
    const server = await world.server();
    const friend = await world.join(server);
    const lasting = await world.join(server, { identity: "lasting" });
    const ephemeral = await world.join(server);
    const before = [lasting.id, ephemeral.id];
    assert.equal(await reloaded(lasting, server, { identity: "lasting" }), before[0]);
    assert.notEqual(await reloaded(ephemeral, server), before[1]);
    await world.wholeMaps([friend, lasting, ephemeral]);
  },
);

scenario(
  "a second tab at the same time is somebody else, and again so after a reload",
  async (world) => {
    const server = await world.server();
    const tabs = await world.joinMany(server, 2, { identity: "lasting" });
    const [first, second] = tabs.map(({ id }) => id);
    assert.notEqual(first, second);
    assert.equal(await reloaded(tabs[1], server, { identity: "lasting" }), second);
    await world.wholeMaps(tabs);
  },
);

scenario("another browser profile is somebody else", async (world) => {
  const server = await world.server();
  const one = await world.join(server, { identity: "lasting" });
  const other = await world.join(server, { identity: "lasting", apart: true });
  assert.notEqual(one.id, other.id);
  await world.wholeMaps([one, other]);
});
