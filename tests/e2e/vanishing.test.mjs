// Peers that go without a word, that sleep, or that nobody looks at, and what they leave behind.
// These tests wait for real time to pass, so they run side by side, as many as two cores can serve.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const linkSilenceMax_ms = 14_000;

/** Resolves with the milliseconds until none of these peers has the other in its map. */
async function gone(peers, id, within_ms) {
  const begin = performance.now();
  const knows = (peer) => peer.run((other) => globalThis.e2e.membrane.peers.has(other), id);
  await until(
    "it is gone from all maps",
    async () => !(await Promise.all(peers.map(knows))).includes(true),
    { within_ms },
  );
  return Math.round(performance.now() - begin);
}

/**
 * Resolves when each of these peers has so many links to others of them: whoever has just come may
 * have none but to those who are about to vanish.
 */
async function holdTogether(peers, count) {
  const ids = peers.map(({ id }) => id);
  for (const peer of peers) {
    const linked = async () =>
      (await peer.view()).links.filter((id) => ids.includes(id)).length >= count;
    await until(`${peer.name} is linked to ${count}`, linked, { within_ms: 15_000 });
  }
}

/** Everything still works among these: maps are whole, newcomers get in, messages and links do. */
async function goOn(world, server, peers) {
  await world.wholeMaps(peers);
  const newcomer = await world.join(server);
  const all = [...peers, newcomer];
  await world.wholeMaps(all);
  await Promise.all(all.map((peer) => peer.run(() => globalThis.e2e.listen("after"))));
  await newcomer.run(() => globalThis.e2e.membrane.topic("after").publish("still here"));
  for (const peer of all) {
    const heard = () => peer.run(() => globalThis.e2e.messages.length);
    await until(`${peer.name} hears the newcomer`, async () => (await heard()) === 1);
    if (peer !== newcomer) {
      assert.equal((await newcomer.connect(peer.id)).outcome, "connected");
    }
  }
}

