// The hosting page, by clicks and keys, with friends and with somebody hostile.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { resultsFolder } from "./helper/paths.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

async function openTabs(world, server, names) {
  const tabs = [];
  for (const name of names) {
    const tab = await world.open(server.url(`/?server=${server.address}`), { name });
    await fill(tab, "#name", name);
    await tab.page.keyboard.press("Enter");
    tabs.push(tab);
  }
  for (const tab of tabs) {
    await until(`${tab.name} is in`, async () =>
      (await text(tab, "#status")).startsWith(`${names.length} here`),
    );
  }
  return tabs;
}

const text = (tab, selector) => tab.page.$eval(selector, (element) => element.textContent);

/** Writes into a field as a person does, over what is there. */
async function fill(tab, selector, value) {
  await tab.page.bringToFront();
  await tab.page.click(selector, { count: 3 });
  await tab.page.keyboard.press("Backspace");
  await tab.page.keyboard.type(value);
}

async function click(tab, selector) {
  await tab.page.bringToFront();
  await tab.page.click(selector);
}

async function publish(tab, name, html) {
  await fill(tab, "#page-name", name);
  await fill(tab, "#page-html", html);
  await click(tab, "#publish .primary");
}

const listed = (tab) => tab.page.$$eval("#pages button", (all) => all.map((b) => b.textContent));

const lists = (tab, name) =>
  until(`${tab.name} lists ${name}`, async () => (await listed(tab)).includes(name), {
    state: () => listed(tab),
  });

/** Clicks on a page in the list, at its place: the list may be drawn anew at any moment. */
async function choose(tab, name) {
  await tab.page.bringToFront();
  const [x, y] = await tab.run((wanted) => {
    const buttons = [...document.querySelectorAll("#pages button")];
    const { left, right, top, bottom } = buttons
      .find(({ textContent }) => textContent === wanted)
      .getBoundingClientRect();
    return [(left + right) / 2, (top + bottom) / 2];
  }, name);
  await tab.page.mouse.click(x, y);
}

/** Opens somebody's page; resolves when there is a frame that shows it. */
async function read(tab, name) {
  await choose(tab, name);
  await tab.page.waitForSelector("#frame iframe", { timeout: 5_000 });
}

/** All text in the tab, also in frames. Scripts in them are off, so it is the browser that tells. */
async function shown(tab) {
  const session = await tab.page.createCDPSession();
  const { root } = await session.send("DOM.getDocument", { depth: -1, pierce: true });
  await session.detach();
  const textOf = ({ nodeName, nodeValue, children = [], contentDocument }) =>
    nodeName === "#text"
      ? nodeValue
      : [...children, ...(contentDocument ? [contentDocument] : [])].map(textOf).join(" ");
  return textOf(root);
}

const shows = (tab, words) =>
  until(`${tab.name} shows ${words}`, async () => (await shown(tab)).includes(words));

async function screenshot(tab, name) {
  mkdirSync(resultsFolder, { recursive: true });
  await tab.page.bringToFront();
  await tab.page.screenshot({ path: join(resultsFolder, `${name}.png`) });
}

scenario("three tabs publish, read, withdraw and leave on the hosting page", async (world) => {
  const server = await world.server();
  const tabs = await openTabs(world, server, ["Ada", "Grace", "Radia"]);
  const [ada, grace, radia] = tabs;

  await publish(ada, "garden", "<h1>My garden</h1><p>Beans, mostly.</p>");
  await lists(grace, "garden");
  await lists(radia, "garden");
  await read(grace, "garden");
  await shows(grace, "Beans, mostly.");
  assert.match(await text(grace, "#reader-source"), /^From Ada, in \d+ ms$/);
  world.say(await text(grace, "#reader-source"));

  await publish(radia, "trees", "<h1>Spanning trees</h1><p>A graph that is loop-free.</p>");
  await Promise.all([lists(ada, "trees"), lists(grace, "trees")]);
  await screenshot(ada, "hosting-ada");
  await screenshot(grace, "hosting-grace");
  await screenshot(radia, "hosting-radia");

  await server.kill();
  await until("the page says so", async () => (await text(ada, "#status")).includes("server gone"));
  await read(ada, "trees");
  await shows(ada, "loop-free");
  await click(grace, "#close");
  await publish(grace, "late", "<p>Still publishing</p>");
  await lists(radia, "late");
  await read(radia, "late");
  await shows(radia, "Still publishing");
  await screenshot(radia, "hosting-without-server");

  await click(ada, "#close");
  await choose(ada, "garden");
  await click(ada, "#withdraw");
  await until("it is withdrawn", async () => !(await listed(grace)).includes("garden"));
  await radia.closeTab();
  await until("her pages went with her", async () => !(await listed(grace)).includes("trees"));
}, { chromium: "its debugger reads frames without scripts" });

scenario("a hostile name and page run nothing in the hosting page", async (world) => {
  const server = await world.server();
  const evil = "<img src=x onerror=hacked=1>";
  const [attacker, reader] = await openTabs(world, server, [evil, "Ada"]);
  const stolen = [];
  reader.page.on("response", (response) => {
    if (response.url().includes("stolen")) stolen.push(response.url());
  });
  await reader.run(() => {
    globalThis.told = [];
    addEventListener("message", ({ data }) => globalThis.told.push(data));
  });
  const tell = "parent.postMessage('ran','*');parent.hacked=1;top.hacked=1";
  await publish(
    attacker,
    evil,
    `<p>hostile</p><script>${tell}</script><img src=x onerror="${tell}"><svg onload="${tell}"></svg>` +
      `<iframe srcdoc="<script>${tell}</script>"></iframe><img src="/stolen.png">` +
      `<link rel=stylesheet href="/stolen.css"><style>@import "/stolen2.css";</style>` +
      `<meta http-equiv=refresh content="0;url=/stolen.html"><form action=/stolen id=f></form>` +
      `<a id=up target=_top href="/stolen-top">up</a><p>end of it</p>`,
  );
  await lists(reader, evil);
  // The browser reports each thing that the page's policy and the sandbox kept from happening.
  reader.complaints.length = 0;
  world.expectComplaint(/Content Security Policy|sandboxed|ERR_BLOCKED_BY_CSP/);
  await read(reader, evil);
  await shows(reader, "end of it");
  await screenshot(reader, "hosting-hostile");
  await click(reader, "#close");
  await read(reader, evil);
  await shows(reader, "end of it");
  assert.deepEqual(await reader.run(() => [globalThis.hacked ?? null, globalThis.told]), [
    null,
    [],
  ]);
  assert.deepEqual(stolen, []);
  assert.equal(new URL(reader.page.url()).pathname, "/");
  assert.equal(await reader.page.$$eval("#pages img, #peers img", (all) => all.length), 0);
  assert.ok((await text(reader, "#peers")).includes(evil));
}, { chromium: "its debugger reads frames without scripts" });
