// What can be done in Nexus with a peer on the map or in the list, and with what was said.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { choose, click, picture, says, shown, shows, talkBetween, visitor } from "./helper/nexus.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Ids are places on the ring: once around is 1, from the top clockwise. */
async function placeOnRing(tab, name) {
  await shows(tab, name);
  const id = await tab.run((wanted) => {
    const rows = [...document.querySelectorAll(".row")];
    const row = rows.find((each) => each.querySelector(".name").textContent === wanted);
    return row.querySelector("small").textContent.slice(0, 6);
  }, name);
  return [...id].reduce((sum, letter, i) => sum + alphabet.indexOf(letter) / 32 ** (i + 1), 0);
}

/** Ada, and Bob with a key so far from hers that their points do not cover each other. */
async function twoApart(world, server) {
  const ada = await visitor(world, server, "Ada");
  for (;;) {
    const bob = await visitor(world, server, "Bob");
    const distance = Math.abs((await placeOnRing(ada, "Bob")) - (await placeOnRing(bob, "Ada")));
    if (Math.min(distance, 1 - distance) > 0.1) return [ada, bob];
    await bob.closeTab();
    await shows(ada, "1 peer");
  }
}

/** Where a peer is drawn while the whole ring is in view: 70 pixels around it are left free. */
async function pointOnMap(tab, name) {
  const angle = 2 * Math.PI * (await placeOnRing(tab, name));
  const graph = await tab.page.$(".graph");
  const { x, y, width, height } = await graph.boundingBox();
  const radius = Math.min(width, height) / 2 - 70;
  return {
    x: x + width / 2 + radius * Math.sin(angle),
    y: y + height / 2 - radius * Math.cos(angle),
  };
}

/** Does it with the mouse until this is seen: what is drawn follows the network a frame later. */
async function pointing(tab, name, seen, buttons) {
  await tab.page.bringToFront();
  const { x, y } = await pointOnMap(tab, name);
  const done = async () => {
    if (await seen()) return true;
    await tab.page.mouse.move(x - 40, y - 40);
    await tab.page.mouse.move(x, y);
    await tab.page.mouse.click(x, y, buttons);
    return seen();
  };
  await until(`pointing at ${name}`, done, { within_ms: 15_000, pause_ms: 500, state: () => shown(tab) });
}

const menuOf = (tab) =>
  tab.run(() => [...document.querySelectorAll("[role=menuitem]")].map(({ textContent }) => textContent));
const hasMenu = (tab) => async () => (await menuOf(tab)).length > 0;
const focused = (tab) => tab.run(() => document.activeElement.textContent);

/** Of what happens on the map. */
const drawsMap = "Firefox without a screen has no WebGL";

async function allowClipboard(tab, server) {
  const origin = new URL(server.url("/")).origin;
  const rights = ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"];
  await tab.page.browserContext().overridePermissions(origin, rights);
  await tab.page.bringToFront();
}

async function copied(tab, matches) {
  const read = () => tab.run(() => navigator.clipboard.readText());
  await until("it is in the clipboard", async () => matches(await read()), { state: read });
}

