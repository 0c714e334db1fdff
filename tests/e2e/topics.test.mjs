// Messages to everyone.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const messages = 20;

scenario("a message to a topic reaches each of 12 peers exactly once", async (world) => {
  const server = await world.server();
  const peers = await world.joinMany(server, 12);
  await world.wholeMaps(peers);
  await Promise.all(peers.map((peer) => peer.run(() => globalThis.e2e.listen("news"))));
  const publishers = peers.filter((_, index) => index % 3 === 0);
  const publish = (count) => (peer) =>
    peer.run((number) => {
      const topic = globalThis.e2e.membrane.topic("news");
      for (let i = 0; i < number; i++) topic.publish({ from: globalThis.e2e.membrane.id, i });
    }, count);
  await Promise.all(publishers.map(publish(messages)));
  const expected = publishers
    .flatMap(({ id }) => Array.from({ length: messages }, (_, i) => `${id} ${id} ${i}`))
    .sort();
  const heard = (peer) =>
    peer.run(() =>
      globalThis.e2e.messages.map(({ origin, json }) => `${origin} ${json.from} ${json.i}`).sort(),
    );
  const counts = () =>
    Promise.all(peers.map((peer) => peer.run(() => globalThis.e2e.messages.length)));
  await until(
    "everyone has every message",
    async () => (await counts()).every((count) => count >= expected.length),
    { state: counts },
  );
  // Another round, so that a second copy of one in the first would have arrived meanwhile.
  await Promise.all(publishers.map(publish(1)));
  await until("everyone has the last messages", async () =>
    (await counts()).every((count) => count >= expected.length + publishers.length),
  );
  const all = [...expected, ...publishers.map(({ id }) => `${id} ${id} 0`)].sort();
  for (const peer of peers) assert.deepEqual(await heard(peer), all, peer.name);
  world.say(`${publishers.length} publishers, ${all.length} messages at each of ${peers.length}`);
});

scenario("binary messages, and the largest there is, arrive as they were", async (world) => {
  const server = await world.server();
  const peers = await world.joinMany(server, 3);
  const lengths = [0, 1, 16_384, 64 * 1024];
  await Promise.all(
    peers.map((peer) =>
      peer.run(() => {
        globalThis.sizes = [];
        globalThis.e2e.membrane.topic("bytes").on("message", ({ data }) => {
          const whole = data.every((byte, index) => byte === index % 251);
          globalThis.sizes.push(whole ? data.length : -1);
        });
      }),
    ),
  );
  const refused = await peers[0].run((sizes) => {
    const topic = globalThis.e2e.membrane.topic("bytes");
    const bytes = (length) => Uint8Array.from({ length }, (_, index) => index % 251);
    for (const length of sizes) topic.publish(bytes(length));
    try {
      topic.publish(bytes(64 * 1024 + 1));
    } catch (error) {
      return globalThis.e2e.inShort(error);
    }
  }, lengths);
  assert.equal(refused, "MembraneError too-large");
  for (const peer of peers) {
    const sizes = () => peer.run(() => globalThis.sizes.toSorted((a, b) => a - b));
    const all = async () => (await sizes()).length >= lengths.length;
    await until(`${peer.name} has them all`, all, { state: sizes });
    assert.deepEqual(await sizes(), lengths);
  }
});
