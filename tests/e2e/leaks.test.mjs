// What a page opens and closes again leaves nothing behind, however often.
import assert from "node:assert/strict";
import { Census } from "./helper/census.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

/**
 * What the heap may grow by between two counts: what the engine learns of code that runs more often.
 * A session that stays takes some 6 kB, a membership far more, so no 180 or 40 of them hide in this.
 */
const heapGrowthMax = 600_000;

/** An attempt to connect with somebody who has left is given up after 15 s, and then collected. */
const collectedWithin_ms = 30_000;

/** Counts until nothing is there that was not there before: what is closing at the moment goes on. */
async function countAgain(census, before) {
  let after;
  const settled = async () => {
    after = await census.take();
    const counts = ["connections", "memories", "memberships", "sessions", "memoryBytes", "listeners"];
    return (
      counts.every((name) => after[name] <= before[name]) && after.heapBytes <= before.heapBytes + heapGrowthMax
    );
  };
  const state = () => ({ before, after });
  await until("all is collected", settled, { within_ms: collectedWithin_ms, pause_ms: 100, state });
  return after;
}

/** Counts when nothing is left of what the tab had joined. */
async function countEmpty(census) {
  let count;
  const empty = async () => {
    count = await census.take();
    return count.memberships + count.memories + count.connections === 0;
  };
  await until("nothing is left", empty, { within_ms: collectedWithin_ms, pause_ms: 100, state: () => count });
  return count;
}

function say(world, who, before, after) {
  const change = Object.keys(before).map((name) => `${name} ${before[name]} → ${after[name]}`);
  world.say(`${who}: ${change.join(", ")}`);
}

/** A member is asked for 64 sessions at once, then for one a second: four of them for 200. */
const membersAsked = 4;

scenario("200 sessions opened and closed between two tabs leave nothing behind", async (world) => {
  const server = await world.server();
  const pair = [await world.openPeer(server), await world.openPeer(server)];
  const [peer, other] = pair;
  const censuses = await Promise.all(pair.map((one) => Census.begin(one)));
  await peer.join(server);
  const ids = await other.run(
    async (address, count) => {
      globalThis.members = [];
      for (let i = 0; i < count; i++) {
        globalThis.members.push(await globalThis.e2e.Membrane.join(address));
      }
      return globalThis.members.map(({ id }) => id);
    },
    server.address,
    membersAsked,
  );
  const rounds = async (count) => {
    await peer.run(
      async (to, times) => {
        for (let i = 0; i < times; i++) {
          const session = await globalThis.e2e.membrane.connect(to[i % to.length]);
          await session.send(new Uint8Array(20_000));
          const giveUp = new AbortController();
          const sending = session.sendFile(new Blob(["unread"]), { signal: giveUp.signal });
          giveUp.abort();
          await sending.catch(() => undefined);
          session.close();
          await session.closed;
        }
      },
      ids,
      count,
    );
    await until("the other side's sessions have ended", () =>
      other.run(() => globalThis.members.every(({ sessions }) => sessions.size === 0)),
    );
  };
  await rounds(20);
  const before = await Promise.all(censuses.map((census) => census.take()));
  await rounds(180);
  const after = await Promise.all(censuses.map((census, i) => countAgain(census, before[i])));
  say(world, "the tab that opens them, rounds 20 and 200", before[0], after[0]);
  say(world, "the tab that is asked", before[1], after[1]);
  assert.deepEqual([after[0].sessions, after[1].sessions], [0, 0]);
}, { chromium: "its debugger counts what a page holds" });

scenario("50 rounds of joining and closing in one tab leave nothing behind", async (world) => {
  const server = await world.server();
  const [peer, member] = [await world.openPeer(server), await world.openPeer(server)];
  const censuses = await Promise.all([peer, member].map((one) => Census.begin(one)));
  await member.join(server);
  await world.join(server); // else the member is alone at times, and has an offer with the server or not
  const rounds = async (count) => {
    await peer.run(
      async (address, id, times) => {
        for (let i = 0; i < times; i++) {
          const membrane = await globalThis.e2e.Membrane.join(address);
          membrane.topic("chat").on("message", () => undefined);
          membrane.topic("chat").set("round", i);
          // The first link may be to the other one.
          while (!membrane.peers.has(id)) await new Promise((resolve) => membrane.map.on("change", resolve));
          const session = await membrane.connect(id);
          await session.send("hello");
          await membrane.close();
        }
      },
      server.address,
      member.id,
      count,
    );
    await until("the two that stay are left", () =>
      member.run(() => globalThis.e2e.membrane.links.size === 1),
    );
  };
  await rounds(10);
  const before = [await countEmpty(censuses[0]), await censuses[1].take()];
  await rounds(40);
  const after = await Promise.all(censuses.map((census, i) => countAgain(census, before[i])));
  say(world, "the tab that joins and closes, rounds 10 and 50", before[0], after[0]);
  say(world, "the tab that stays", before[1], after[1]);
  assert.equal(after[0].memberships + after[0].memories, 0);
}, { chromium: "its debugger counts what a page holds" });

scenario("40 memberships that end while they connect leave nothing behind", async (world) => {
  const server = await world.server();
  const [peer, member] = [await world.openPeer(server), await world.openPeer(server)];
  const censuses = await Promise.all([peer, member].map((one) => Census.begin(one)));
  await member.join(server);
  await world.join(server);
  const before = await Promise.all(censuses.map((census) => census.take()));
  const made = await peer.run(
    async (address, times) => {
      for (let i = 0; i < times; i++) {
        const end = new AbortController();
        const joining = globalThis.e2e.Membrane.join(address, { signal: end.signal });
        // The first is made ahead; then at any point of its way from an offer to an open link.
        await new Promise((resolve) => setTimeout(resolve, 2 * i));
        end.abort();
        await joining.then((membrane) => membrane.close(), () => undefined);
      }
      return globalThis.kept.connections.length;
    },
    server.address,
    40,
  );
  const after = await Promise.all(censuses.map((census, i) => countAgain(census, before[i])));
  say(world, `the tab that ends them, after ${made} connections`, before[0], after[0]);
  say(world, "the tab that stays", before[1], after[1]);
}, { chromium: "its debugger counts what a page holds" });