/** What the tab saves, by name, as it gets there. */
async function savedBy(tab, work) {
  const folder = mkdtempSync(join(tmpdir(), "membrane-e2e-nexus-"));
  try {
    const session = await tab.page.createCDPSession();
    const behavior = { behavior: "allow", downloadPath: folder };
    await session.send("Browser.setDownloadBehavior", {
      ...behavior,
      browserContextId: tab.page.browserContext().id,
    });
    await work();
    const whole = () => readdirSync(folder).find((name) => !name.endsWith(".crdownload"));
    const name = await until("it is saved", whole, { within_ms: 20_000 });
    return { name, content: readFileSync(join(folder, name)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Drops files of these sizes onto the talk, as a drag from the desktop ends. */
const drop = (tab, files) =>
  tab.run((given) => {
    const dataTransfer = new DataTransfer();
    for (const { name, size } of given)
      dataTransfer.items.add(new File([new Uint8Array(size).fill(77)], name));
    const talk = document.querySelector(".talk");
    for (const type of ["dragenter", "dragover", "drop"])
      talk.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  }, files);

scenario("a click on a peer of the map chooses it", async (world) => {
  const server = await world.server();
  const [ada] = await twoApart(world, server);
  const chosen = async () => (await ada.page.$('[aria-label="Talk with Bob"]')) !== null;
  await pointing(ada, "Bob", chosen);
}, { chromium: drawsMap });

for (const [how, buttons, key] of [
  ["a right-click", { button: "right" }],
  ["Alt and a click", {}, "Alt"],
])
  scenario(`${how} on a peer of the map opens its menu, which asks for a talk`, async (world) => {
    const server = await world.server();
    const [ada, bob] = await twoApart(world, server);
    if (key !== undefined) await ada.page.keyboard.down(key);
    await pointing(ada, "Bob", hasMenu(ada), buttons);
    if (key !== undefined) await ada.page.keyboard.up(key);
    assert.deepEqual(await menuOf(ada), [
      "Ask for a talk",
      "Show what was said",
      "Show on the map",
      "Copy the id",
    ]);
    await picture(ada, "menu");
    await click(ada, "Ask for a talk");
    await shows(bob, "wants to talk with you.");
    await click(bob, "Accept");
    await shows(ada, "Open: direct, encrypted from end to end.");
    assert.deepEqual(await menuOf(ada), []);
  }, { chromium: drawsMap });

for (const keys of [["ContextMenu"], ["Shift", "F10"]])
  scenario(`${keys.join(" and ")} opens the same menu on the list of people, for keys alone`, async (world) => {
    const server = await world.server();
    const ada = await visitor(world, server, "Ada");
    const bob = await visitor(world, server, "Bob");
    await allowClipboard(ada, server);
    await shows(ada, "Bob");
    const open = async () => {
      for (const key of keys) await ada.page.keyboard.down(key);
      for (const key of keys.toReversed()) await ada.page.keyboard.up(key);
      await until("the menu is there", hasMenu(ada), { state: () => focused(ada) });
    };
    await ada.page.focus("input[name=search]");
    while (!(await focused(ada)).startsWith("Bob")) await ada.page.keyboard.press("Tab");
    await open();
    assert.equal(await focused(ada), "Ask for a talk");
    await ada.page.keyboard.press("ArrowUp");
    assert.equal(await focused(ada), "Copy the id");
    await ada.page.keyboard.press("Enter");
    await copied(ada, (text) => /^[a-z2-7]{52}$/.test(text));
    assert.match(await focused(ada), /^Bob/, "the focus is where it was");
    await open();
    await ada.page.keyboard.press("Escape");
    assert.deepEqual(await menuOf(ada), []);
    assert.match(await focused(ada), /^Bob/);
    await open();
    await ada.page.keyboard.press("ArrowDown");
    await ada.page.keyboard.press("Enter");
    await until("Bob is shown", async () => (await ada.page.$('[aria-label="Talk with Bob"]')) !== null);
    await open();
    await ada.page.keyboard.press("Enter");
    await shows(bob, "wants to talk with you.");
  }, { chromium: "its debugger lets the clipboard be read" });

scenario("a file that is dropped onto a talk goes over, with its progress on both sides", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada");
  const bob = await visitor(world, server, "Bob");
  await choose(ada, "Bob");
  await drop(ada, [{ name: "too early.bin", size: 10 }]);
  await shows(ada, "Files go where a talk is open.");
  await talkBetween(ada, bob);
  const size = 40_000_000;
  for (const tab of [ada, bob]) {
    await tab.run(() => {
      globalThis.parts = [];
      new MutationObserver(() => {
        const bar = document.querySelector("progress");
        if (bar !== null) globalThis.parts.push(bar.value / bar.max);
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
  }
  await drop(ada, [{ name: "large.bin", size }, { name: "small.bin", size: 3 }]);
  for (const tab of [ada, bob]) await shows(tab, "large.bin", "40.0 MB", "small.bin", "3 bytes");
  const over = (tab) => () => tab.run(() => document.querySelector("progress") === null);
  for (const tab of [ada, bob]) {
    await until(`${tab.name} has it`, over(tab), { within_ms: 60_000 });
    const between = await tab.run(() => globalThis.parts.filter((part) => part > 0 && part < 1).length);
    assert.ok(between > 0, `${tab.name} saw it on its way`);
  }
  assert.ok(!(await shown(bob)).includes("too early.bin"));
  const large = async () => {
    await bob.run(() => {
      const entries = [...document.querySelectorAll(".entry")];
      const entry = entries.find((each) => each.textContent.includes("large.bin"));
      [...entry.querySelectorAll("button")].find((each) => each.textContent === "Download").click();
    });
  };
  const { name, content } = await savedBy(bob, large);
  assert.equal(name, "large.bin");
  assert.ok(content.equals(Buffer.alloc(size, 77)), "byte for byte");
}, { chromium: "its debugger says where downloads go" });

scenario("what was said is copied, saved, and deleted, one by one and as a whole", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada", { apart: true, remember: true });
  const bob = await visitor(world, server, "Bob", { apart: true });
  await talkBetween(ada, bob);
  await says(ada, "first");
  await says(bob, "second");
  await says(ada, "third");
  await shows(bob, "third");
  await shows(ada, "second");
  await allowClipboard(ada, server);
  await click(ada, "Copy");
  await copied(ada, (text) => text === "first");
  await shows(ada, "Copied");

  const { name, content } = await savedBy(ada, () => click(ada, "Save as text"));
  assert.equal(name, "Bob.txt");
  const lines = content.toString().trimEnd().split("\n");
  const withoutTime = lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, ""));
  assert.deepEqual(withoutTime.sort(), ["Ada: first", "Ada: third", "Bob: second"]);

  await click(ada, "Delete");
  const texts = () => ada.run(() => [...document.querySelectorAll(".entry .text")].map((p) => p.innerText));
  await until("the first is gone", async () => (await texts()).sort().join() === "second,third");
  await shows(bob, "first"); // it is deleted here alone
  ada.page.once("dialog", (dialog) => dialog.dismiss());
  await click(ada, "Delete all");
  assert.equal((await texts()).length, 2, "not without a yes");
  ada.page.once("dialog", (dialog) => dialog.accept());
  await click(ada, "Delete all");
  await until("all is gone", async () => (await texts()).length === 0);
  await says(ada, "the talk goes on");
  await shows(bob, "the talk goes on");
  await ada.page.reload();
  await ada.page.waitForSelector("input[name=name]");
  await ada.page.click("button[type=submit]");
  await choose(ada, "Bob");
  await until("only that is kept", async () => (await texts()).join() === "the talk goes on");
}, { chromium: "its debugger says where downloads go" });