describe("vanishing", { concurrency: 4 }, () => {
  scenario("a closed tab is gone from all maps within 2 s", async (world) => {
    const server = await world.server();
    const [leaver, ...others] = await world.joinMany(server, 5);
    await world.wholeMaps([leaver, ...others]);
    await holdTogether(others, 1);
    await leaver.closeTab();
    world.say(`gone after ${await gone(others, leaver.id, 2_000)} ms`);
    await goOn(world, server, others);
  });

  scenario("a tab that goes to another page is gone within 2 s", async (world) => {
    const server = await world.server();
    const [leaver, ...others] = await world.joinMany(server, 3);
    await world.wholeMaps([leaver, ...others]);
    await holdTogether(others, 1);
    await leaver.page.goto("about:blank");
    world.say(`gone after ${await gone(others, leaver.id, 2_000)} ms`);
    await world.wholeMaps(others);
  });

  scenario("a killed page is gone from all maps within 20 s", async (world) => {
    const server = await world.server();
    const victimBrowser = await world.browser();
    const victim = await world.join(server, { browser: victimBrowser, name: "victim" });
    const others = await world.joinMany(server, 4);
    await world.wholeMaps([victim, ...others]);
    assert.ok(victimBrowser.killRenderers() > 0);
    world.say(`gone after ${await gone(others, victim.id, 20_000)} ms`);
    await goOn(world, server, others);
  });

  scenario("a killed browser is gone from all maps within 20 s", async (world) => {
    const server = await world.server();
    const victimBrowser = await world.browser();
    const victims = await world.joinMany(server, 2, { browser: victimBrowser });
    const others = await world.joinMany(server, 4);
    await world.wholeMaps([...victims, ...others]);
    await victimBrowser.kill();
    for (const { id } of victims) world.say(`gone after ${await gone(others, id, 20_000)} ms`);
    await goOn(world, server, others);
  });

  scenario("a page that slept comes back", async (world) => {
    const server = await world.server();
    const [sleeper, ...others] = await world.joinMany(server, 3);
    await world.wholeMaps([sleeper, ...others]);
    // Chromium ends the sockets of a page that it freezes, and says so.
    world.expectComplaint(/^console: WebSocket .* failed: Page entered Back-Forward Cache\./);
    const session = await sleeper.page.createCDPSession();
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    world.say(`gone after ${await gone(others, sleeper.id, 20_000)} ms`);
    await session.send("Page.setWebLifecycleState", { state: "active" });
    const woken = performance.now();
    await world.wholeMaps([sleeper, ...others], { within_ms: 15_000 });
    world.say(`back after ${Math.round(performance.now() - woken)} ms`);
    await goOn(world, server, [sleeper, ...others]);
  }, { chromium: "its debugger freezes the page" });

  scenario(
    "a machine that slept is back within 10 s, the others stay undisturbed",
    async (world) => {
      const server = await world.server();
      const laptop = await world.browser();
      const sleepers = await world.joinMany(server, 2, { browser: laptop });
      const others = await world.joinMany(server, 4);
      const all = [...sleepers, ...others];
      await world.wholeMaps(all);
      const ids = others.map(({ id }) => id);
      await holdTogether(others, 2);
      world.expectLostSockets();
      const since = await others[0].run(() => globalThis.e2e.now());
      laptop.sleep();
      const asleep = pause(30_000);
      for (const { id } of sleepers) world.say(`gone after ${await gone(others, id, 20_000)} ms`);
      await asleep;
      laptop.wake();
      const woken = performance.now();
      await world.wholeMaps(all, { within_ms: 10_000 });
      world.say(`back after ${Math.round(performance.now() - woken)} ms`);
      const lost = others.map((peer) =>
        peer.run(
          (kept, begin) =>
            globalThis.e2e.events.filter(
              ({ at, type, id }) => at > begin && /down|removed/.test(type) && kept.includes(id),
            ),
          ids,
          since,
        ),
      );
      assert.deepEqual((await Promise.all(lost)).flat(), [], "nobody who was awake was lost");
      await goOn(world, server, all);
    },
  );

  scenario("a value outlives its owner by its lifetime, and no longer", async (world) => {
    const server = await world.server();
    const [owner, friend] = await world.joinMany(server, 2);
    await owner.run(() => {
      const topic = globalThis.e2e.membrane.topic("profiles");
      topic.set("color", "green", { lifetime_s: 30 });
      topic.set("mood", "fine", { lifetime_s: 30 });
    });
    const valuesAt = (peer) => () =>
      peer.run((id) => {
        const values = globalThis.e2e.membrane.topic("profiles").state.get(id) ?? [];
        return [...values]
          .map(([key, { json }]) => `${key}: ${json}`)
          .sort()
          .join();
      }, owner.id);
    const late = await world.join(server, { name: "late" });
    await until(
      "who came later sees both",
      async () => (await valuesAt(late)()) === "color: green,mood: fine",
    );
    await owner.run(() => globalThis.e2e.membrane.topic("profiles").set("mood", undefined));
    for (const peer of [friend, late]) {
      await until("one is taken back", async () => (await valuesAt(peer)()) === "color: green");
    }
    await late.run(() => {
      globalThis.over = [];
      const topic = globalThis.e2e.membrane.topic("profiles");
      topic.on("state", ({ key, value }) => globalThis.over.push([key, value?.json ?? null]));
    });
    await owner.closeTab();
    world.say(`gone after ${await gone([friend, late], owner.id, 2_000)} ms`);
    const left = performance.now();
    const latest = await world.join(server, { name: "latest" });
    await until(
      "it lives on for whoever comes now",
      async () => (await valuesAt(latest)()) === "color: green",
    );
    for (const peer of [friend, late, latest]) {
      await until("it is over", async () => (await valuesAt(peer)()) === "", {
        within_ms: 33_000,
        pause_ms: 100,
      });
    }
    world.say(`over after ${Math.round(performance.now() - left)} ms`);
    assert.deepEqual(await late.run(() => globalThis.over), [["color", null]]);
  });

  scenario("a hidden tab keeps its links", async (world) => {
    const server = await world.server();
    const browser = await world.browser({ throttled: true });
    const peers = await world.joinMany(server, 3);
    const hidden = await world.join(server, { browser, name: "hidden" });
    await world.wholeMaps([...peers, hidden]);
    await hidden.hide();
    assert.equal(await hidden.run(() => document.visibilityState), "hidden");
    const since = performance.now();
    await until(
      "longer than a silent link lives",
      () => performance.now() - since > linkSilenceMax_ms + 4_000,
      { within_ms: 30_000 },
    );
    const lost = await hidden.run(() =>
      globalThis.e2e.events.filter(({ type }) => ["link-down", "peer-removed"].includes(type)),
    );
    assert.deepEqual(lost, []);
    await goOn(world, server, [...peers, hidden]);
  });
});
