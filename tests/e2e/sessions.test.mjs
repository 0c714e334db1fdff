// What a session carries, and how it ends.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const size = 10 * 1024 * 1024;

/** Sends what `make` gives in the sender's page; resolves with what left and what arrived. */
async function transfer(world, make) {
  const server = await world.server();
  const [sender, receiver] = await world.joinMany(server, 2);
  assert.equal((await sender.connect(receiver.id)).outcome, "connected");
  const sent = await sender.run(
    async (id, length, source) => {
      const data = new Function("length", `return (${source})(length)`)(length);
      const session = globalThis.e2e.membrane.sessions.get(id);
      const progress = [];
      const begun = globalThis.e2e.now();
      await session.send(data, { onProgress: (...now) => progress.push(now) });
      return {
        begun,
        progress,
        bytes: progress.at(-1)[1],
        ...(await globalThis.e2e.summary(data)),
      };
    },
    receiver.id,
    size,
    make.toString(),
  );
  const arrived = await until("the message has arrived", async () => {
    const received = await receiver.run(() => globalThis.e2e.received);
    return received.find(({ data }) => data !== undefined) && received;
  });
  const took_ms = arrived.at(-1).at - sent.begun;
  const rate = (sent.bytes / 1_000 / took_ms).toFixed(1);
  world.say(`${sent.bytes} bytes in ${Math.round(took_ms)} ms, ${rate} MB/s`);
  return { sender, receiver, sent, arrived };
}

scenario("10 MiB of bytes arrive whole, with progress", async (world) => {
  const { sent, arrived, sender } = await transfer(world, (length) => {
    const bytes = new Uint8Array(length);
    let state = 0x2545f491;
    for (let i = 0; i < length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes[i] = state >>> 24;
    }
    return bytes;
  });
  const { progress, hash } = sent;
  assert.deepEqual(arrived.at(-1).data.hash, hash);
  assert.equal(arrived.at(-1).data.size, size);
  assert.equal(arrived.at(-1).from, sender.id);
  assert.deepEqual(progress.at(-1), [size, size]);
  assert.ok(progress.length > 100);
  const steps = arrived.filter((event) => event.progress).map((event) => event.progress);
  assert.ok(steps.length > 100);
  assert.ok(steps.every(({ received }, i) => i === 0 || received > steps[i - 1].received));
  assert.deepEqual([steps.at(-1).received, steps.at(-1).total], [size, size]);
});

scenario("a string of 10 MiB arrives as a string", async (world) => {
  const { sent, arrived } = await transfer(world, (length) => {
    // Every fourth character has several bytes, so that some lie across the borders of pieces.
    const text = "abcé01€\u{1f98a}";
    return text.repeat(Math.ceil(length / text.length)).slice(0, length - 1);
  });
  const { kind, size: arrivedSize, hash } = arrived.at(-1).data;
  assert.deepEqual([kind, arrivedSize, hash], ["string", sent.size, sent.hash]);
});

scenario("a session closes from either side, and opens again", async (world) => {
  const server = await world.server();
  const [a, b] = await world.joinMany(server, 2);
  const sessions = (peer) => peer.run(() => [...globalThis.e2e.membrane.sessions.keys()]);
  const ends = [
    [a, b],
    [b, a],
  ];
  for (const [opener, other] of ends) {
    for (const [closer, left] of ends) {
      assert.equal((await opener.connect(other.id)).outcome, "connected");
      await until("both have the session", async () => (await sessions(other)).length === 1);
      await closer.run((id) => globalThis.e2e.membrane.sessions.get(id).close(), left.id);
      const none = async () => [...(await sessions(a)), ...(await sessions(b))].length === 0;
      await until("nobody has a session", none);
    }
  }
  for (const peer of [a, b]) {
    const received = await peer.run(() => globalThis.e2e.received);
    assert.equal(received.filter(({ reason }) => reason !== undefined).length, 4);
  }
  await world.wholeMaps([a, b]);
});
