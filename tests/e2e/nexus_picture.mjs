/**
 * Makes the picture of the README: Nexus in a network of two dozen, with a talk under way. It is a
 * screenshot of what really happened.
 *
 *   node nexus_picture.mjs       writes docs/images/nexus.png; build first, as `./run e2e` does
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { World } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const first = "Grace Tim Alan Edsger Barbara Donald Radia Hedy Leslie Frances Katherine Dennis";
const others = "Margaret Shafi Jean Niklaus Sophie Tony Lynn Ken Adele Vint Mary";
const names = `${first} ${others}`.split(" ");
const said = [
  ["Grace", "Can you read this?"],
  ["Ada", "Yes. It came from your tab into mine."],
  ["Grace", "Nobody in between, then."],
];

const world = new World(console.log);
try {
  const server = await world.server();
  for (const name of names) await world.join(server, { name });
  const grace = world.peers[0];
  const address = server.url(`/nexus/?server=${encodeURIComponent(server.address)}`);
  const ada = await world.open(address, { name: "Ada" });
  await ada.page.setViewport({ width: 1280, height: 760 });
  await ada.page.type("input[name=name]", "Ada");
  await ada.page.keyboard.press("Enter");
  await shows(ada, "This is the network");
  await ada.page.keyboard.press("Escape");
  await shows(ada, "24 peers");
  await press(ada, ".row .name", "Grace");
  await press(ada, ".talk button", "Ask for a talk");
  await shows(ada, "Open: direct");
  for (const [name, text] of said) {
    if (name === "Ada") {
      await ada.page.type("textarea[name=text]", text);
      await ada.page.keyboard.press("Enter");
    } else {
      await grace.run(
        (id, words) => globalThis.e2e.membrane.sessions.get(id).send(words),
        await idOf(grace, "Ada"),
        text,
      );
    }
    await shows(ada, text);
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000)); // the lit way fades
  mkdirSync(folder, { recursive: true });
  await ada.page.screenshot({ path: `${folder}nexus.png` });
} finally {
  await world.end();
}

function idOf(peer, name) {
  return peer.run(
    (wanted) => [...globalThis.e2e.membrane.map].find((other) => other.name === wanted).id,
    name,
  );
}

function shows(tab, text) {
  const seen = () => tab.run(() => document.body.innerText);
  const there = async () => (await seen()).includes(text);
  return until(`${tab.name} shows ${text}`, there, { within_ms: 20_000, state: seen });
}

function press(tab, selector, text) {
  const pressed = () =>
    tab.page.evaluate(
      (from, wanted) => {
        const found = [...document.querySelectorAll(from)].find(
          ({ textContent }) => textContent.trim() === wanted,
        );
        (found?.closest("button") ?? found)?.click();
        return found !== undefined;
      },
      selector,
      text,
    );
  return until(`${tab.name} has ${text}`, pressed, { within_ms: 20_000 });
}
