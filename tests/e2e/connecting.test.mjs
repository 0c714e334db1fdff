// From any peer to any other: through the network, without the server, and how it fails.
import assert from "node:assert/strict";
import { areLinked } from "./helper/map.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

/** The pairs that have no link, of these peers and their views. */
function strangers(peers, views) {
  return peers.flatMap((peer, index) =>
    peers
      .slice(index + 1)
      .filter((other) => !areLinked(views[index], other.id))
      .map((other) => [peer, other]),
  );
}

scenario("peers connect to every non-neighbour with the server killed", async (world) => {
  const server = await world.server();
  const peers = await world.joinMany(server, 14);
  const pairs = strangers(peers, await world.wholeMaps(peers));
  assert.ok(pairs.length > 0, "everyone was linked to everyone");
  await server.kill();
  const times_ms = [];
  for (const [index, [peer, other]] of pairs.entries()) {
    // Every second time both want it at the same moment, and still get one link.
    const attempts = [peer.connect(other.id)];
    if (index % 2 === 1) attempts.push(other.connect(peer.id));
    for (const { outcome, took_ms } of await Promise.all(attempts)) {
      assert.equal(outcome, "connected");
      times_ms.push(took_ms);
    }
  }
  world.say(`${pairs.length} non-neighbours, slowest in ${Math.round(Math.max(...times_ms))} ms`);
  await world.wholeMaps(peers);
});

scenario("a peer that loses its only link finds back", async (world) => {
  const server = await world.server();
  const [peer, other] = await world.joinMany(server, 2);
  await world.wholeMaps([peer, other]);
  await peer.run((id) => globalThis.e2e.membrane.disconnect(id), other.id);
  const events = () => peer.run(() => globalThis.e2e.events.map(({ type }) => type));
  await until("the link is down", async () => (await events()).includes("link-down"));
  await world.wholeMaps([peer, other]);
});

scenario("a peer of another network cannot be reached", async (world) => {
  const server = await world.server();
  const [peer, other] = await world.joinMany(server, 2);
  const stranger = await world.join(server, { network: "elsewhere" });
  assert.equal((await stranger.view()).state, "alone");
  const { outcome, took_ms } = await peer.connect(stranger.id);
  world.say(`known to be unreachable after ${Math.round(took_ms)} ms`);
  assert.equal(outcome, "MembraneError unreachable");
  await world.wholeMaps([peer, other]);
});

scenario("what is no peer's id, and our own, are refused at once", async (world) => {
  const server = await world.server();
  const peer = await world.join(server);
  for (const id of ["", "nobody", peer.id.toUpperCase(), `${peer.id}a`, peer.id]) {
    assert.equal((await peer.connect(id)).outcome, "MembraneError invalid-argument", id);
  }
});

scenario("a peer that refuses is linked, but has no session", async (world) => {
  const server = await world.server();
  const peer = await world.join(server);
  const shy = await world.join(server, { refuse: true });
  assert.equal((await peer.connect(shy.id)).outcome, "MembraneError refused");
  assert.equal((await peer.connect(shy.id, { session: false })).outcome, "connected");
  assert.equal((await shy.connect(peer.id)).outcome, "connected");
});

/** What a page learns of its links, and of the one that it could not have. */
async function tellsWhy(ada, bob) {
  const about = async () => {
    const { links, failures } = await ada.run(() => globalThis.e2e.membrane.stats());
    return { links, failure: failures.findLast(({ id }) => id === bob.id) };
  };
  // A second link may still be on its way when the attempt is over.
  const over = async () => {
    const told = await about();
    const carry = ({ sent, received }) => sent > 1_000 && received > 1_000;
    return told.failure && told.links.length >= 2 && told.links.every(carry) && told;
  };
  const { links, failure } = await until("the attempt is over, and two links carry", over, {
    within_ms: 30_000,
    state: about,
  });
  assert.equal(failure.stage, "reaching");
  assert.ok(failure.localCandidates.host > 0 && failure.remoteCandidates.host > 0);
  assert.match(failure.why, /knows its local addresses alone: name a STUN server/);
  for (const { local, remote, protocol } of links) {
    assert.ok([local, remote].every((kind) => kind === "host" || kind === "prflx"));
    assert.equal(protocol, "udp");
  }
}

scenario("two who can have no link talk through others, bytes both ways", async (world) => {
  const server = await world.server();
  const between = await world.joinMany(server, 2);
  const behindNat = [await world.openPeer(server), await world.openPeer(server)];
  for (const peer of behindNat) {
    await peer.run(() => globalThis.e2e.beBehindNat());
    await peer.join(server);
  }
  const [ada, bob] = behindNat;
  await world.wholeMaps([...between, ...behindNat], { within_ms: 20_000 });
  assert.ok(!areLinked(await ada.view(), bob.id));
  const { outcome, took_ms } = await ada.connect(bob.id);
  assert.equal(outcome, "connected");
  await tellsWhy(ada, bob);
  const size = 200_000;
  const begun = performance.now();
  for (const [from, to] of [
    [ada, bob],
    [bob, ada],
  ]) {
    const sent = await from.run(
      async (id, length) => {
        const { sessions } = globalThis.e2e.membrane;
        const bytes = Uint8Array.from({ length }, (_, index) => (index * index) % 251);
        await sessions.get(id).send(bytes);
        return { relayed: sessions.get(id).relayed, ...(await globalThis.e2e.summary(bytes)) };
      },
      to.id,
      size,
    );
    const arrived = () => to.run(() => globalThis.e2e.received.find(({ data }) => data)?.data);
    await until(`${to.name} has it`, arrived);
    assert.deepEqual({ relayed: true, ...(await arrived()) }, sent);
  }
  const took = Math.round(performance.now() - begun);
  world.say(`relayed after ${Math.round(took_ms)} ms, ${2 * size} bytes in ${took} ms`);
  assert.ok(!areLinked(await ada.view(), bob.id));
});

scenario("connecting can be given up", async (world) => {
  const server = await world.server();
  const peer = await world.join(server);
  const undecided = await world.join(server, { undecided: true });
  const { outcome } = await peer.connect(undecided.id, { timeout_ms: 300 });
  assert.equal(outcome, "MembraneError aborted");
  await world.wholeMaps([peer, undecided]);
});
