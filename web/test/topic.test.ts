import assert from "node:assert/strict";
import { test } from "node:test";
import { Topic, TopicMessage } from "../src/topic.js";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

test("strings and values travel as JSON, bytes as they are", () => {
  const sent: string[] = [];
  const topic = new Topic("t", (payload) => sent.push(Buffer.from(payload).toString("latin1")));
  topic.publish("hi");
  topic.publish({ a: [1, null] });
  topic.publish(bytes("raw"));
  topic.publish(bytes("raw").buffer);
  assert.deepEqual(sent, ['"hi"', '{"a":[1,null]}', "raw", "raw"]);
});

test("what has no JSON or is too large is refused", () => {
  const topic = new Topic("t", () => assert.fail("published"));
  const circular: unknown[] = [];
  circular.push(circular);
  for (const value of [undefined, () => 1, Symbol("x"), circular, 5n]) {
    assert.throws(() => topic.publish(value), { code: "invalid-argument" });
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
  const topic = new Topic("t", () => undefined);
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
