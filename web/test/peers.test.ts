import assert from "node:assert/strict";
import { test } from "node:test";
import { NetworkMap } from "../src/peers.js";

test("peers are live: what the map learns shows in peers taken before", () => {
  const linked = new Set<string>();
  const map = new NetworkMap("me", (id) => linked.has(id));
  assert.ok(map.add("me", "Me"));
  assert.ok(map.add("a", "Ada"));
  const ada = map.peers.get("a");
  assert.deepEqual([ada?.self, ada?.linked, ada?.neighbors.size], [false, false, 0]);
  assert.equal(map.peers.get("me")?.self, true);
  linked.add("a");
  map.addEdge("a", "me");
  assert.equal(map.add("a", "Lady Ada"), false);
  assert.equal(ada?.name, "Lady Ada");
  assert.ok(ada?.linked);
  assert.deepEqual([...(ada?.neighbors ?? [])], ["me"]);
});

test("edges are told once, whichever end names them", () => {
  const map = new NetworkMap("me", () => false);
  assert.ok(map.addEdge("b", "a"));
  assert.equal(map.addEdge("a", "b"), false);
  map.addEdge("b", "c");
  assert.deepEqual([...map.edges()].sort(), [
    ["a", "b"],
    ["b", "c"],
  ]);
  assert.ok(map.removeEdge("a", "b"));
  assert.equal(map.removeEdge("a", "b"), false);
  assert.equal(map.neighbors("a").size, 0);
  assert.deepEqual([...map.edges()], [["b", "c"]]);
});

test("all changes of one turn are one event, and what changes nothing is none", async () => {
  const map = new NetworkMap("me", () => false);
  const versions: number[] = [];
  map.on("change", ({ version }) => versions.push(version));
  map.add("a", "Ada");
  map.add("b", "Bob");
  map.addEdge("a", "b");
  const before = map.version;
  await Promise.resolve();
  assert.deepEqual(versions, [before]);
  map.add("a", "Ada");
  map.addEdge("b", "a");
  map.removeEdge("a", "c");
  map.remove("c");
  await Promise.resolve();
  assert.deepEqual(versions, [before]);
  assert.equal(map.version, before);
  map.add("a", "Lady Ada");
  await Promise.resolve();
  map.removeEdge("a", "b");
  await Promise.resolve();
  map.remove("a");
  await Promise.resolve();
  map.changed();
  await Promise.resolve();
  assert.equal(versions.length, 5);
});

test("looping over the map gives the peers", () => {
  const map = new NetworkMap("me", () => false);
  map.add("me", "Me");
  map.add("a", "Ada");
  assert.deepEqual(
    [...map].map(({ name }) => name),
    ["Me", "Ada"],
  );
});
