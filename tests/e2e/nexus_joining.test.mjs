// How long it takes into the network with Nexus, for somebody who does not hesitate.
import assert from "node:assert/strict";
import { visitor } from "./helper/nexus.mjs";
import { scenario } from "./helper/scenario.mjs";

const mark_ms = 2_000;
/** The best one tells what Nexus takes; the others, what else the machine has to do. */
const attempts = 3;

/**
 * Joins as soon as the start page is seen, and gives the time from there until Nexus says that it is in the
 * network. All of it within the page, so that what it takes to drive a browser is not in the figure.
 */
function joinAtFirstFrame() {
  globalThis.joined_ms = new Promise((resolve) => {
    const begin = ({ startTime }) => {
      const look = () => {
        const state = document.querySelector(".state")?.textContent ?? "";
        if (state.includes("in the network")) resolve(performance.now() - startTime);
      };
      new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
      document.querySelector("form").requestSubmit();
    };
    new PerformanceObserver((list) => list.getEntriesByName("first-contentful-paint").forEach(begin)).observe({
      type: "paint",
      buffered: true,
    });
  });
}

scenario("from the first frame of Nexus to the network it takes at most 2 s", async (world) => {
  const server = await world.server();
  await world.join(server, { name: "Bob" });
  const ada = await visitor(world, server, "Ada", { remember: true }); // the start page has her name from now on
  await ada.page.evaluateOnNewDocument(joinAtFirstFrame);
  const taken_ms = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    await ada.page.reload();
    taken_ms.push(await ada.run(() => globalThis.joined_ms));
  }
  world.say(`${taken_ms.map(Math.round).join(", ")} ms`);
  assert.ok(Math.min(...taken_ms) <= mark_ms, `${taken_ms} ms`);
});
