import assert from "node:assert/strict";
import test from "node:test";
import { EventHandler } from "./event_handler.js";
import { FakePage, settled } from "./fakes.js";
import { listenersMax } from "./limits.js";

test("a dispatch reaches every listener with signal and detail, and a throwing one stops no other", async () => {
  const page = new FakePage();
  const events = new EventHandler(page);
  const heard: unknown[] = [];
  events.onReceipt("news", () => {
    throw new Error("broken");
  });
  events.onReceipt("news", async () => Promise.reject(new Error("later")));
  events.onReceipt("news", (signal, detail) => heard.push([signal, detail]));
  assert.equal(events.dispatch("news", 7), true);
  assert.equal(events.dispatch("silence"), false);
  await settled();
  assert.deepEqual(heard, [["news", 7]]);
  assert.deepEqual(page.reports, [
    'a callback for "news" failed: broken',
    'a callback for "news" failed: later',
  ]);
});

test("a listener that ends itself while it is called is not called again", () => {
  const events = new EventHandler(new FakePage());
  let calls = 0;
  const stop = events.onReceipt("news", () => {
    calls += 1;
    stop();
  });
  events.dispatch("news");
  events.dispatch("news");
  assert.equal(calls, 1);
});

test("an expected dispatch resolves once and disarms its timer", async () => {
  const page = new FakePage();
  const events = new EventHandler(page);
  const expected = events.acquireExpectedDispatch("answer", 1000);
  events.dispatch("answer", "first");
  events.dispatch("answer", "second");
  assert.equal(await expected, "first");
  assert.equal(page.timers, 0);
});

test("an expected dispatch rejects when its time is over, also when nobody looks", async () => {
  const page = new FakePage();
  const events = new EventHandler(page);
  void events.acquireExpectedDispatch("answer", 1000);
  const looked = assert.rejects(
    events.acquireExpectedDispatch("answer", 1000),
    /no "answer" within 1000 ms/,
  );
  await page.pass(1000);
  await looked;
});

test("an endless timeout is cut down to what browsers keep", async () => {
  const page = new FakePage();
  const expected = new EventHandler(page).acquireExpectedDispatch("answer", Infinity);
  await page.pass(0x7fff_fffe);
  assert.equal(page.timers, 1);
  await page.pass(1);
  await assert.rejects(expected);
});

test("forceReject rejects everyone who waits, with the reason given", async () => {
  const events = new EventHandler(new FakePage());
  const waiting = [
    events.acquireExpectedDispatch("answer"),
    events.acquireExpectedDispatch("answer"),
  ];
  events.forceReject("answer", "no more");
  events.forceReject("nobody waits for this", "ignored");
  for (const expected of waiting) await assert.rejects(expected, (reason) => reason === "no more");
});

test("listeners are bounded, and an ended one makes room", () => {
  const events = new EventHandler(new FakePage());
  const stops = Array.from({ length: listenersMax }, (_, index) =>
    events.onReceipt(`s${index}`, () => undefined),
  );
  assert.throws(() => events.onReceipt("more", () => undefined), RangeError);
  stops[0]?.();
  stops[0]?.();
  events.onReceipt("more", () => undefined);
  assert.throws(() => events.onReceipt("more still", () => undefined), RangeError);
});
