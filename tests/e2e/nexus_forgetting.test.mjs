// "Forget me on this device" in Nexus: what is left then, and who comes back.
import assert from "node:assert/strict";
import { addressOf, choose, click, enter, openSettings, picture, says, shows, talkBetween, visitor } from "./helper/nexus.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

/** Everything that is kept on this device: settings, databases, and the names under which keys are. */
const kept = (tab) =>
  tab.run(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name).sort();
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open("membrane");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const keys = await new Promise((resolve, reject) => {
      const request = database.transaction("identities").objectStore("identities").getAllKeys();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    database.close();
    return { settings: Object.keys(localStorage), databases: names, keys };
  });

const keyShown = (tab) => tab.run(() => document.querySelector(".fingerprint").textContent);
const entries = (tab) =>
  tab.run(() => [...document.querySelectorAll(".entry .text")].map(({ textContent }) => textContent));

/** The start page, with nobody's name in it; a page that begins anew answers nothing for a moment. */
async function isEmptyStart(tab) {
  const empty = () => {
    const field = document.querySelector("input[name=name]");
    return field?.value === "" && !document.querySelector("input[name=remember]").checked;
  };
  await tab.page.waitForFunction(empty, { polling: 50, timeout: 20_000 });
}

scenario("who is forgotten leaves nothing on the device, in no tab, and comes back as somebody else", async (world) => {
  const server = await world.server();
  const bob = await visitor(world, server, "Bob", { apart: true });
  const ada = await visitor(world, server, "Ada", { remember: true });
  const second = await visitor(world, server, "Ada", { remember: true });
  const third = await world.open(addressOf(server), { name: "Ada's start page" });
  await talkBetween(ada, bob);
  await says(ada, "remember this");
  await shows(bob, "remember this");
  const before = {
    settings: ["membrane-nexus"],
    databases: ["membrane", "membrane-nexus"],
    keys: ["membrane-nexus", "membrane-nexus 2"],
  };
  const key = await keyShown(bob);

  await openSettings(ada);
  await picture(ada, "forget");
  ada.page.once("dialog", (dialog) => dialog.dismiss());
  await click(ada, "Forget me on this device");
  assert.deepEqual(await kept(ada), before, "who changes their mind loses nothing");
  ada.page.once("dialog", (dialog) => dialog.accept());
  await click(ada, "Forget me on this device");

  for (const tab of [ada, second, third]) await isEmptyStart(tab);
  await shows(bob, "1 peer", "They are not here now.");
  // The library's database, which other pages of this address share, is there without their keys.
  const nothing = { settings: [], databases: ["membrane"], keys: [] };
  await until("nothing is kept", async () => JSON.stringify(await kept(ada)) === JSON.stringify(nothing), {
    state: () => kept(ada),
  });
  await ada.page.reload();
  await isEmptyStart(ada);

  await ada.page.bringToFront();
  await enter(ada, "Ada", { remember: true });
  await shows(bob, "2 peers");
  await talkBetween(ada, bob);
  assert.deepEqual(await entries(ada), []);
  assert.notEqual(await keyShown(bob), key);
});
