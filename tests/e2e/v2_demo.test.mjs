// The published demo of v2, as it was published: only its script's address and its server's port are
// ours. `server.*` and `serverLink.*` are the two spellings of its configuration.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

/** From the demo's own broadcast on: when its timer of a second fires is the browser's affair. */
const listedMax_ms = 500;

/** The demo broadcasts from its first second on, even while `init` is still joining: its own mistake. */
const tooEarly =
  /^uncaught: (TypeError: Cannot read properties of undefined \(reading 'addGossip'\)|Error: TypeError: can't access property "addGossip")/;

async function inNetwork(peers) {
  const count = (peer) => peer.run(() => Object.keys(globalThis.networkMap?.nodes ?? {}).length);
  for (const peer of peers) {
    await until("everyone is in the map", async () => (await count(peer)) === peers.length, {
      state: () => count(peer),
    });
  }
}

async function publish(peer, name, html) {
  await peer.page.bringToFront();
  await peer.page.type("#name-field", name);
  await peer.page.type("#resource-writer", html);
  await peer.page.click("button[onclick^='publishResource']");
}

/** Notes when the demo first tells the others of a site, as `Date.now()` in `globalThis.toldAt`. */
const noteTelling = (peer, name) =>
  peer.run((site) => {
    const tell = selfHostingTransport.addGossip.bind(selfHostingTransport);
    selfHostingTransport.addGossip = (gossip) => {
      if (gossip.content.includes(site)) globalThis.toldAt ??= Date.now();
      return tell(gossip);
    };
  }, name);

/** Waits until these peers list a site. */
async function listed(peers, name) {
  const lists = (peer) =>
    peer.run(
      (site) =>
        [...document.querySelectorAll("#resource-list a")].some((a) => a.textContent === site),
      name,
    );
  for (const peer of peers) {
    await until(`${name} is listed`, () => lists(peer), {
      state: () => peer.run(() => document.body.innerText),
    });
  }
}

/** Clicks on a site and waits until it is there. The list is drawn anew all the time. */
async function open(peer, name, text) {
  const begin = performance.now();
  await peer.run((site) => {
    const links = [...document.querySelectorAll("#resource-list a")];
    links.find(({ textContent }) => textContent === site).click();
  }, name);
  const shown = () => peer.run(() => document.getElementById("resource-display").innerText);
  await until(`${name} is shown`, async () => (await shown()).includes(text), { state: shown });
  return performance.now() - begin;
}

for (const folder of ["seed", "seed-server"]) {
  scenario(`the v2 demo works (${folder})`, async (world) => {
    world.expectComplaint(tooEarly);
    const server = await world.server();
    const peers = [];
    for (let i = 0; i < 3; i++) peers.push(await world.open(server.url(`/${folder}/`)));
    await inNetwork(peers);
    const [author, reader, other] = peers;

    await noteTelling(author, "hello");
    await publish(author, "hello", "<h2>Hello from a tab</h2>");
    await listed([reader, other], "hello");
    const listed_ms = Date.now() - (await author.run(() => globalThis.toldAt));
    assert.ok(listed_ms <= listedMax_ms, `listed after ${listed_ms} ms`);
    const opened_ms = await open(reader, "hello", "Hello from a tab");
    world.say(`listed after ${Math.round(listed_ms)} ms, open after ${Math.round(opened_ms)} ms`);
    assert.equal(
      await reader.run(() => document.querySelector("h2")?.textContent),
      "Hello from a tab",
    );

    await server.kill();
    await open(other, "hello", "Hello from a tab");
    await reader.run(() => document.querySelector("#resource-display button").click());
    await publish(other, "later", "<p>Published without a server</p>");
    await listed([author, reader], "later");
    await open(reader, "later", "Published without a server");
    await open(author, "later", "Published without a server");

    await author.closeTab();
    await reader.run(() => document.querySelector("#resource-display button").click());
    const forgotten = () =>
      reader.run(() => !document.getElementById("resource-list").innerText.includes("hello"));
    await until("the author's sites are gone with its tab", forgotten);
  });
}
