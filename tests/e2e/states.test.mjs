// Topics' states: values that whoever joins later has, too. How they end: vanishing.test.mjs.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

/** What this peer sees of a topic: `{ owner: { key: value } }`. */
function seenBy(peer) {
  return peer.run(() => {
    const entries = [...globalThis.e2e.membrane.topic("profiles").state].map(([origin, values]) => [
      origin,
      Object.fromEntries([...values].map(([key, { json }]) => [key, json]).sort()),
    ]);
    return Object.fromEntries(entries.sort());
  });
}

const set = (peer, key, value) =>
  peer.run(
    (name, json) => globalThis.e2e.membrane.topic("profiles").set(name, json ?? undefined),
    key,
    value,
  );

scenario("whoever joins later has the values of 8 peers, and sees them change", async (world) => {
  const server = await world.server();
  const peers = await world.joinMany(server, 8);
  const expected = {};
  for (const [index, peer] of peers.entries()) {
    await set(peer, "name", peer.name);
    await set(peer, "place", { x: index, y: -index });
    expected[peer.id] = { name: peer.name, place: { x: index, y: -index } };
  }
  const newcomer = await world.join(server);
  const all = [...peers, newcomer];
  const everyone = async (what) => {
    const sorted = Object.fromEntries(Object.entries(expected).sort());
    for (const peer of all) {
      const same = async () => JSON.stringify(await seenBy(peer)) === JSON.stringify(sorted);
      await until(`${peer.name} sees ${what}`, same, {
        within_ms: 15_000,
        state: () => seenBy(peer),
      });
    }
  };
  // What is set while not everyone has heard of a newcomer may pass it by; it finds that when it next
  // compares with its neighbours.
  const begun = performance.now();
  await everyone("all");
  world.say(
    `${peers.length * 2} values at the newcomer ${Math.round(performance.now() - begun)} ms after`,
  );
  await set(peers[0], "place", { x: 100, y: 100 });
  await set(peers[1], "name", null);
  await set(newcomer, "name", "new");
  expected[peers[0].id].place = { x: 100, y: 100 };
  delete expected[peers[1].id].name;
  expected[newcomer.id] = { name: "new" };
  await everyone("the changes");
  const refused = await newcomer.run(() => {
    const topic = globalThis.e2e.membrane.topic("profiles");
    const attempts = [
      ["big", new Uint8Array(5_000)],
      ["x".repeat(65), 1],
      ["short", 1, { lifetime_s: 1 }],
    ];
    return attempts.map((attempt) => {
      try {
        topic.set(...attempt);
      } catch (error) {
        return globalThis.e2e.inShort(error);
      }
    });
  });
  assert.deepEqual(refused, [
    "MembraneError too-large",
    "MembraneError invalid-argument",
    "MembraneError invalid-argument",
  ]);
});
