import assert from "node:assert/strict";
import test from "node:test";
import { mapNodesMax } from "./limits.js";
import { NetworkMap, type MapList, type MapUpdate } from "./network_map.js";

function makeMap(source: MapList = { nodes: [], edges: [] }): {
  map: NetworkMap;
  told: unknown[][];
} {
  const told: unknown[][] = [];
  const tell = ({ kind, info }: MapUpdate): void => void told.push([kind, info]);
  return { map: new NetworkMap(tell, () => source), told };
}

/** a - b - c - d and a - e - d. */
function square(): NetworkMap {
  const { map } = makeMap();
  for (const alias of ["a", "b", "c", "d", "e"]) map.addNode(alias);
  for (const [a, b] of [
    ["a", "b"],
    ["b", "c"],
    ["c", "d"],
    ["a", "e"],
    ["e", "d"],
  ] as const)
    map.addEdge(a, b);
  return map;
}

test("changes are told once, and an edge shares its peers' nodes", () => {
  const { map, told } = makeMap();
  assert.equal(map.addNode("a"), true);
  assert.equal(map.addNode("a"), false);
  map.addNode("b", 3);
  assert.equal(map.addEdge("a", "b"), true);
  assert.equal(map.addEdge("b", "a"), false);
  assert.equal(map.adjacencyList["a"]?.["b"], map.nodes["b"]);
  assert.equal(map.adjacencyList["b"]?.["a"], map.nodes["a"]);
  map.removeNode("a");
  assert.deepEqual(told, [
    ["addNode", "a"],
    ["addNode", "b"],
    ["addEdge", ["a", "b"]],
    ["removeEdge", ["a", "b"]],
    ["removeNode", "a"],
  ]);
  assert.deepEqual(Object.keys(map.adjacencyList["b"] ?? {}), []);
});

test("edges to nobody or to oneself are refused", () => {
  const map = square();
  assert.equal(map.addEdge("a", "a"), false);
  assert.equal(map.addEdge("a", "nobody"), false);
  assert.equal(map.removeEdge("a", "d"), false);
  assert.equal(map.removeNode("nobody"), false);
});

test("routes take the cheapest way and follow each change", () => {
  const map = square();
  assert.equal(map.findNextHop("a", "d"), "e");
  assert.equal(map.findNextHop("a", "a"), undefined);
  map.setweight("e", 10);
  assert.equal(map.findNextHop("a", "d"), "b");
  map.removeEdge("b", "c");
  assert.equal(map.findNextHop("a", "d"), "e");
  map.removeEdge("a", "e");
  assert.equal(map.findNextHop("a", "d"), undefined);
  assert.deepEqual({ ...map.precomputeRoutes("a") }, { b: "b" });
});

test("the farthest node is the most expensive to reach", () => {
  const map = square();
  map.setweight("d", 2);
  assert.equal(map.findFarthestNode("b"), "d");
  map.setweight("e", 5);
  assert.equal(map.findFarthestNode("b"), "e");
  map.addNode("alone");
  assert.equal(map.findFarthestNode("alone"), undefined);
});

test("a thousand peers in a line are routed from both ends", () => {
  const { map } = makeMap();
  for (let index = 0; index < 1000; index += 1) {
    map.addNode(String(index));
    if (index > 0) map.addEdge(String(index - 1), String(index));
  }
  assert.equal(map.findNextHop("0", "999"), "1");
  assert.equal(map.findNextHop("999", "0"), "998");
  assert.equal(map.findFarthestNode("0"), "999");
});

test("weights that are not positive and finite are refused", () => {
  const map = square();
  for (const weight of [NaN, 0, -1, Infinity, "1" as unknown as number]) {
    assert.throws(() => map.setweight("a", weight), RangeError);
    assert.throws(() => map.addNode("new", weight), RangeError);
  }
  assert.equal(map.setweight("nobody", 2), false);
});

test("a list carries a map over", () => {
  const from = square();
  from.setweight("c", 4);
  const { map } = makeMap();
  assert.equal(map.optionalExport(), undefined);
  map.importList(from.exportList());
  assert.deepEqual(map.exportList(), from.exportList());
  assert.deepEqual(map.optionalExport(), from.exportList());
});

test("a list that is not one is refused and changes nothing", () => {
  const map = square();
  const before = map.exportList();
  const bad: unknown[] = [
    undefined,
    null,
    "map",
    { nodes: [] },
    { nodes: [["x", 1], "y"], edges: [] },
    {
      nodes: [
        ["x", 1],
        ["", 1],
      ],
      edges: [],
    },
    { nodes: [["x", NaN]], edges: [] },
    { nodes: [["x", 1]], edges: [["x", {}]] },
    { nodes: Array.from({ length: mapNodesMax + 1 }, (_, index) => [String(index), 1]), edges: [] },
  ];
  for (const list of bad) assert.throws(() => map.importList(list as MapList), /Error/);
  assert.deepEqual(map.exportList(), before);
});

test("the number of peers is bounded", () => {
  const { map } = makeMap();
  for (let index = 0; index < mapNodesMax; index += 1) map.addNode(String(index));
  assert.throws(() => map.addNode("one more"), RangeError);
  map.removeNode("0");
  assert.equal(map.addNode("one more"), true);
});

test("reload wipes and reads the network's own map", () => {
  const { map, told } = makeMap({
    nodes: [
      ["x", 1],
      ["y", 1],
    ],
    edges: [["x", "y"]],
  });
  map.addNode("local");
  const nodes = map.nodes;
  map.reload();
  assert.deepEqual(told.slice(1), [
    ["totalWipe", undefined],
    ["addNode", "x"],
    ["addNode", "y"],
    ["addEdge", ["x", "y"]],
  ]);
  assert.equal(map.nodes, nodes, "pages hold on to the object");
});

test("hostile aliases are aliases like any other", () => {
  const { map } = makeMap();
  for (const alias of ["__proto__", "constructor", "a"]) map.addNode(alias);
  map.addEdge("__proto__", "a");
  map.addEdge("a", "constructor");
  assert.equal(map.findNextHop("__proto__", "constructor"), "a");
  assert.equal(({} as Record<string, unknown>)["weight"], undefined);
  assert.equal(map.removeNode("__proto__"), true);
  assert.equal(map.nodes["toString"], undefined);
});
