import assert from "node:assert/strict";
import { test } from "node:test";
import { Output } from "../src/abi.js";
import { MembraneError } from "../src/error.js";
import { Presence } from "../src/presence.js";
import { Reader, Writer } from "../src/wire.js";

test("what was asked before we left is not answered when we are back", async () => {
  const fed: Uint8Array[] = [];
  let answer!: (accepted: boolean) => void;
  const host = {
    feed: (bytes: Uint8Array) => void fed.push(bytes),
    accept: () => new Promise<boolean>((resolve) => (answer = resolve)),
    connection: () => undefined,
    disconnect: () => undefined,
    publish: () => undefined,
    set: () => undefined,
    messageBytesMax: 1,
  };
  const presence = new Presence("us", "Ada", host, () => undefined);
  const ask = (): void => {
    const question = new Writer().int(1).raw(new Uint8Array(32)).flag(true).written;
    presence.take(Output.asked, new Reader(question));
  };
  ask();
  presence.clear("left", new MembraneError("closed", "the page is going"));
  answer(true);
  await new Promise(setImmediate);
  assert.equal(fed.length, 0);
  ask();
  answer(true);
  await new Promise(setImmediate);
  assert.equal(fed.length, 1);
});
