/**
 * Makes the picture of the README: three tabs of the hosting page in a network of two dozen, one of
 * them reading what another published. Everything in it is a screenshot of what really happened.
 *
 *   node picture.mjs       writes docs/images/hosting.png; build first, as `./run e2e` does
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { World } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const first = "Ada Grace Tim Alan Edsger Barbara Donald Radia Hedy Leslie Frances Katherine";
const others = "Dennis Margaret Shafi Jean Niklaus Sophie Tony Lynn Ken Adele Vint Mary";
const names = `${first} ${others}`.split(" ");
const tabSize = { width: 560, height: 900 };
const gap = 12;
const nanosecond = `
  <style>body { font: 17px/1.5 sans-serif; margin: 1.2em } i { display: block; background: #0f8f80 }</style>
  <h1>A nanosecond</h1>
  <p>Light gets no farther than a piece of wire this long, 29.98 cm:</p>
  <i style="height: 6px"></i>
  <p>A microsecond is a coil of 299.8 metres. When somebody asks why a message takes so long,
  show them the wire.</p>
  <p>This page lies in Grace's tab and nowhere else.</p>`;
const pages = new Map([
  ["Grace", ["a nanosecond", nanosecond]],
  ["Radia", ["spanning tree", "<h1>Spanning tree</h1><p>No loops, all reached.</p>"]],
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
  for (const name of names) await untilShows(tabs.get("Tim"), "#peers", name);
  for (const [name, page] of pages) await publish(tabs.get(name), ...page);
  await read(tabs.get("Ada"), "a nanosecond");
  const shown = [tabs.get("Ada"), tabs.get("Grace"), tabs.get("Tim")];
  for (const tab of shown) for (const [, [title]] of pages) await untilShows(tab, "#pages", title);
  const shots = [];
  for (const tab of shown) shots.push(await shoot(tab));
  await compose(shots);
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
  await tab.page.$eval("#publish .primary", (button) => button.click());
}

async function read(tab, title) {
  await untilShows(tab, "#pages", title);
  await tab.page.evaluate((text) => {
    const buttons = [...document.querySelectorAll("#pages button")];
    buttons.find(({ textContent }) => textContent === text).click();
  }, title);
  await untilShows(tab, "#reader-source", " ms");
}

async function shoot(tab) {
  await tab.page.bringToFront();
  return tab.page.screenshot({ encoding: "base64" });
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
