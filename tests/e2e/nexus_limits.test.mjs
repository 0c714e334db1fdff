// Each limit of Nexus, and what happens when it is reached.
import assert from "node:assert/strict";
import { addressOf, choose, click, enter, picture, says, shown, shows, talkBetween, visitor } from "./helper/nexus.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

/** Somebody with a page of their own on the same network, whose talk with Ada is open. */
async function stranger(world, server, ada) {
  const peer = await world.join(server, { name: "Mallory" });
  await choose(ada, "Mallory");
  await click(ada, "Ask for a talk");
  await shows(ada, "Open: direct, encrypted from end to end.");
  await peer.run(() => {
    [globalThis.session] = globalThis.e2e.membrane.sessions.values();
  });
  return peer;
}

const lengthOfEntries = (tab) =>
  tab.run(() => [...document.querySelectorAll(".entry .text")].map(({ innerText }) => innerText.length));

scenario("the field takes 20,000 characters and says so, of any script they arrive", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada");
  const bob = await visitor(world, server, "Bob");
  await talkBetween(ada, bob);
  const paste = async (letter, count) => {
    await ada.page.bringToFront();
    await ada.page.focus("textarea[name=text]");
    await ada.page.keyboard.sendCharacter(letter.repeat(count));
  };
  await paste("水", 20_500); // three bytes each: the most that a character of this count has
  await shows(ada, "That is as long as a message may be: 20,000 characters.");
  await ada.page.keyboard.press("Enter");
  const arrived = async () => (await lengthOfEntries(bob)).join() === "20000";
  await until("all of what fitted is there", arrived, { state: () => lengthOfEntries(bob) });
  assert.ok(!(await shown(ada)).includes("That is as long as"));
  await shows(bob, "Open: direct, encrypted from end to end.");
}, { chromium: "its debugger types many characters at once" });

scenario("a message of 100 kB is taken, one byte more ends the talk, which says why", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada");
  const mallory = await stranger(world, server, ada);
  await mallory.run(() => globalThis.session.send("a".repeat(100_000)));
  const arrived = async () => (await lengthOfEntries(ada)).join() === "100000";
  await until("100 kB are there", arrived, { state: () => lengthOfEntries(ada) });
  await mallory.run(() => globalThis.session.send("a".repeat(100_001)).catch(() => undefined));
  await shows(ada, "Ended: they sent a message above 100 kB.", "Ask for a talk");
  await until("the other side sees it end", () =>
    mallory.run(() => globalThis.e2e.membrane.sessions.size === 0),
  );
  assert.equal((await lengthOfEntries(ada)).length, 1);
  await click(ada, "Ask for a talk"); // only she can, if she still wants to
  await shows(ada, "Open: direct, encrypted from end to end.");
});

/** A file of this size that takes no room: one piece again and again. */
const makeFile = (tab, size) =>
  tab.run((bytes) => {
    const piece = new Blob([new Uint8Array(1_000_000)]);
    const pieces = Array.from({ length: Math.floor(bytes / piece.size) }, () => piece);
    const rest = new Blob([new Uint8Array(bytes % piece.size)]);
    globalThis.file = new File([...pieces, rest], `${bytes}.bin`);
    return globalThis.file.size;
  }, size);

const dropIt = (tab) =>
  tab.run(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(globalThis.file);
    const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
    document.querySelector(".talk").dispatchEvent(drop);
  });

scenario("a file of 2 GB goes on its way, one byte more is not sent, and is refused where it comes", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada");
  const bob = await visitor(world, server, "Bob");
  await talkBetween(ada, bob);
  assert.equal(await makeFile(ada, 2_000_000_001), 2_000_000_001);
  await dropIt(ada);
  await shows(ada, "2000000001.bin", "Not sent: above 2 GB.");
  assert.equal(await ada.page.$("progress"), null);

  await makeFile(ada, 2_000_000_000);
  await dropIt(ada);
  await shows(bob, "2000000000.bin", "2.00 GB");
  const moves = () => bob.run(() => document.querySelector("progress")?.value > 0);
  await until("it is on its way", moves, { within_ms: 20_000 });
  await click(bob, "Cancel");
  await shows(bob, "You cancelled.");
  await shows(ada, "They declined.");
  await dropIt(ada);
  await shows(ada, "Cancel");
  await shows(bob, "Cancel");
  await click(ada, "Cancel");
  await shows(ada, "You cancelled.");
  await shows(bob, "They cancelled.");
  assert.ok(!(await shown(bob)).includes("2000000001.bin"), "Bob was not bothered with the other");

  const mallory = await stranger(world, server, ada);
  await makeFile(mallory, 2_000_000_001);
  const outcome = await mallory.run(() =>
    globalThis.session.sendFile(globalThis.file).then(
      () => "sent",
      ({ code }) => code,
    ),
  );
  assert.equal(outcome, "refused");
  await shows(ada, "2000000001.bin", "Refused: above 2 GB.");
  await shows(ada, "Open: direct, encrypted from end to end.");
});

scenario("a talk keeps its newest 1,000 entries and says so, on the page and in what is kept", async (world) => {
  const server = await world.server();
  const ada = await visitor(world, server, "Ada", { remember: true, apart: true });
  const mallory = await stranger(world, server, ada);
  const full = "A talk keeps its newest 1,000 entries; older ones are gone.";
  const heard = () =>
    ada.run(() => {
      const all = [...document.querySelectorAll(".entry .text")].map(({ innerText }) => innerText);
      return `${all.length}: ${all[0]} … ${all.at(-1)}`;
    });
  const say = (first, last) =>
    mallory.run(
      async (from, to) => {
        for (let i = from; i <= to; i++) await globalThis.session.send(`message ${i}`);
      },
      first,
      last,
    );
  const holds = (expected) =>
    until(`Ada has ${expected}`, async () => (await heard()) === expected, {
      within_ms: 60_000,
      pause_ms: 100,
      state: heard,
    });
  await say(1, 999);
  await holds("999: message 1 … message 999");
  assert.ok(!(await shown(ada)).includes(full));
  await say(1_000, 1_005);
  await holds("1000: message 6 … message 1005");
  await shows(ada, full);
  await picture(ada, "full");
  await says(ada, "mine");
  await holds("1000: message 7 … mine");
  const kept = () =>
    ada.run(
      () =>
        new Promise((resolve) => {
          const opening = indexedDB.open("membrane-nexus");
          opening.onsuccess = () => {
            const { result } = opening;
            const counting = result.transaction("entries").objectStore("entries").count();
            counting.onsuccess = () => resolve(counting.result);
            result.close();
          };
        }),
    );
  await until("as many are kept", async () => (await kept()) === 1_000, { within_ms: 60_000, state: kept });
  await ada.page.goto(addressOf(server));
  await enter(ada, "Ada");
  const id = await mallory.run(() => globalThis.e2e.membrane.id);
  assert.equal(id.length, 52);
  await choose(ada, "Mallory");
  await holds("1000: message 7 … mine");
});
