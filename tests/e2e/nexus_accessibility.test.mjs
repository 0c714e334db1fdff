// Nexus for those who use keys, hear the page, or need contrast: what axe finds, and Lighthouse's score.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { snapshot } from "lighthouse";
import { addressOf, openSettings, picture, says, shows, talkBetween, visitor } from "./helper/nexus.mjs";
import { scenario } from "./helper/scenario.mjs";

const scoreMin = 0.95;
/** The page is looked at as it stands, neither loaded again nor made a phone's. */
const asItIs = {
  onlyCategories: ["accessibility"],
  formFactor: "desktop",
  screenEmulation: { disabled: true },
  disableFullPageScreenshot: true,
};
const schemes = ["light", "dark"];

const prefer = (tab, scheme) =>
  tab.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);

/** Lighthouse's score of what is shown now, and the audits that take from it. */
async function lighthouse(tab) {
  await tab.page.bringToFront();
  const { lhr } = await snapshot(tab.page, { flags: asItIs });
  const { score, auditRefs } = lhr.categories.accessibility;
  const weighed = auditRefs.filter(({ weight }) => weight > 0).map(({ id }) => lhr.audits[id]);
  const faults = weighed.filter((audit) => audit.score !== null && audit.score < 1);
  return { score, faults: faults.map(({ id, details }) => ({ id, items: details?.items })) };
}

async function scoresWell(world, tab, what) {
  for (const scheme of schemes) {
    await prefer(tab, scheme);
    const { score, faults } = await lighthouse(tab);
    world.say(`Lighthouse, ${what}, ${scheme}: ${score * 100}`);
    assert.ok(score >= scoreMin, `${what}, ${scheme}: ${score}, ${JSON.stringify(faults)}`);
  }
}

scenario("Lighthouse gives the start page and an open talk 95 of 100 or more in accessibility", async (world) => {
  const server = await world.server();
  const browser = await world.browser({ kind: "chromium" }); // it speaks no other browser's protocol
  const ada = await world.open(addressOf(server), { name: "Ada", browser });
  await scoresWell(world, ada, "start page");
  const bob = await visitor(world, server, "Bob", { browser });
  const carol = await visitor(world, server, "Carol", { browser });
  await talkBetween(carol, bob);
  await says(carol, "hello");
  await says(bob, "hello, too");
  await shows(carol, "hello, too");
  await scoresWell(world, carol, "open talk");
}, { chromium: "Lighthouse knows no other" });

/** What axe finds wrong with what is shown now. */
async function accessibilityFaults(tab) {
  if (!(await tab.run(() => "axe" in globalThis)))
    await tab.page.addScriptTag({ path: fileURLToPath(import.meta.resolve("axe-core/axe.min.js")) });
  const { violations } = await tab.run(async () => {
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    return globalThis.axe.run();
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

scenario("nothing stands in the way of those who use keys or hear the page", async (world) => {
  const server = await world.server();
  const bob = await visitor(world, server, "Bob");
  const ada = await world.open(addressOf(server), { name: "Ada" });
  assert.deepEqual(await accessibilityFaults(ada), [], "the start page");
  await ada.page.keyboard.press("Tab"); // the name is the first thing there is
  await ada.page.keyboard.type("Ada");
  await ada.page.keyboard.press("Enter");
  await shows(ada, "This is the network");
  assert.deepEqual(await accessibilityFaults(ada), [], "the tour");
  await ada.page.keyboard.press("Escape");
  await talkBetween(ada, bob);
  await says(ada, "hello");
  await says(bob, "hello, too");
  await shows(ada, "hello, too");
  for (const scheme of schemes) {
    await prefer(ada, scheme);
    for (const [name, width, height] of [
      ["phone", 390, 780],
      ["tablet", 820, 1100],
      ["desktop", 1440, 900],
    ]) {
      await ada.page.setViewport({ width, height });
      await ada.page.bringToFront();
      assert.deepEqual(await accessibilityFaults(ada), [], `${name}, ${scheme}`);
      await picture(ada, `${name}-${scheme}`);
    }
  }
  await openSettings(ada);
  await shows(ada, "Leave the network");
  assert.deepEqual(await accessibilityFaults(ada), [], "settings");
  await picture(ada, "settings");
}, { chromium: "its debugger says what the system prefers" });
