// What people find and choose in Nexus: the search, the tour, settings and what they do.
import assert from "node:assert/strict";
import { addressOf, choose, click, enter, openSettings, says, shown, shows, talkBetween, tick, visitor } from "./helper/nexus.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const names = (tab) =>
  tab.run(() =>
    [...document.querySelectorAll("[aria-labelledby=here] .name")].map(({ textContent }) => textContent),
  );

async function lists(tab, expected) {
  const same = async () => (await names(tab)).join() === expected;
  await until(`${tab.name} lists ${expected}`, same, { within_ms: 15_000, state: () => names(tab) });
}

async function replace(tab, field, text) {
  await tab.page.$eval(field, (input) => {
    input.focus();
    input.select();
  });
  await tab.page.keyboard.press("Backspace");
  await tab.page.keyboard.type(text);
}

/** Opens the settings, does this with them, and saves. */
async function set(tab, work) {
  await tab.page.bringToFront();
  await openSettings(tab);
  await work();
  await click(tab, "Save");
  await until("they are saved", async () => (await tab.page.$("dialog")) === null);
}

scenario("somebody is searched by name or id, and who is not there is said not to be", async (world) => {
  const server = await world.server();
  for (const name of ["Grace", "Hedy", "Grete"]) await world.join(server, { name });
  const ada = await visitor(world, server, "Ada");
  await lists(ada, "Grace,Grete,Hedy");
  await ada.page.type("input[name=search]", "gr");
  await lists(ada, "Grace,Grete");
  await shows(ada, "Here: 2 found");
  const { id } = world.peers[1];
  await replace(ada, "input[name=search]", id.slice(0, 10));
  await lists(ada, "Hedy");
  await replace(ada, "input[name=search]", "nobody of this name");
  await lists(ada, "");
  await shows(ada, "Here: 0 found");
  await replace(ada, "input[name=search]", "Hedy");
  await ada.page.keyboard.press("Tab"); // on to the first row, which is Everyone, and the one found
  await ada.page.keyboard.press("Tab");
  await ada.page.keyboard.press("Enter");
  await until("she is chosen", async () => (await ada.page.$('[aria-label="Talk with Hedy"]')) !== null);
});

scenario("the tour is walked by keys, comes once, and again when asked for", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada", { remember: true, tour: true });
  const titles = ["Talk with anybody", "Nobody in between", "Who is it really?", "Files, too"];
  await shows(ada, "This is the network", "1 of 5");
  // Forth and back, since behind the last button some browsers go on to their own.
  const press = async (name, { back = false } = {}) => {
    const at = () => ada.run(() => document.activeElement.textContent);
    if (back) await ada.page.keyboard.down("Shift");
    for (let tabs = 0; (await at()) !== name && tabs < 6; tabs++) await ada.page.keyboard.press("Tab");
    if (back) await ada.page.keyboard.up("Shift");
    await ada.page.keyboard.press("Enter");
  };
  for (const title of titles) {
    await press("Next");
    await shows(ada, title);
  }
  await press("Back", { back: true });
  await shows(ada, "Who is it really?");
  await press("Next");
  await press("Done");
  await until("it is over", async () => (await ada.page.$("dialog")) === null);
  await ada.page.reload();
  await enter(ada, "Ada", { tour: true });
  await shows(ada, "nobody else is here yet");
  assert.equal(await ada.page.$("dialog"), null);
  await click(ada, "Show me around");
  await shows(ada, "This is the network");
});

