// Nexus as people use it: by clicks and keys, in tabs.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  breakable,
  breakLinks,
  choose,
  click,
  openSettings,
  picture,
  says,
  shown,
  shows,
  talkBetween,
  visitor,
} from "./helper/nexus.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

scenario("two people meet in Nexus, ask, accept, talk, and end it", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada");
  await shows(ada, "nobody else is here yet");
  const bob = await visitor(world, server, "Bob");
  await shows(ada, "2 peers", "Bob");
  await talkBetween(ada, bob);
  for (const tab of [ada, bob])
    await until("the field has the focus", () => tab.run(() => document.activeElement.name === "text"));
  await says(ada, "hello Bob");
  await shows(bob, "hello Bob");
  await says(bob, "hello Ada");
  await shows(ada, "hello Ada");
  await picture(ada, "talk");
  await click(ada, "End the talk");
  for (const tab of [ada, bob]) await shows(tab, "Ask for a talk");
  await click(bob, "Notices, 1 unread");
  await shows(bob, "The talk with Ada is over.");
});

scenario("a request may be refused, and who asked is told", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada");
  const bob = await visitor(world, server, "Bob");
  await openSettings(bob);
  await choose(ada, "Bob");
  await click(ada, "Ask for a talk");
  await shows(bob, "wants to talk with you.");
  await picture(bob, "request");
  // A modal dialog is open: what is outside of it could not be pressed.
  await bob.page.bringToFront();
  await bob.page.click("dialog[open] .request .outline");
  await shows(ada, "They declined.");
});

scenario("what everyone says reaches everyone, with unread marks where nobody looks", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada");
  const bob = await visitor(world, server, "Bob");
  await choose(bob, "Ada");
  await choose(ada, "Everyone");
  await shows(ada, "2 peers");
  await says(ada, "hello, all");
  await until("Bob has it unread", () =>
    bob.run(() => document.querySelector(".people .count")?.textContent === "1"),
  );
  await until("the title counts it", async () => (await bob.page.title()) === "(1) Nexus");
  await choose(bob, "Everyone");
  await shows(bob, "hello, all");
  await until("the title does not", async () => (await bob.page.title()) === "Nexus");
});

scenario("a file goes over with its progress, and is downloaded whole", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "membrane-e2e-nexus-"));
  try {
    const server = await world.server();
    const ada = await visitor(world, server, "Ada");
    const bob = await visitor(world, server, "Bob");
    await talkBetween(ada, bob);
    const file = join(folder, "holiday.bin");
    writeFileSync(file, Buffer.alloc(50_000_000, "membrane"));
    const input = await ada.page.$("input[name=file]");
    await input.uploadFile(file);
    await shows(bob, "holiday.bin", "50.0 MB");
    await until("it is on its way", () => bob.run(() => document.querySelector("progress") !== null));
    await until(
      "it is there",
      () =>
        bob.run(() =>
          [...document.querySelectorAll(".entry button")].some(
            ({ textContent }) => textContent === "Download",
          ),
        ),
      { within_ms: 60_000 },
    );
    await click(bob, "Download");
    await until("nothing is on its way", () =>
      ada.run(() => document.querySelector("progress") === null),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

scenario("who is remembered has the same key and talks after a reload", async (world) => {
  const server = await world.server();
  const bob = await visitor(world, server, "Bob");
  const ada = await visitor(world, server, "Ada", { remember: true });
  await talkBetween(ada, bob);
  await says(ada, "do you know me?");
  await shows(bob, "do you know me?");
  const keyOf = async () => {
    await shows(bob, "Ada");
    return bob.run(() => document.querySelector(".fingerprint").textContent);
  };
  const before = await keyOf();
  await ada.page.reload();
  await ada.page.waitForSelector("input[name=name]");
  assert.equal(await ada.page.$eval("input[name=name]", ({ value }) => value), "Ada");
  await ada.page.click("button[type=submit]");
  await choose(ada, "Bob");
  await shows(ada, "do you know me?");
  await shows(bob, "Ada");
  assert.equal(await keyOf(), before);
});

scenario("whoever leaves is gone from the others, and may come back", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada");
  const bob = await visitor(world, server, "Bob");
  await talkBetween(ada, bob);
  await openSettings(ada);
  await click(ada, "Leave the network");
  await shows(ada, "Your name");
  assert.equal(await ada.page.$("[role=alert]"), null);
  await shows(bob, "1 peer", "They are not here now.");
  await click(ada, "Join");
  await shows(ada, "2 peers");
  await shows(bob, "2 peers");
});

scenario("where the server is away Nexus says so and lets its address be changed", async (world) => {
  world.expectLostSockets();
  const server = await world.server();
  const tab = await world.open(server.url("/nexus/?server=ws://127.0.0.1:9"), { name: "Ada" });
  await tab.page.type("input[name=name]", "Ada");
  await tab.page.keyboard.press("Enter");
  await shows(tab, "The first-contact server does not answer. Is its address right?");
  await tab.page.$eval("input[name=server]", (field) => (field.value = ""));
  await tab.page.type("input[name=server]", server.address);
  await tab.page.click("button[type=submit]");
  await shows(tab, "This is the network");
});

scenario("a browser without WebRTC is told so", async (world) => {
  const server = await world.server();
  const tab = await world.open("about:blank", { name: "old" });
  await tab.page.evaluateOnNewDocument(() => delete globalThis.RTCPeerConnection);
  await tab.page.goto(server.url("/nexus/"));
  await shows(tab, "Nexus cannot run here", "no WebRTC");
});

/** Ada and Bob, who have somebody between them and whose connections can be broken. */
async function breakableTalk(world) {
  const server = await world.server();
  await world.join(server, { name: "between" });
  const ada = await visitor(world, server, "Ada");
  const bob = await breakable(world, server, "Bob");
  await shows(ada, "3 peers");
  await talkBetween(ada, bob);
  return [ada, bob];
}

scenario("a talk whose connection breaks is taken up again, unasked", async (world) => {
  const [ada, bob] = await breakableTalk(world);
  await says(ada, "before");
  await shows(bob, "before");
  await breakLinks(bob);
  await shows(ada, "The connection was lost. It is sought again.");
  await shows(ada, "Open: direct, encrypted from end to end.");
  await says(ada, "after");
  await shows(bob, "after");
  await says(bob, "still here");
  await shows(ada, "still here");
  assert.ok(!(await shown(bob)).includes("wants to talk with you"));
});

scenario("a talk that one ends while it is lost is over for both, and nobody is asked", async (world) => {
  const [ada, bob] = await breakableTalk(world);
  await breakLinks(bob);
  await shows(ada, "The connection was lost. It is sought again.");
  await click(ada, "End the talk"); // as a rule before it is taken up again
  await shows(ada, "You ended it.");
  await shows(bob, "They ended it.");
  assert.ok(!(await shown(ada)).includes("wants to talk with you"));
});
