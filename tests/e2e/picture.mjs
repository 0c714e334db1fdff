/**
 * Makes the picture of the README: three tabs of the hosting page in a network of twelve, one of
 * them reading what another published. Everything in it is a screenshot of what really happened.
 *
 *   node picture.mjs       writes docs/images/hosting.png; build first, as `./run e2e` does
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { World } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const names = "Ada Grace Alan Edsger Barbara Donald Radia Tim Hedy Leslie Frances Claude".split(" ");
const tabSize = { width: 560, height: 960 };
const gap = 12;
const pages = new Map([
  ["Grace", ["about nanoseconds", "<h1>A nanosecond</h1><p>is a wire 30 cm long.</p>"]],
  ["Radia", ["spanning tree", "<h1>Algorhyme</h1><p>I think that I shall never see…</p>"]],
]);

const world = new World(console.log);
try {
  const server = await world.server();
  const tabs = new Map();
  for (const name of names) {
    const tab = await world.open(server.url(`/?server=${server.address}`), { name });
    await tab.page.setViewport(tabSize);
    await rename(tab, name);
    tabs.set(name, tab);
  }
  for (const tab of tabs.values()) await untilShows(tab, "#status", `${names.length} here`);
  for (const name of names) await untilShows(tabs.get("Ada"), "#peers", name);
  for (const [name, page] of pages) await publish(tabs.get(name), ...page);
  await read(tabs.get("Ada"), "about nanoseconds");
  const shown = [tabs.get("Ada"), tabs.get("Grace"), tabs.get("Tim")];
  for (const tab of shown) for (const [, [title]] of pages) await untilShows(tab, "#pages", title);
  await compose(await Promise.all(shown.map((tab) => tab.page.screenshot({ encoding: "base64" }))));
} finally {
  await world.end();
}

function untilShows(tab, selector, text) {
  const seen = () => tab.page.$eval(selector, (element) => element.innerText);
  const there = async () => (await seen()).includes(text);
  return until(`${tab.name} shows ${text}`, there, { within_ms: 20_000, state: seen });
}

async function rename(tab, name) {
  await untilShows(tab, "#status", "here");
  await tab.page.$eval("#name", (field, value) => (field.value = value), name);
  await tab.page.$eval("#name", (field) => field.dispatchEvent(new Event("change")));
}

async function publish(tab, title, html) {
  await tab.page.$eval("#page-name", (field, value) => (field.value = value), title);
  await tab.page.$eval("#page-html", (field, value) => (field.value = value), html);
  await tab.page.click("#publish .primary");
}

async function read(tab, title) {
  await untilShows(tab, "#pages", title);
  await tab.page.evaluate((text) => {
    const buttons = [...document.querySelectorAll("#pages button")];
    buttons.find(({ textContent }) => textContent === text).click();
  }, title);
  await untilShows(tab, "#reader-source", " ms");
}

/** The tabs side by side. */
async function compose(shots) {
  const sheet = await world.open("about:blank", { name: "sheet" });
  const width = shots.length * tabSize.width + (shots.length + 1) * gap;
  await sheet.page.setViewport({ width, height: tabSize.height + 2 * gap });
  const images = shots.map((shot) => `<img src="data:image/png;base64,${shot}">`);
  const style = `body{margin:${gap}px;display:flex;gap:${gap}px;background:#8c8ca0}`;
  await sheet.page.setContent(`<style>${style}</style>${images.join("")}`);
  mkdirSync(folder, { recursive: true });
  await sheet.page.screenshot({ path: `${folder}hosting.png` });
}
