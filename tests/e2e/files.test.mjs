// Files over a session: whole, at their reader's pace, and given up by either side.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";

const megabytes = 50;

async function twoInASession(world) {
  const server = await world.server();
  const [sender, receiver] = await world.joinMany(server, 2);
  assert.equal((await sender.connect(receiver.id)).outcome, "connected");
  return { sender, receiver };
}

/** Sends a file of so many megabytes; gives how it went and the hash of what was sent. */
const send = (sender, to, size) =>
  sender.run(
    async (id, megabytes) => {
      const parts = Array.from({ length: megabytes }, (_, part) =>
        new Uint8Array(1_000_000).map((_, at) => at * 31 + (at >> 8) + part),
      );
      const content = new File(parts, "holiday.mp4", { type: "video/mp4" });
      const session = globalThis.e2e.membrane.sessions.get(id);
      const begun = globalThis.e2e.now();
      const taken = [];
      const outcome = await session
        .sendFile(content, { onProgress: (bytes) => taken.push(bytes) })
        .then(
          () => "taken",
          ({ code }) => code,
        );
      const bytes = new Uint8Array(await content.arrayBuffer());
      const took_ms = globalThis.e2e.now() - begun;
      return { outcome, taken, took_ms, ...(await globalThis.e2e.summary(bytes)) };
    },
    to.id,
    size,
  );

scenario(`a file of ${megabytes} MB arrives whole, while messages pass`, async (world) => {
  const { sender, receiver } = await twoInASession(world);
  const arriving = receiver.run(
    (id) =>
      new Promise((resolve) => {
        const session = globalThis.e2e.membrane.sessions.get(id);
        session.on("file", async ({ file }) => {
          const said = session.send("it comes");
          const { name, type, size } = file;
          const blob = await file.blob();
          await said;
          const bytes = new Uint8Array(await blob.arrayBuffer());
          resolve({ name, type, size, ...(await globalThis.e2e.summary(bytes)) });
        });
      }),
    sender.id,
  );
  const sent = await send(sender, receiver, megabytes);
  const arrived = await arriving;
  world.say(`${(megabytes / (sent.took_ms / 1_000)).toFixed(1)} MB/s`);
  assert.equal(sent.outcome, "taken");
  assert.deepEqual([arrived.name, arrived.type], ["holiday.mp4", "video/mp4"]);
  assert.equal(arrived.size, megabytes * 1_000_000);
  assert.equal(arrived.hash, sent.hash);
  assert.equal(sent.taken.at(-1), megabytes * 1_000_000);
  assert.ok(sent.taken.length > 100);
  const heard = await sender.run(() => globalThis.e2e.received.map(({ data }) => data?.head));
  assert.ok(heard.includes("it comes"));
});

scenario("a file that is refused, before or midway, is not sent on", async (world) => {
  const { sender, receiver } = await twoInASession(world);
  await receiver.run((id) => {
    let count = 0;
    globalThis.e2e.membrane.sessions.get(id).on("file", async ({ file }) => {
      count += 1;
      if (count === 1) return file.refuse();
      const reader = file.stream().getReader();
      await reader.read();
      await reader.cancel();
    });
  }, sender.id);
  assert.equal((await send(sender, receiver, 10)).outcome, "refused");
  assert.equal((await send(sender, receiver, 10)).outcome, "refused");
  const said = await sender.run(
    (id) =>
      globalThis.e2e.membrane.sessions
        .get(id)
        .send("still here")
        .then(() => "sent"),
    receiver.id,
  );
  assert.equal(said, "sent");
});
