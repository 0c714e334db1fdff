import assert from "node:assert/strict";
import test from "node:test";
import { MembraneError } from "../error.js";
import { FakeNetwork, FakePage, settled } from "./fakes.js";
import { GossipTransport } from "./gossip_transport.js";
import { gossipMessageBytesMax, gossipQueuedFactsMax, knownFactsMax } from "./limits.js";
import type { Fact } from "./known_facts.js";

function makeTransport(pulseMs = 100) {
  const page = new FakePage();
  const network = new FakeNetwork("me");
  const transport = new GossipTransport(page, () => pulseMs);
  return { page, network, transport };
}

/** A parser that keeps what it was called with. */
function recorder() {
  const calls: (Fact[] | undefined)[][] = [];
  return { calls, parser: (...values: (Fact[] | undefined)[]) => void calls.push(values) };
}

test("the parser gets the packet, the new facts cut down, and the new facts whole", () => {
  const { network, transport } = makeTransport();
  const { calls, parser } = recorder();
  transport.addParser("list", true, parser, ["UID"]);
  transport.attach(network);
  network.topic("v2:list").arrive("a", [{ UID: 1, x: 1 }]);
  network.topic("v2:list").arrive("b", [
    { UID: 1, x: 2 },
    { UID: 2, x: 3 },
  ]);
  assert.deepEqual(calls, [
    [[{ UID: 1, x: 1 }], [{ UID: 1 }], [{ UID: 1, x: 1 }]],
    [
      [
        { UID: 1, x: 2 },
        { UID: 2, x: 3 },
      ],
      [{ UID: 2 }],
      [{ UID: 2, x: 3 }],
    ],
  ]);
});

test("without useDefault the parser gets the packet alone, known or not", () => {
  const { network, transport } = makeTransport();
  const { calls, parser } = recorder();
  transport.addParser("list", false, parser);
  transport.attach(network);
  network.topic("v2:list").arrive("a", [{ UID: 1 }]);
  network.topic("v2:list").arrive("a", [{ UID: 1 }]);
  assert.deepEqual(calls, [[[{ UID: 1 }]], [[{ UID: 1 }]]]);
});

test("all identifier fields count, a missing one is not null, and none means the whole fact", () => {
  const { network, transport } = makeTransport();
  const two = recorder();
  const whole = recorder();
  transport.addParser("two", true, two.parser, ["a", "b"]);
  transport.addParser("whole", true, whole.parser);
  transport.attach(network);
  network
    .topic("v2:two")
    .arrive("x", [{ a: 1 }, { a: 1, b: null }, { a: 1, b: 2 }, { a: 1, b: 2, c: 3 }, { a: 1 }]);
  network.topic("v2:whole").arrive("x", [{ a: 1 }, { a: 1, b: 1 }, { a: 1 }]);
  assert.deepEqual(two.calls[0]?.[1], [{ a: 1 }, { a: 1, b: null }, { a: 1, b: 2 }]);
  assert.deepEqual(whole.calls[0]?.[2], [{ a: 1 }, { a: 1, b: 1 }]);
});

test("what is not a packet of facts is ignored, and hostile facts do no harm", () => {
  const { network, page, transport } = makeTransport();
  const { calls, parser } = recorder();
  transport.addParser("list", true, parser, ["__proto__", "UID"]);
  transport.attach(network);
  for (const packet of [undefined, null, 1, "x", {}, [], [1, null, [2]]]) {
    network.topic("v2:list").arrive("a", packet);
  }
  network.topic("v2:list").arrive("a", JSON.parse('[{"__proto__":{"polluted":1},"UID":1}]'));
  assert.equal(calls.length, 1);
  assert.equal(({} as Fact)["polluted"], undefined);
  assert.equal((calls[0]?.[1]?.[0] as Fact)["polluted"], undefined);
  assert.deepEqual(page.reports, []);
});

test("our own gossip goes through our own parser once, as a copy, with us as its origin", async () => {
  const { network, transport } = makeTransport();
  const { calls, parser } = recorder();
  transport.addParser("list", true, parser, ["UID"]);
  transport.attach(network);
  const fact = { UID: 1, list: ["x"] };
  transport.addType("list").addGossip(fact);
  fact.list.push("y");
  await settled();
  network.topic("v2:list").arrive("me", network.topic("v2:list").published[0]);
  assert.deepEqual(
    calls.map(([block]) => block),
    [[{ UID: 1, list: ["x"] }]],
  );
  assert.equal(transport.originOf(calls[0]?.[0]?.[0] as Fact), "me");
  network.topic("v2:list").arrive("a", [{ UID: 2 }]);
  assert.equal(transport.originOf(calls[1]?.[2]?.[0] as Fact), "a");
});

test("a fact leaves at once, those of the same interval leave together after it", async () => {
  const { network, page, transport } = makeTransport();
  transport.attach(network);
  const type = transport.addType("list", 3);
  type.addGossip({ n: 1 });
  type.addGossip({ n: 2 });
  await settled();
  type.addGossip({ n: 3 });
  await page.pass(200);
  type.addGossip({ n: 4 });
  await page.pass(99);
  const { published } = network.topic("v2:list");
  assert.deepEqual(published, [[{ n: 1 }, { n: 2 }]]);
  await page.pass(1);
  assert.deepEqual(published, [
    [{ n: 1 }, { n: 2 }],
    [{ n: 3 }, { n: 4 }],
  ]);
  await page.pass(1000);
  type.addGossip({ n: 5 });
  await settled();
  assert.equal(published.length, 3);
});

