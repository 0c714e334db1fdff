/** State topics: whole membranes over the core. */
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import type { Membrane } from "../src/index.js";
import { everyConnectionCloses } from "./fake_rtc.js";
import { eventually, Network, until } from "./network.js";

let network: Network;

beforeEach(() => {
  network = new Network();
});

afterEach(() => network.end());

after(everyConnectionCloses);

/** Waits until the member sees this value, undefined for none. */
function sees(member: Membrane, owner: Membrane, key: string, value: unknown): Promise<void> {
  const topic = member.topic("t");
  return until(topic, ["state"], () => {
    const held = topic.state.get(owner.id)?.get(key);
    return value === undefined ? held === undefined : held?.json === value;
  });
}

test("a value is there for whoever is here and whoever comes later, until it is taken back", async () => {
  const ada = await network.join("Ada");
  ada.topic("t").set("mood", "cheerful");
  await sees(ada, ada, "mood", "cheerful");
  const bob = await network.join("Bob");
  await sees(bob, ada, "mood", "cheerful");
  bob.topic("t").set("mood", "tired");
  await sees(ada, bob, "mood", "tired");
  assert.equal(ada.topic("t").state.get(ada.id)?.get("mood")?.json, "cheerful", "each has its own");
  const held = bob.topic("t").state.get(ada.id)?.get("mood");
  assert.equal(held?.origin, ada.id);
  ada.topic("t").set("mood", undefined);
  await sees(bob, ada, "mood", undefined);
  assert.ok(!bob.topic("t").state.has(ada.id));
});

test("a topic that nobody asked for yet has its values when somebody does", async () => {
  const [ada, bob] = [await network.join("Ada"), await network.join("Bob")];
  for (const name of ["t", "other"]) ada.topic(name).set("k", name);
  await eventually(() => bob.counters["states kept"] === 2);
  assert.equal(bob.topic("t").state.get(ada.id)?.get("k")?.text, '"t"');
});

test("values end for whoever leaves, with an event, and setting is refused", async () => {
  const ada = await network.join("Ada");
  const topic = ada.topic("t");
  topic.set("k", 1);
  await sees(ada, ada, "k", 1);
  const told: unknown[] = [];
  topic.on("state", (change) => told.push(change));
  await ada.close();
  assert.deepEqual(told, [{ origin: ada.id, key: "k", value: undefined }]);
  assert.equal(topic.state.size, 0);
  assert.throws(() => topic.set("k", 2), { code: "closed" });
});

test("a page that comes back from the back/forward cache sets its values again", async () => {
  const { document, navigator } = globalThis;
  const window = new EventTarget();
  const addEventListener = window.addEventListener.bind(window);
  Object.assign(globalThis, {
    document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
    addEventListener,
  });
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  try {
    const ada = await network.join("Ada");
    const topic = ada.topic("t");
    topic.set("kept", "yes");
    topic.set("gone", "yes");
    topic.set("gone", undefined);
    await sees(ada, ada, "kept", "yes");
    window.dispatchEvent(new Event("pagehide"));
    assert.equal(topic.state.size, 0);
    assert.throws(() => topic.set("kept", "no"), { code: "closed" });
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await sees(ada, ada, "kept", "yes");
    assert.deepEqual([...(topic.state.get(ada.id)?.keys() ?? [])], ["kept"]);
  } finally {
    Object.assign(globalThis, { document, addEventListener: undefined });
    Object.defineProperty(globalThis, "navigator", { value: navigator });
  }
});

test("limits are said in words", async () => {
  const ada = await network.join("Ada");
  const topic = ada.topic("t");
  topic.set("k", new Uint8Array(4096), { lifetime_s: 86_400 });
  assert.throws(() => topic.set("k", new Uint8Array(4097)), { code: "too-large" });
  topic.set("ä".repeat(32), 1);
  for (const key of ["ä".repeat(33), 5 as never, undefined as never]) {
    assert.throws(() => topic.set(key, 1), { code: "invalid-argument" });
  }
  for (const lifetime_s of [29, 86_401, -60, NaN, Infinity]) {
    assert.throws(() => topic.set("k", 1, { lifetime_s }), { code: "invalid-argument" });
  }
  for (let key = 2; key < 32; key++) topic.set(`${key}`, key, { lifetime_s: 30 });
  assert.throws(() => topic.set("one more", 1), { code: "busy" });
  assert.throws(() => ada.topic("another").set("one more", 1), { code: "busy" });
  assert.throws(
    () => {
      for (let count = 0; count < 200; count++) topic.set("k", count);
    },
    { code: "busy" },
  );
});
