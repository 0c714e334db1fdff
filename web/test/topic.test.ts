import assert from "node:assert/strict";
import { test } from "node:test";
import { Topic, type TopicHost, TopicMessage } from "../src/topic.js";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A membrane that takes nothing but what the test expects. */
const host = (expected: Partial<TopicHost> = {}): TopicHost => ({
  publish: () => assert.fail("published"),
  set: () => assert.fail("set"),
  ...expected,
});

test("strings and values travel as JSON, bytes as they are", () => {
  const sent: string[] = [];
  const topic = new Topic(
    "t",
    host({ publish: (_, payload) => sent.push(Buffer.from(payload).toString("latin1")) }),
  );
  topic.publish("hi");
  topic.publish({ a: [1, null] });
  topic.publish(bytes("raw"));
  topic.publish(bytes("raw").buffer);
  assert.deepEqual(sent, ['"hi"', '{"a":[1,null]}', "raw", "raw"]);
});

test("what has no JSON or is too large is refused", () => {
  const topic = new Topic("t", host());
  const circular: unknown[] = [];
  circular.push(circular);
  for (const value of [undefined, () => 1, Symbol("x"), circular, 5n]) {
    assert.throws(() => topic.publish(value), { code: "invalid-argument" });
    if (value === undefined) continue; // takes the key back
    assert.throws(() => topic.set("k", value), { code: "invalid-argument" });
  }
  assert.throws(() => topic.publish(new Uint8Array(65_537)), { code: "too-large" });
});

test("a message is decoded when asked, and hostile payloads are no error", () => {
  const message = new TopicMessage("o", 1, bytes('{"x":1}'));
  assert.equal(message.text, '{"x":1}');
  assert.deepEqual(message.json, { x: 1 });
  const broken = new TopicMessage("o", 2, new Uint8Array([0xff, 0x7b]));
  assert.equal(broken.text, "\ufffd{");
  assert.equal(broken.json, undefined);
});

test("listeners and loops hear each message; a loop ends with the membrane", async () => {
  const topic = new Topic("t", host());
  const heard: unknown[] = [];
  const read: unknown[] = [];
  topic.on("message", ({ json }) => heard.push(json));
  const loop = (async () => {
    for await (const { json } of topic) read.push(json);
  })();
  for (const [index, text] of ["1", "2"].entries()) {
    topic.deliver(new TopicMessage("o", index, bytes(text)));
  }
  topic.end();
  await loop;
  assert.deepEqual(
    [heard, read],
    [
      [1, 2],
      [1, 2],
    ],
  );
});

test("what is set travels like messages; undefined and no bytes take it back", () => {
  const set: unknown[] = [];
  const topic = new Topic(
    "t",
    host({
      set: (name, key, value, lifetime_s) =>
        set.push([name, key, Buffer.from(value).toString("latin1"), lifetime_s]),
    }),
  );
  topic.set("a", { b: 1 });
  topic.set("a", null, { lifetime_s: 30.9 });
  topic.set("", bytes("raw"), { lifetime_s: NaN });
  topic.set("a", undefined);
  topic.set("a", bytes(""));
  assert.deepEqual(set, [
    ["t", "a", '{"b":1}', 300],
    ["t", "a", "null", 30],
    ["t", "", "raw", 0],
    ["t", "a", "", 300],
    ["t", "a", "", 300],
  ]);
});

test("the state is by origin and key, lives, and tells each change after it is there", () => {
  const topic = new Topic("t", host());
  const { state } = topic;
  const told: unknown[] = [];
  topic.on("state", ({ origin, key, value }) => {
    assert.equal(state.get(origin)?.get(key), value);
    told.push([origin, key, value?.json]);
  });
  const change = (origin: string, key: string, text: string): void =>
    topic.change(key, new TopicMessage(origin, 1, bytes(text)));
  change("ada", "x", "1");
  change("ada", "y", "2");
  change("bob", "x", "3");
  change("ada", "x", "4");
  const all = (): unknown =>
    [...state].map(([origin, values]) => [
      origin,
      [...values].map(([key, { json }]) => [key, json]),
    ]);
  assert.deepEqual(all(), [
    [
      "ada",
      [
        ["x", 4],
        ["y", 2],
      ],
    ],
    ["bob", [["x", 3]]],
  ]);
  change("bob", "x", "");
  assert.equal(state.has("bob"), false, "who has no value is not there");
  change("eve", "x", "");
  assert.equal(state.size, 1);
  topic.clear();
  assert.equal(state.size, 0);
  assert.deepEqual(told, [
    ["ada", "x", 1],
    ["ada", "y", 2],
    ["bob", "x", 3],
    ["ada", "x", 4],
    ["bob", "x", undefined],
    ["eve", "x", undefined],
    ["ada", "x", undefined],
    ["ada", "y", undefined],
  ]);
});
