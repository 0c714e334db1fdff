// Nexus in several tabs of one browser whose user is to be remembered.
import assert from "node:assert/strict";
import { addressOf, choose, click, enter, openSettings, picture, says, shown, shows, talkBetween, visitor } from "./helper/nexus.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const furtherTab = "Nexus is open in another tab, as you.";

/** The key of whoever is chosen, as people compare it. */
const keyShown = (tab) => tab.run(() => document.querySelector(".fingerprint").textContent);

/** What the talk that is looked at holds, each entry by who said it and what. */
const entriesOf = (tab) =>
  tab.run(() =>
    [...document.querySelectorAll(".entry")].map((entry) => {
      const who = entry.querySelector(".who").textContent.split(",")[0];
      return `${who}: ${entry.querySelector(".text").textContent}`;
    }),
  );

async function holds(tab, expected) {
  const same = async () => (await entriesOf(tab)).join() === expected.join();
  await until(`${tab.name} has ${expected}`, same, { state: () => entriesOf(tab) });
}

scenario("a second tab of who is remembered says that it is another peer, and both go on", async (world) => {
  const server = await world.server();
  const bob = await visitor(world, server, "Bob", { apart: true });
  const first = await visitor(world, server, "Ada", { remember: true });
  assert.ok(!(await shown(first)).includes(furtherTab));
  await talkBetween(first, bob);
  await says(first, "from my first tab");
  await shows(bob, "from my first tab");
  const firstKey = await keyShown(bob);

  const second = await world.open(addressOf(server), { name: "Ada's second tab" });
  await shows(second, "You are in the network in another tab already.");
  await enter(second, "Ada");
  await shows(second, furtherTab, "3 peers");
  await picture(second, "second-tab");
  await click(second, "Understood");
  assert.ok(!(await shown(second)).includes(furtherTab));
  // Bob's talk is with the first; to the second he is nobody yet.
  await choose(second, "Bob");
  assert.deepEqual(await entriesOf(second), []);
  await talkBetween(second, bob);
  await says(second, "from my second tab");
  await shows(bob, "from my second tab");
  assert.notEqual(await keyShown(bob), firstKey);

  // Neither got what is the other's, and the first one was not disturbed.
  await says(first, "the first goes on");
  await holds(first, ["You: from my first tab", "You: the first goes on"]);
  await holds(second, ["You: from my second tab"]);
});

scenario("what two tabs of one user keep stays apart, each with its own key, over a reload of both", async (world) => {
  const server = await world.server();
  const bob = await visitor(world, server, "Bob", { apart: true });
  const first = await visitor(world, server, "Ada", { remember: true });
  const second = await visitor(world, server, "Ada", { remember: true });
  for (const tab of [first, second]) {
    await choose(tab, "Everyone");
    await shows(tab, "3 peers");
  }
  await choose(bob, "Everyone");
  await shows(bob, "3 peers");
  await says(bob, "hello to both");
  for (const tab of [first, second]) await holds(tab, ["Bob: hello to both"]);
  await says(first, "I am the first");
  await holds(second, ["Bob: hello to both", "Ada: I am the first"]);
  await says(second, "I am the second");
  await holds(first, ["Bob: hello to both", "You: I am the first", "Ada: I am the second"]);

  await click(second, "Delete");
  await holds(second, ["Ada: I am the first", "You: I am the second"]);
  for (const tab of [first, second]) {
    await tab.page.reload();
    await enter(tab, "Ada");
    await choose(tab, "Everyone");
  }
  await shows(second, furtherTab);
  await shows(bob, "3 peers");
  await shows(first, "3 peers");
  await holds(first, ["Bob: hello to both", "You: I am the first", "Ada: I am the second"]);
  await holds(second, ["Ada: I am the first", "You: I am the second"]);
});

scenario("settings that one tab of a user saves hold in the other", async (world) => {
  const server = await world.server();
  const bob = await visitor(world, server, "Bob", { apart: true });
  const first = await visitor(world, server, "Ada", { remember: true });
  const second = await visitor(world, server, "Ada", { remember: true });
  await openSettings(second);
  await second.page.$eval("dialog input[name=name]", (field) => field.select());
  await second.page.type("dialog input[name=name]", "Countess");
  await second.page.select("select[name=theme]", "dark");
  await click(second, "Save");
  const dark = (tab) => () => tab.run(() => document.documentElement.dataset.theme === "dark");
  for (const tab of [first, second]) await until(`${tab.name} is dark`, dark(tab));
  const named = () =>
    bob.run(() => {
      const names = [...document.querySelectorAll(".row .name")].map(({ textContent }) => textContent);
      return names.filter((name) => name === "Countess").length === 2;
    });
  await until("Bob sees both under the new name", named);
  await first.page.reload();
  await first.page.waitForSelector("input[name=name]");
  assert.equal(await first.page.$eval("input[name=name]", ({ value }) => value), "Countess");
});

scenario("a start page follows what another tab keeps, and takes nothing from who is remembered there", async (world) => {
  const server = await world.server();
  const first = await visitor(world, server, "Ada", { remember: true });
  const second = await world.open(addressOf(server), { name: "Ada's second tab" });
  const field = (tab, name, what) => tab.page.$eval(`input[name=${name}]`, (input, key) => input[key], what);
  await shows(second, "You are in the network in another tab already.");
  await openSettings(first);
  await first.page.$eval("dialog input[name=name]", (input) => input.select());
  await first.page.type("dialog input[name=name]", "Countess");
  await click(first, "Save");
  await until("it has the new name", async () => (await field(second, "name", "value")) === "Countess");
  await second.page.$eval("input[name=remember]", (box) => box.click());
  await enter(second, "Countess");
  await openSettings(second);
  await second.page.select("select[name=theme]", "dark");
  await click(second, "Save");
  await until("it is dark", () => second.run(() => document.documentElement.dataset.theme === "dark"));
  await first.page.reload();
  await first.page.waitForSelector("input[name=name]");
  assert.equal(await field(first, "name", "value"), "Countess");
  assert.equal(await field(first, "remember", "checked"), true);
});

scenario("where the first tab is closed the next one that joins has its key and talks", async (world) => {
  const server = await world.server();
  const bob = await visitor(world, server, "Bob", { apart: true });
  const first = await visitor(world, server, "Ada", { remember: true });
  const second = await visitor(world, server, "Ada", { remember: true });
  await talkBetween(first, bob);
  await says(first, "remember this");
  await shows(bob, "remember this");
  const key = await keyShown(bob);
  await first.closeTab();
  await shows(bob, "2 peers");
  const third = await visitor(world, server, "Ada", { remember: true });
  await shows(third, "3 peers");
  assert.ok(!(await shown(third)).includes(furtherTab));
  await choose(third, "Bob");
  await holds(third, ["You: remember this"]);
  await choose(bob, "Ada");
  assert.equal(await keyShown(bob), key);
  await shows(second, furtherTab);
});
