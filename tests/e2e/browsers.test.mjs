// Chromium and Firefox in one network. Every other scenario runs in either: E2E_BROWSER=firefox.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const kinds = ["chromium", "firefox"];

/** So many peers, each in the other browser than the one before. */
async function joinMixed(world, server, count) {
  const browsers = await Promise.all(kinds.map((kind) => world.browser({ kind })));
  const peers = [];
  for (let i = 0; i < count; i++) {
    const browser = browsers[i % browsers.length];
    peers.push(await world.join(server, { browser, name: `${browser.kind} ${i}` }));
  }
  return peers;
}

/** Sends a message of so many bytes, and a file of as many; gives their hash. */
const say = (peer, other, size) =>
  peer.run(
    async (id, length) => {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 255);
      const session = globalThis.e2e.membrane.sessions.get(id);
      await session.send(bytes);
      await session.sendFile(new File([bytes], "holiday.bin"));
      return (await globalThis.e2e.summary(bytes)).hash;
    },
    other.id,
    size,
  );

/** From now on files are read, and noted like messages. */
const readFiles = (peer) =>
  peer.run(() => {
    const { e2e } = globalThis;
    const follow = (session) =>
      session.on("file", async ({ file }) => {
        const bytes = new Uint8Array(await (await file.blob()).arrayBuffer());
        e2e.received.push({ from: session.id, file: await e2e.summary(bytes) });
      });
    e2e.membrane.on("session", ({ session }) => follow(session));
  });

/** Whether a message and a file with this hash have come from there. */
const has = (peer, from, hash) =>
  peer.run(
    (id, wanted) => {
      const theirs = globalThis.e2e.received.filter((event) => event.from === id);
      const found = (what) => theirs.some((event) => event[what]?.hash === wanted);
      return found("data") && found("file");
    },
    from.id,
    hash,
  );

scenario("Chromium and Firefox are one network, and talk without the server", async (world) => {
  const server = await world.server();
  const peers = await joinMixed(world, server, 4);
  const [chromium, firefox] = peers;
  await world.wholeMaps(peers);
  await Promise.all(peers.flatMap((peer) => [peer.run(() => globalThis.e2e.listen("news")), readFiles(peer)]));
  await server.kill();

  for (const [from, to] of [
    [chromium, firefox],
    [firefox, peers[2]],
  ]) {
    assert.equal((await from.connect(to.id)).outcome, "connected", `${from.name} to ${to.name}`);
    const hash = await say(from, to, 1_000_000);
    await until(`${to.name} has what ${from.name} sent`, () => has(to, from, hash));
  }

  for (const peer of peers) {
    await peer.run(() => globalThis.e2e.membrane.topic("news").publish({ hello: true }));
  }
  for (const peer of peers) {
    const heard = () => peer.run(() => globalThis.e2e.messages.map(({ origin }) => origin).sort());
    const all = peers.map(({ id }) => id).sort();
    await until(`${peer.name} has heard all`, async () => (await heard()).length === all.length);
    assert.deepEqual(await heard(), all);
  }

  await firefox.closeTab();
  const left = peers.filter((peer) => peer !== firefox);
  const knows = (peer) => peer.run((id) => globalThis.e2e.membrane.peers.has(id), firefox.id);
  const begin = performance.now();
  await until(
    "the closed Firefox tab is gone",
    async () => !(await Promise.all(left.map(knows))).includes(true),
    { within_ms: 2_000 },
  );
  world.say(`gone after ${Math.round(performance.now() - begin)} ms`);
  await world.wholeMaps(left);
});

scenario("Chromium and Firefox see each other's picture, also from another network", async (world) => {
  const server = await world.server();
  const [chromium, firefox] = await joinMixed(world, server, 2);
  assert.equal((await firefox.connect(chromium.id)).outcome, "connected");
  const session = (peer, id) => peer.run((to) => globalThis.e2e.membrane.sessions.has(to), id);
  await until("Chromium has the session, too", () => session(chromium, firefox.id));

  const show = (peer, other) =>
    peer.run((id) => {
      const { membrane } = globalThis.e2e;
      const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
      const context = canvas.getContext("2d");
      const stream = canvas.captureStream(0);
      const [picture] = stream.getVideoTracks();
      let turn = 0;
      setInterval(() => {
        context.fillStyle = (turn += 1) % 2 ? "red" : "blue";
        context.fillRect(0, 0, 160, 120);
        (picture.requestFrame ? picture : stream).requestFrame(); // Firefox has it in the stream
      }, 50);
      membrane.sessions.get(id).addTrack(picture, stream);
    }, other.id);
  const decoded = (peer, other) =>
    peer.run(async (id) => {
      const { connection } = globalThis.e2e.membrane.links.get(id);
      const stats = [...(await connection.getStats()).values()];
      return stats.find(({ type }) => type === "inbound-rtp")?.framesDecoded ?? 0;
    }, other.id);
  const seesMore = async (peer, other) => {
    const before = await decoded(peer, other);
    await until(`${peer.name} sees ${other.name}`, async () => (await decoded(peer, other)) > before + 2);
  };
  await Promise.all([show(chromium, firefox), show(firefox, chromium)]);
  await Promise.all([seesMore(chromium, firefox), seesMore(firefox, chromium)]);

  const ufrag = (peer, other) =>
    peer.run((id) => {
      const { connection } = globalThis.e2e.membrane.links.get(id);
      return /a=ice-ufrag:(\S+)/.exec(connection.currentLocalDescription.sdp)[1];
    }, other.id);
  const before = await ufrag(firefox, chromium);
  await firefox.run(() => dispatchEvent(new Event("online")));
  await until("ICE restarts", async () => (await ufrag(firefox, chromium)) !== before);
  await Promise.all([seesMore(chromium, firefox), seesMore(firefox, chromium)]);
});
