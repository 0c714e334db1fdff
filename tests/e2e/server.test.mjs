// The first-contact server comes and goes; joining is given up.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

/** Resolves when the peer's line to the server is up again after it was down. */
function reconnected(peer) {
  const lines = () =>
    peer.run(() =>
      globalThis.e2e.events.filter(({ type }) => type === "server").map(({ up }) => up),
    );
  return until(
    `${peer.name} has its server again`,
    async () => {
      const ups = await lines();
      return ups.includes(false) && ups.at(-1);
    },
    { within_ms: 15_000, state: lines },
  );
}

scenario("a restarted server introduces newcomers to the old members", async (world) => {
  const server = await world.server();
  const members = await world.joinMany(server, 3);
  await world.wholeMaps(members);
  await server.kill();
  for (const member of members) {
    const knows = () => member.run(() => globalThis.e2e.events.some(({ up }) => up === false));
    await until(`${member.name} knows that the server is gone`, knows);
  }
  await world.wholeMaps(members);
  await server.restart();
  await Promise.all(members.map(reconnected));
  const newcomers = await world.joinMany(server, 3);
  await world.wholeMaps([...members, ...newcomers]);
});

scenario(
  "a newcomer who is faster than the old members after a restart finds them",
  async (world) => {
    const server = await world.server();
    const members = await world.joinMany(server, 2);
    await world.wholeMaps(members);
    const newcomer = await world.openPeer(server);
    await server.kill();
    await server.restart();
    await newcomer.join(server);
    await world.wholeMaps([...members, newcomer], { within_ms: 20_000 });
  },
);

scenario(
  "two newcomers who are faster than the old members after a restart find them",
  async (world) => {
    const server = await world.server();
    const members = await world.joinMany(server, 2);
    await world.wholeMaps(members);
    const newcomers = [await world.openPeer(server), await world.openPeer(server)];
    await server.kill();
    await server.restart();
    for (const newcomer of newcomers) await newcomer.join(server);
    // Two networks by now. The members look for others within 10 s of their server's return.
    await world.wholeMaps([...members, ...newcomers], { within_ms: 20_000 });
  },
);

scenario("joining without a server ends with an error that says so", async (world) => {
  const [server, dead] = [await world.server(), await world.server()];
  const peer = await world.openPeer(server);
  await dead.kill();
  const refused = await peer.run(
    (address) => globalThis.e2e.join(address).then(() => "joined", globalThis.e2e.inShort),
    dead.address,
  );
  assert.equal(refused, "MembraneError server-unreachable");
});

scenario("joining can be given up", async (world) => {
  const server = await world.server();
  const peer = await world.openPeer(server);
  const outcomes = await peer.run(async (address) => {
    const { Membrane, inShort } = globalThis.e2e;
    const attempt = (signal) => Membrane.join(address, { signal }).then(() => "joined", inShort);
    const later = new AbortController();
    const under = attempt(later.signal);
    later.abort();
    return [await attempt(AbortSignal.abort()), await under];
  }, server.address);
  assert.deepEqual(outcomes, ["MembraneError aborted", "MembraneError aborted"]);
  await peer.join(server);
  assert.equal((await peer.view()).state, "alone");
});

scenario("a signal that fires after joining ends the membership", async (world) => {
  const server = await world.server();
  const stays = await world.join(server);
  const leaves = await world.openPeer(server);
  await leaves.run((address) => {
    globalThis.leaving = new AbortController();
    return globalThis.e2e.join(address, { signal: globalThis.leaving.signal });
  }, server.address);
  await until("it is here", () => stays.run(() => globalThis.e2e.membrane.peers.size === 2));
  await leaves.run(() => globalThis.leaving.abort());
  await until("it has left", () => stays.run(() => globalThis.e2e.membrane.peers.size === 1));
  assert.equal((await leaves.view()).state, "left");
});
