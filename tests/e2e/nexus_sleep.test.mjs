// A talk in Nexus while the machine of one of the two sleeps.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { picture, says, shown, shows, talkBetween, visitor } from "./helper/nexus.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const slept_ms = 30_000;

/** Everything that was said, in order, as this tab has it. */
const texts = (tab) =>
  tab.run(() => [...document.querySelectorAll(".entry .text")].map(({ innerText }) => innerText));

scenario("a talk survives the sleep of one machine, and what was said meanwhile arrives once", async (world) => {
  const server = await world.server();
  await world.join(server, { name: "between" });
  const laptop = await world.browser();
  const ada = await visitor(world, server, "Ada");
  const bob = await visitor(world, server, "Bob", { browser: laptop });
  await talkBetween(ada, bob);
  await says(ada, "before");
  await shows(bob, "before");
  world.expectLostSockets();
  laptop.sleep();
  const asleep = pause(slept_ms); // how long machines sleep is what this is about
  await says(ada, "into a connection that nobody reads");
  await shows(ada, "The connection was lost. It is sought again.");
  await says(ada, "while you slept");
  await shows(ada, "Waits until they are back.");
  await picture(ada, "asleep");
  await asleep;
  laptop.wake();
  const woken = performance.now();
  await says(bob, "I am awake");
  const all = ["before", "into a connection that nobody reads", "while you slept"];
  const whole = async () => {
    const [hers, his] = [await texts(ada), await texts(bob)];
    return [hers, his].every((said) => said.toSorted().join() === [...all, "I am awake"].sort().join());
  };
  const state = async () => ({ ada: await shown(ada), bob: await shown(bob) });
  await until("both have all of it, once", whole, { within_ms: 20_000, state });
  world.say(`whole again after ${Math.round(performance.now() - woken)} ms`);
  for (const tab of [ada, bob]) {
    await shows(tab, "Open: direct, encrypted from end to end.");
    assert.ok(!(await shown(tab)).includes("wants to talk with you"), "nobody was asked anew");
    assert.ok(!(await shown(tab)).includes("Waits until they are back"));
    const hers = (await texts(tab)).filter((text) => text !== "I am awake");
    assert.deepEqual(hers, all, "in the order in which she said it");
  }
  await says(bob, "and it goes on");
  await shows(ada, "and it goes on");
  assert.equal((await texts(ada)).length, 5);
});