test("what is published before the join waits for it", async () => {
  const { network, transport } = makeTransport();
  const type = transport.addType("list");
  type.addGossip({ n: 1 });
  await settled();
  transport.attach(network);
  await settled();
  assert.deepEqual(network.topic("v2:list").published, [[{ n: 1 }]]);
});

test("what waits is bounded", () => {
  const { transport } = makeTransport();
  const type = transport.addType("list");
  for (let n = 0; n < gossipQueuedFactsMax; n += 1) type.addGossip({ n });
  assert.throws(() => type.addGossip({ n: -1 }), RangeError);
  const large = transport.addType("large");
  const text = "x".repeat(gossipMessageBytesMax - 100);
  assert.throws(() => {
    for (let n = 0; n < gossipQueuedFactsMax; n += 1) large.addGossip({ n, text });
  }, RangeError);
});

test("a fact too large, or no fact at all, is refused with a clear error", () => {
  const { transport } = makeTransport();
  const type = transport.addType("list");
  assert.throws(
    () => type.addGossip({ x: "é".repeat(gossipMessageBytesMax / 2) }),
    /at most \d+ bytes/,
  );
  const ring: Fact = {};
  ring["ring"] = ring;
  for (const bad of [null, 1, "x", [1], ring, { toJSON: () => undefined }]) {
    assert.throws(() => type.addGossip(bad as object), TypeError);
  }
});

test("large facts leave in several messages, each within the limit", async () => {
  const { network, page, transport } = makeTransport();
  transport.attach(network);
  const type = transport.addType("list");
  const text = "x".repeat(gossipMessageBytesMax / 2 - 20);
  for (let n = 0; n < 5; n += 1) type.addGossip({ n, text });
  await page.pass(1000);
  const { published } = network.topic("v2:list");
  assert.deepEqual(
    published.map((packet) => (packet as { n: number }[]).map(({ n }) => n)),
    [[0, 1], [2, 3], [4]],
  );
  for (const packet of published) assert.ok(JSON.stringify(packet).length <= gossipMessageBytesMax);
});

test("a busy core is asked again, in order, and another error drops the message with a report", async () => {
  const { network, page, transport } = makeTransport();
  transport.attach(network);
  const topic = network.topic("v2:list");
  topic.failures.push(new MembraneError("busy", "too fast"), new MembraneError("busy", "too fast"));
  const type = transport.addType("list");
  type.addGossip({ n: 1 });
  await settled();
  type.addGossip({ n: 2 });
  await page.pass(499);
  assert.deepEqual(topic.published, []);
  await page.pass(1);
  assert.deepEqual(topic.published, [[{ n: 1 }, { n: 2 }]]);
  topic.failures.push(new MembraneError("too-large", "too large"));
  type.addGossip({ n: 3 });
  type.addGossip({ n: 4 });
  await page.pass(1000);
  assert.deepEqual(page.reports, ["gossip could not be published: too large"]);
});

test("gossip waits while the page is in no network", async () => {
  const { network, page, transport } = makeTransport();
  transport.attach(network);
  const type = transport.addType("list");
  network.moveTo("left");
  type.addGossip({ n: 1 });
  await page.pass(1000);
  assert.deepEqual(network.topic("v2:list").published, []);
  network.moveTo("alone");
  await settled();
  assert.deepEqual(network.topic("v2:list").published, [[{ n: 1 }]]);
});

test("a removed type refuses gossip, a removed or replaced parser hears no more", async () => {
  const { network, transport } = makeTransport();
  const [first, second] = [recorder(), recorder()];
  transport.attach(network);
  transport.addParser("list", true, first.parser, ["UID"]);
  transport.addParser("list", true, second.parser, ["UID"]);
  network.topic("v2:list").arrive("a", [{ UID: 1 }]);
  transport.removeParser("list");
  network.topic("v2:list").arrive("a", [{ UID: 2 }]);
  assert.deepEqual([first.calls.length, second.calls.length], [0, 1]);
  const type = transport.addType("list");
  type.remove();
  assert.throws(() => type.addGossip({ n: 1 }), /was removed/);
});

test("a parser that throws or rejects is reported and goes on hearing", async () => {
  const { network, page, transport } = makeTransport();
  transport.attach(network);
  let calls = 0;
  transport.addParser("list", false, async () => {
    calls += 1;
    throw new Error("broken");
  });
  network.topic("v2:list").arrive("a", [{}]);
  network.topic("v2:list").arrive("a", [{}]);
  await settled();
  assert.equal(calls, 2);
  assert.deepEqual(page.reports, Array(2).fill('the parser of "list" failed: broken'));
});

test("the memory of known facts is bounded: the oldest are forgotten", () => {
  const { network, transport } = makeTransport();
  const { calls, parser } = recorder();
  transport.addParser("list", true, parser, ["UID"]);
  transport.attach(network);
  const topic = network.topic("v2:list");
  for (let UID = 0; UID <= knownFactsMax; UID += 1) topic.arrive("a", [{ UID }]);
  topic.arrive("a", [{ UID: 0 }, { UID: knownFactsMax }]);
  assert.deepEqual(calls.at(-1)?.[2], [{ UID: 0 }]);
});

test("names of types are checked", () => {
  const { transport } = makeTransport();
  assert.throws(() => transport.addType(""), TypeError);
  assert.throws(() => transport.addType("é".repeat(31)), RangeError);
  assert.throws(() => transport.addType("list", 0), TypeError);
  assert.throws(() => transport.addParser("list", true, undefined as never), TypeError);
});
