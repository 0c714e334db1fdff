/** Nexus as people use it: what is done by clicks and keys, and what a tab then shows. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { resultsFolder } from "./paths.mjs";
import { until } from "./until.mjs";

export const shown = (tab) => tab.run(() => document.body.innerText);

export async function shows(tab, ...texts) {
  const all = async () => {
    const text = await shown(tab);
    return texts.every((each) => text.includes(each));
  };
  await until(`${tab.name} shows ${texts}`, all, { within_ms: 20_000, state: () => shown(tab) });
}

/** Presses the button of this name, in whatever tab it is: those in the background draw nothing. */
export async function click(tab, name) {
  const pressed = () =>
    tab.page.evaluate((wanted) => {
      const nameOf = (button) => button.getAttribute("aria-label") ?? button.textContent.trim();
      const found = [...document.querySelectorAll("button:enabled")].find(
        (button) => nameOf(button) === wanted,
      );
      found?.click();
      return found !== undefined;
    }, name);
  await until(`${tab.name} has a button "${name}"`, pressed, { within_ms: 10_000 });
}

export async function openSettings(tab) {
  await click(tab, "Settings");
  await until("they are open", async () => (await tab.page.$("dialog[open]")) !== null);
}

/**
 * A tab with Nexus in which somebody has joined under this name: in a browser of their own if one is
 * given, `apart` in a profile of their own.
 */
export async function visitor(world, server, name, { remember = false, tour = false, ...place } = {}) {
  const tab = await world.open(addressOf(server), { name, ...place });
  await enter(tab, name, { remember, tour });
  return tab;
}

/** A visitor whose connections can be broken. */
export async function breakable(world, server, name) {
  const tab = await world.open("about:blank", { name });
  await tab.page.evaluateOnNewDocument(() => {
    globalThis.connections = [];
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...configuration) {
        super(...configuration);
        globalThis.connections.push(this);
      }
    };
  });
  await tab.page.goto(addressOf(server));
  await enter(tab, name);
  return tab;
}

export const breakLinks = (tab) =>
  tab.run(() => globalThis.connections.forEach((connection) => connection.close()));

/** Where Nexus is, with this server. */
export function addressOf(server) {
  return server.url(`/nexus/?server=${encodeURIComponent(server.address)}`);
}

/** Fills in the start page. Who is remembered finds the name there and has seen the tour. */
export async function enter(tab, name, { remember = false, tour = false } = {}) {
  await tab.page.waitForSelector("input[name=name]");
  const field = () => tab.page.$eval("input[name=name]", ({ value }) => value);
  if ((await field()) === "") await tab.page.type("input[name=name]", name);
  if (remember) await tick(tab, "remember");
  await tab.page.focus("input[name=name]");
  await tab.page.keyboard.press("Enter");
  const inside = () => tab.run(() => document.querySelector(".workspace") !== null);
  await until(`${name} is in`, inside, { within_ms: 20_000, state: () => shown(tab) });
  if (!tour) await closeTour(tab);
}

/** Escape closes it, once it is there: who has seen it gets none. */
async function closeTour(tab) {
  const closed = async () => {
    if (!(await tab.run(() => document.querySelector("dialog") !== null))) return true;
    if (await tab.run(() => document.querySelector("dialog[open]") !== null))
      await tab.page.keyboard.press("Escape");
    return false;
  };
  await until("the tour is closed", closed, { within_ms: 20_000 });
}

/** Ticks a box that is not ticked. */
export async function tick(tab, name) {
  await tab.page.$eval(`input[name=${name}]`, (box) => box.checked || box.click());
}

/** Ada chooses Bob in the list, asks, and he accepts. */
export async function talkBetween(ada, bob, bobsName = "Bob") {
  await choose(ada, bobsName);
  await click(ada, "Ask for a talk");
  await shows(bob, "wants to talk with you.");
  await click(bob, "Accept");
  for (const tab of [ada, bob]) await shows(tab, "Open: direct, encrypted from end to end.");
}

export async function choose(tab, name) {
  await shows(tab, name);
  await tab.page.evaluate((wanted) => {
    const rows = [...document.querySelectorAll(".row")];
    rows.find((row) => row.querySelector(".name").textContent === wanted).click();
  }, name);
}

export async function says(tab, text) {
  await tab.page.type("textarea[name=text]", text);
  await tab.page.keyboard.press("Enter");
}

export async function picture(tab, name) {
  mkdirSync(resultsFolder, { recursive: true });
  await tab.page.screenshot({ path: join(resultsFolder, `nexus-${name}.png`) });
}