scenario("what comes from one peer is counted in its row, in the title, until it is looked at", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada");
  const bob = await visitor(world, server, "Bob");
  await talkBetween(ada, bob);
  await choose(bob, "Everyone");
  await says(ada, "one");
  await says(ada, "two");
  const count = () => bob.run(() => document.querySelector(".people .count")?.textContent);
  await until("Bob has two unread", async () => (await count()) === "2", { state: count });
  await until("the title says two", async () => (await bob.page.title()) === "(2) Nexus");
  await choose(bob, "Ada");
  await until("they are read", async () => (await count()) === undefined);
  await until("the title says so", async () => (await bob.page.title()) === "Nexus");

  const draft = () => bob.page.$eval("textarea[name=text]", ({ value }) => value);
  await bob.page.type("textarea[name=text]", "half a sen");
  await choose(bob, "Everyone");
  assert.equal(await draft(), "");
  await choose(bob, "Ada");
  assert.equal(await draft(), "half a sen");

  // On a phone the talk that is chosen is not seen while the map is.
  await bob.page.setViewport({ width: 390, height: 844 });
  await click(bob, "Map");
  await says(ada, "three");
  await until("it is unread", async () => (await bob.page.title()) === "(1) Nexus");
  await click(bob, "Talk");
  await until("it is read", async () => (await bob.page.title()) === "Nexus");
});

scenario("settings are kept over a reload, where the user is remembered, and reach each connection", async (world) => {
  const server = await world.server();
  await world.join(server, { name: "Bob" });
  const ada = await world.open("about:blank", { name: "Ada", apart: true });
  await ada.page.evaluateOnNewDocument(() => {
    globalThis.configurations = [];
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration, ...more) {
        super(configuration, ...more);
        globalThis.configurations.push(configuration);
      }
    };
  });
  await ada.page.goto(addressOf(server));
  await enter(ada, "Ada", { remember: true });
  await shows(ada, "2 peers");
  const again = async () => {
    await ada.page.reload();
    await enter(ada, "Ada");
    await shows(ada, "2 peers");
    return ada.run(() => globalThis.configurations.at(-1));
  };
  await set(ada, async () => {
    await ada.page.type("textarea[name=iceServers]", "stun:127.0.0.1:34789\nturn:127.0.0.1:34789");
    await shows(ada, "No STUN or TURN server: turn:127.0.0.1:34789");
    await ada.page.type("textarea[name=iceServers]", " ada secret");
    await ada.page.select("select[name=theme]", "dark");
    await replace(ada, "input[name=answer_s]", "7");
  });
  // Nobody listens there; browsers refuse some of the ports below 1024.
  const stun = { urls: "stun:127.0.0.1:34789" };
  const turn = { urls: "turn:127.0.0.1:34789", username: "ada", credential: "secret" };
  assert.deepEqual((await again()).iceServers, [stun, turn]);
  assert.equal(await ada.run(() => document.documentElement.dataset.theme), "dark");
  await set(ada, async () => {
    assert.equal(await ada.page.$eval("input[name=answer_s]", ({ value }) => value), "7");
    await tick(ada, "relayOnly");
    await tick(ada, "blockTurn");
    await shows(ada, "Without TURN servers, and only through them: nobody could be reached.");
    await ada.page.click("input[name=relayOnly]");
  });
  const blocked = await again();
  assert.deepEqual(blocked.iceServers, [stun]);
  assert.equal(blocked.iceTransportPolicy, undefined);
  await set(ada, () => ada.page.click("input[name=remember]"));
  assert.equal(await ada.run(() => localStorage.length), 0);
  await ada.page.reload();
  await ada.page.waitForSelector("input[name=name]");
  assert.equal(await ada.page.$eval("input[name=name]", ({ value }) => value), "");
});

scenario("who asks waits as long as they chose, from when they chose it", async (world) => {
  const server = await world.server();
  await world.join(server, { name: "Bob", undecided: true });
  const ada = await visitor(world, server, "Ada");
  await set(ada, () => replace(ada, "input[name=answer_s]", "5"));
  await choose(ada, "Bob");
  const asked = performance.now();
  await click(ada, "Ask for a talk");
  await shows(ada, "They see your request now.");
  await shows(ada, "No answer in time.");
  const waited_s = (performance.now() - asked) / 1_000;
  assert.ok(waited_s > 4.9 && waited_s < 15, `${waited_s} s`);
  assert.ok((await shown(ada)).includes("Ask for a talk"), "she may ask again");
});
