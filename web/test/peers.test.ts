import assert from "node:assert/strict";
import { test } from "node:test";
import { PeerMap } from "../src/peers.js";

test("peers are live: what the map learns shows in peers taken before", () => {
  const linked = new Set<string>();
  const map = new PeerMap("me", (id) => linked.has(id));
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
  const map = new PeerMap("me", () => false);
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
