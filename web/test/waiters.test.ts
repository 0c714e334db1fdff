import assert from "node:assert/strict";
import { test } from "node:test";
import { MembraneError } from "../src/error.js";
import { Waiters } from "../src/waiters.js";

const never = (): void => assert.fail("abandoned");

test("all who wait for a peer get the same, nobody else anything", async () => {
  const waiters = new Waiters<number>();
  const both = [waiters.wait("a", undefined, never), waiters.wait("a", undefined, never)];
  const other = waiters.wait("b", undefined, never);
  waiters.resolve("a", 5);
  assert.deepEqual(await Promise.all(both), [5, 5]);
  waiters.rejectAll(new MembraneError("closed", "over"));
  await assert.rejects(other, { code: "closed" });
});

test("the last who gives up abandons the undertaking", async () => {
  const waiters = new Waiters<number>();
  const [first, second] = [new AbortController(), new AbortController()];
  let abandoned = 0;
  const wait = (signal: AbortSignal): Promise<number> =>
    waiters.wait("a", signal, () => (abandoned += 1));
  const waits = [wait(first.signal), wait(second.signal)];
  first.abort();
  assert.equal(abandoned, 0);
  second.abort();
  assert.equal(abandoned, 1);
  for (const result of waits) await assert.rejects(result, { code: "aborted" });
  waiters.resolve("a", 1);
  await assert.rejects(waiters.wait("a", AbortSignal.abort(), never), { code: "aborted" });
});

test("a signal that fires after the result changes nothing", async () => {
  const waiters = new Waiters<number>();
  const controller = new AbortController();
  const result = waiters.wait("a", controller.signal, never);
  waiters.resolve("a", 7);
  controller.abort();
  assert.equal(await result, 7);
});
