// Audio and video in a session, and what changes the connection under it while it goes on.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

/** In Chromium: no other browser lets a page read frames of a tab that nobody looks at. */
async function talking(world) {
  const server = await world.server();
  const browser = await world.browser({ kind: "chromium" });
  const [ada, bob] = await world.joinMany(server, 2, { browser });
  await call(ada, bob);
  return [ada, bob];
}

const has = (peer, other) => peer.run((id) => globalThis.e2e.membrane.sessions.has(id), other.id);

async function call(ada, bob) {
  assert.equal((await ada.connect(bob.id)).outcome, "connected");
  await until("bob has the session, too", () => has(bob, ada));
}

/** Waits until neither has the session any more. */
async function hungUp(...peers) {
  for (const [peer, other] of [peers, peers.toReversed()])
    await until("the session is over", async () => !(await has(peer, other)));
}

/** Sends a picture of one colour and a sound; what comes from the other side is noted. */
function show(peer, other, color) {
  return peer.run(
    (id, fill) => {
      const session = globalThis.e2e.membrane.sessions.get(id);
      const before = globalThis.media;
      const canvas = before?.canvas ?? Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
      const context = canvas.getContext("2d");
      const stream = before?.stream ?? canvas.captureStream(0);
      const [picture] = stream.getVideoTracks();
      clearInterval(before?.timer);
      // Drawn by a timer: nobody looks at this tab, so it has no animation frames.
      const timer = setInterval(() => {
        context.fillStyle = fill;
        context.fillRect(0, 0, 160, 120);
        picture.requestFrame();
      }, 50);
      const silence = () => new AudioContext().createMediaStreamDestination().stream;
      if (before === undefined) stream.addTrack(silence().getAudioTracks()[0]);
      const seen = { tracks: [], streams: new Set() };
      session.on("track", ({ track, streams }) => {
        seen.tracks.push(track);
        seen.streams.add(streams[0].id);
      });
      globalThis.media = { session, canvas, stream, picture, timer, seen };
      for (const track of stream.getTracks()) session.addTrack(track, stream);
    },
    other.id,
    color,
  );
}

const seen = (peer) =>
  peer.run(() => {
    const { tracks, streams } = globalThis.media.seen;
    return { kinds: tracks.map(({ kind }) => kind).sort(), streams: streams.size };
  });

/** The colour in the middle of the next frame that comes from the other side. */
const colorOf = (peer) =>
  peer.run(async () => {
    const track = globalThis.media.seen.tracks.find(({ kind }) => kind === "video");
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    const { value: frame } = await reader.read();
    const context = new OffscreenCanvas(8, 8).getContext("2d");
    context.drawImage(frame, 0, 0, 8, 8);
    frame.close();
    await reader.cancel();
    const [red, green, blue] = context.getImageData(4, 4, 1, 1).data;
    return red > 150 && blue < 100 && green < 100 ? "red" : blue > 150 && red < 100 ? "blue" : "?";
  });

/** The credentials that ICE has in use, and whether anything is being negotiated. */
const ice = (peer, other) =>
  peer.run(async (id) => {
    const { connection } = globalThis.e2e.membrane.links.get(id);
    const ufrag = (description) => /a=ice-ufrag:(\S+)/.exec(description.sdp)[1];
    const { signalingState, connectionState, localDescription, remoteDescription } = connection;
    const stats = await connection.getStats();
    const { selectedCandidatePairId } = [...stats.values()].find(({ type }) => type === "transport");
    const pair = stats.get(selectedCandidatePairId);
    return {
      settled: signalingState === "stable" && connectionState === "connected",
      ufrags: [ufrag(localDescription), ufrag(remoteDescription)],
      inUse: stats.get(pair.localCandidateId).usernameFragment,
    };
  }, other.id);

/** Waits until both use another way than before, and nothing is being negotiated. */
function newWay(one, other, before) {
  return until(
    "ICE has found a new way",
    async () => {
      const now = await Promise.all([ice(one, other), ice(other, one)]);
      const [[mine, theirs], [itsOwn, ours]] = now.map(({ ufrags }) => ufrags);
      const agreed = mine === ours && theirs === itsOwn && now.every(({ settled }) => settled);
      return agreed && now[0].inUse === mine && mine !== before.inUse ? now[0] : undefined;
    },
    { state: () => Promise.all([ice(one, other), ice(other, one)]) },
  );
}

