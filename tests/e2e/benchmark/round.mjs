/**
 * One round: sixteen tabs join, then each publishes and connects. Times are taken in the pages, from
 * the call to its effect, on the clock that all pages of a machine share.
 *
 * Tabs join in two ways, each in a network of its own: *settled*, when all maps are whole after the
 * one before, and *back to back*, as soon as the one before has its first link, so that the newcomers'
 * links are built all at the same time, on as many cores as there are.
 */
import { World } from "../helper/scenario.mjs";
import { wholeAt } from "./replay.mjs";

const tabCount = 16;
const messagesPerTab = 4;
/** Between two measurements, so that nothing of the one before is under way. */
const quiet_ms = 100;

const quiet = (times = 1) => new Promise((resolve) => setTimeout(resolve, times * quiet_ms));

export async function round() {
  const backToBack = await inWorld((world, server, peers) => joinAll(world, server, peers, false));
  const settled = await inWorld(async (world, server, peers) => ({
    ...(await joinAll(world, server, peers, true)),
    broadcast: await broadcastAll(peers),
    session: await connectAll(world, peers, {}),
    link: await connectAll(world, peers, { session: false }),
  }));
  return {
    ...settled,
    firstLinkBackToBack: backToBack.firstLink,
    wholeBackToBack: backToBack.whole,
  };
}

/** Runs something with sixteen tabs that have loaded the library and done nothing with it. */
async function inWorld(work) {
  const world = new World(console.log);
  try {
    const server = await world.server();
    const peers = [];
    for (let i = 0; i < tabCount; i++) peers.push(await world.openPeer(server));
    const result = await work(world, server, peers);
    const complaints = world.complaints();
    if (complaints.length > 0) throw new Error(`pages complained: ${complaints.join("; ")}`);
    return result;
  } finally {
    await world.end();
  }
}

async function joinAll(world, server, peers, settle) {
  const whole = (some) => world.wholeMaps(some, { within_ms: 15_000, pause_ms: 250 });
  const joined = [];
  for (const [index, peer] of peers.entries()) {
    joined.push(await peer.join(server));
    if (settle) {
      await whole(peers.slice(0, index + 1));
      await quiet();
    }
  }
  const last = joined.at(-1).joined;
  // Links may still come; each makes the maps incomplete for a moment.
  await quiet(30);
  const views = await whole(peers);
  const histories = await Promise.all(
    peers.map(async (peer) => ({
      id: peer.id,
      events: await peer.run(() => globalThis.e2e.events),
    })),
  );
  return {
    firstLink: joined.slice(1).map(({ begun, joined }) => joined - begun),
    whole: [wholeAt(histories, last) - last],
    edges: views[0].edges.length,
  };
}

/** Single messages on a quiet network; each gives as many samples as there are other tabs. */
async function broadcastAll(peers) {
  await Promise.all(peers.map((peer) => peer.run(() => globalThis.e2e.listen("bench"))));
  const published = new Map();
  for (let i = 0; i < messagesPerTab; i++) {
    for (const peer of peers) {
      const key = `${peer.id} ${i}`;
      const at = await peer.run((payload) => {
        const begun = globalThis.e2e.now();
        globalThis.e2e.membrane.topic("bench").publish(payload);
        return begun;
      }, key);
      published.set(key, at);
      await quiet();
    }
  }
  const samples = [];
  for (const peer of peers) {
    const heard = await peer.run(() => globalThis.e2e.messages);
    if (heard.length !== published.size) throw new Error(`${peer.name} heard ${heard.length}`);
    for (const { at, origin, json } of heard) {
      if (origin !== peer.id) samples.push(at - published.get(json));
    }
  }
  return samples;
}

/** Each tab connects to one that it has no link to, and disconnects again. */
async function connectAll(world, peers, options) {
  const samples = [];
  for (const peer of peers) {
    const { links } = await peer.view();
    const stranger = peers.find(({ id }) => id !== peer.id && !links.includes(id));
    if (stranger === undefined) continue;
    const { outcome, took_ms } = await peer.connect(stranger.id, options);
    if (outcome !== "connected") throw new Error(`connecting: ${outcome}`);
    samples.push(took_ms);
    await quiet();
    await peer.run((id) => globalThis.e2e.membrane.disconnect(id), stranger.id);
    await world.wholeMaps(peers, { within_ms: 15_000, pause_ms: 250 });
  }
  return samples;
}
