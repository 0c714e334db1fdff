/** What `send` does with data that is too large, is taken away, or has a callback that throws. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MembraneError } from "../src/error.js";
import { sessionWith } from "./fake_pipe.js";

const rejectsWith = (promise: Promise<unknown>, code: string, message: RegExp): Promise<void> =>
  assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof MembraneError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

test("what is larger than messageBytesMax is refused before a piece of it is sent", async () => {
  const { session, pipe } = sessionWith(10);
  const tooLarge = ["eleven char", "€€€€", new Uint8Array(11), new ArrayBuffer(11), new Blob(["eleven char"])];
  for (const data of tooLarge) {
    await rejectsWith(session.send(data), "too-large", /more than 10 bytes: use sendFile/);
  }
  assert.equal(pipe.pieces.length, 0);
  await session.send("ten chars.");
});

test("bytes that are transferred while they are sent: the message is cancelled, others go on", async () => {
  const { session, pipe } = sessionWith();
  pipe.room = 1;
  const bytes = new Uint8Array(40_000);
  const taken = session.send(bytes);
  const other = session.send("other");
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  pipe.drain(10);
  await rejectsWith(taken, "invalid-argument", /transferred/);
  await other;
  assert.deepEqual(
    pipe.pieces.map(({ message, flags }) => [message, flags]),
    [
      [0, 1],
      [0, 8],
      [1, 7],
    ],
  );
});

test("onProgress that throws stops neither its message nor others; the page is told", async () => {
  const { session, pipe } = sessionWith();
  pipe.room = 0;
  const told: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => told.push(error.message));
  try {
    const onProgress = (): void => {
      throw new Error("thrown on purpose");
    };
    const sent = [session.send(new Uint8Array(40_000), { onProgress }), session.send("other")];
    pipe.drain(10);
    await Promise.all(sent);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told, Array(3).fill("thrown on purpose"));
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
});
