import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionPair, sessionWith } from "./fake_pipe.js";

test("what is written to one stream comes out of the other, message by message", async () => {
  const { ada, bob } = sessionPair();
  const writer = ada.writable.getWriter();
  await writer.write("one");
  await writer.write(new Uint8Array([2, 2]));
  await writer.write(new Blob(["three"]));
  const reader = bob.readable.getReader();
  assert.equal((await reader.read()).value, "one");
  assert.deepEqual((await reader.read()).value, new Uint8Array([2, 2]));
  assert.deepEqual((await reader.read()).value, new TextEncoder().encode("three"));
  bob.end("goodbye");
  assert.equal((await reader.read()).done, true);
});

test("streams can be piped", async () => {
  const { ada, bob } = sessionPair();
  const upper = new TransformStream<string, string>({
    transform: (text, controller) => controller.enqueue(text.toUpperCase()),
  });
  void (bob.readable as ReadableStream<string>).pipeThrough(upper).pipeTo(bob.writable);
  const answer = new Promise((resolve) => ada.on("message", ({ data }) => resolve(data)));
  await ada.send("echo");
  assert.equal(await answer, "ECHO");
});

test("each is the same stream every time", () => {
  const { ada } = sessionPair();
  assert.equal(ada.readable, ada.readable);
  assert.equal(ada.writable, ada.writable);
});

test("closing or aborting the writable ends the session", async () => {
  for (const end of ["close", "abort"] as const) {
    const { session, pipe } = sessionWith();
    await session.writable[end]();
    assert.equal(pipe.closes, 1);
  }
});

test("writing after the end fails, cancelling the reader ends nothing", async () => {
  const { ada, bob } = sessionPair();
  await bob.readable.cancel();
  await ada.send("nobody reads");
  ada.end("goodbye");
  await assert.rejects(ada.writable.getWriter().write("late"));
});

test("the end of the session ends what is written to, while nothing is", async () => {
  const { ada } = sessionPair();
  const writer = ada.writable.getWriter();
  ada.end("goodbye");
  await assert.rejects(writer.closed, { code: "closed" });
});