/** A message of one gets to the other, in the session that was there from the beginning. */
async function stillTalking(from, to, text) {
  await from.run((id, said) => globalThis.e2e.membrane.sessions.get(id).send(said), to.id, text);
  const heard = () => to.run(() => globalThis.e2e.received.map(({ data }) => data?.head));
  await until(`${text} arrives`, async () => (await heard()).includes(text), { state: heard });
}

scenario("both show a picture at the same moment, and each sees the other's", async (world) => {
  const [ada, bob] = await talking(world);
  await Promise.all([show(ada, bob, "red"), show(bob, ada, "blue")]);
  for (const peer of [ada, bob]) {
    const all = async () => (await seen(peer)).kinds.length === 2;
    await until("a picture and a sound have come", all, { state: () => seen(peer) });
    assert.deepEqual(await seen(peer), { kinds: ["audio", "video"], streams: 1 });
  }
  assert.deepEqual([await colorOf(ada), await colorOf(bob)], ["blue", "red"]);

  await ada.run(() => globalThis.media.session.removeTrack(globalThis.media.picture));
  const muted = () =>
    bob.run(() => globalThis.media.seen.tracks.find(({ kind }) => kind === "video").muted);
  await until("bob's picture of ada has gone", muted);
  assert.equal(await colorOf(ada), "blue");
  await stillTalking(ada, bob, "nothing else has changed");
});

scenario("in another network the talk goes on over a new way", async (world) => {
  const [ada, bob] = await talking(world);
  const before = await ice(ada, bob);
  await ada.run(() => dispatchEvent(new Event("online")));
  const { ufrags } = await newWay(ada, bob, before);
  assert.ok(ufrags.every((ufrag) => !before.ufrags.includes(ufrag)));
  await stillTalking(ada, bob, "over the new way");
  await stillTalking(bob, ada, "and back");
  const ended = (peer) =>
    peer.run(() => globalThis.e2e.received.filter(({ reason }) => reason !== undefined));
  assert.deepEqual([await ended(ada), await ended(bob)], [[], []]);
});

scenario("both change their network at once, with pictures under way", async (world) => {
  const [ada, bob] = await talking(world);
  await Promise.all([show(ada, bob, "red"), show(bob, ada, "blue")]);
  for (const peer of [ada, bob])
    await until("a picture has come", async () => (await seen(peer)).kinds.length === 2);
  const before = await ice(ada, bob);
  await Promise.all([ada, bob].map((peer) => peer.run(() => dispatchEvent(new Event("online")))));
  await newWay(ada, bob, before);
  assert.deepEqual([await colorOf(ada), await colorOf(bob)], ["blue", "red"]);
  await stillTalking(ada, bob, "over the new way");
});

scenario("each call over the same link is seen", async (world) => {
  const [ada, bob] = await talking(world);
  const both = async () => {
    await Promise.all([show(ada, bob, "red"), show(bob, ada, "blue")]);
    for (const peer of [ada, bob]) {
      const all = async () => (await seen(peer)).kinds.length === 2;
      await until("a picture and a sound have come", all, { state: () => seen(peer) });
      assert.deepEqual(await seen(peer), { kinds: ["audio", "video"], streams: 1 });
    }
    assert.deepEqual([await colorOf(ada), await colorOf(bob)], ["blue", "red"]);
  };
  await both();
  for (let calls = 0; calls < 2; ++calls) {
    await ada.run(() => globalThis.media.session.close());
    await hungUp(ada, bob);
    await call(ada, bob);
    await both();
  }
});

scenario("a camera is switched off and on as often as one likes", async (world) => {
  const [ada, bob] = await talking(world);
  await show(bob, ada, "blue");
  await show(ada, bob, "red");
  await until("a picture has come", async () => (await seen(bob)).kinds.length === 2);
  const sections = await ada.run(async (id) => {
    const { session, stream, picture } = globalThis.media;
    const { connection } = globalThis.e2e.membrane.links.get(id);
    const settled = () =>
      new Promise((resolve) => {
        connection.onsignalingstatechange = () => {
          if (connection.signalingState === "stable") resolve();
        };
      });
    for (let times = 0; times < 40; ++times) {
      session.removeTrack(picture);
      await settled();
      session.addTrack(picture, stream);
      await settled();
    }
    return connection.localDescription.sdp.match(/^m=/gm).length;
  }, bob.id);
  assert.equal(sections, 5, "data, and a picture and a sound each way");
  assert.equal(await colorOf(bob), "red");
  await stillTalking(ada, bob, "through all of it");
});
