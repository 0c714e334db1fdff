import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Timer } from "../src/timer.js";
import { FakeTimers } from "./fake_timers.js";

const timers = new FakeTimers();

interface Post {
  id: number;
  delay: number;
}

/** Stands in for the worker; the test says when its timers expire. */
class FakeWorker {
  static made = 0;
  static posts: Post[] = [];
  static current: FakeWorker | undefined;
  onmessage: ((event: { data: number }) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  constructor() {
    FakeWorker.made += 1;
    FakeWorker.current = this;
  }

  postMessage([id, delay]: [number, number]): void {
    FakeWorker.posts.push({ id, delay });
  }
}

const page = Object.assign(new EventTarget(), { hidden: false });
Object.assign(globalThis, { document: page, Worker: FakeWorker });

function setHidden(hidden: boolean): void {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  timers.install();
  FakeWorker.posts = [];
  page.hidden = false;
});

test("expires once at its deadline", () => {
  let expired = 0;
  const timer = new Timer(() => (expired += 1));
  timer.set(1_000, 900);
  timers.tick(99);
  assert.equal(expired, 0);
  timers.tick(1);
  assert.equal(expired, 1);
  timers.tick(10_000);
  assert.equal(expired, 1);
  assert.equal(FakeWorker.made, 0);
  timer.close();
});

test("an earlier deadline replaces a later one, a later one none", () => {
  let expired = 0;
  const timer = new Timer(() => (expired += 1));
  timer.set(1_000, 0);
  timer.set(500, 0);
  timer.set(2_000, 0);
  timers.tick(500);
  assert.equal(expired, 1);
  timer.set(Infinity, 500);
  timers.tick(100_000);
  assert.equal(expired, 1);
  timer.close();
});

test("a closed timer does not expire", () => {
  const timer = new Timer(() => assert.fail("expired"));
  timer.set(10, 0);
  timer.close();
  timers.tick(100);
});

test("while the page is hidden a worker keeps the time", () => {
  let expired = 0;
  const timer = new Timer(() => {
    expired += 1;
    timer.set(60_000, 0);
  });
  timer.set(60_000, 0);
  setHidden(true);
  assert.equal(expired, 1, "the change of clocks expires it early");
  assert.deepEqual(
    FakeWorker.posts.map(({ delay }) => delay),
    [60_000],
  );
  timers.tick(100_000);
  assert.equal(expired, 1);
  FakeWorker.current?.onmessage?.({ data: FakeWorker.posts[0]?.id as number });
  assert.equal(expired, 2);
  setHidden(false);
  assert.equal(expired, 3);
  FakeWorker.current?.onmessage?.({ data: FakeWorker.posts[1]?.id as number });
  assert.equal(expired, 3, "what the worker kept was cancelled");
  timers.tick(60_000);
  assert.equal(expired, 4);
  assert.equal(FakeWorker.made, 1);
  timer.close();
});

test("where workers are forbidden the page's timers do", () => {
  let expired = 0;
  const timer = new Timer(() => (expired += 1));
  page.hidden = true;
  timer.set(100, 0);
  FakeWorker.current?.onerror?.(new Event("error"));
  assert.equal(expired, 1, "early, so that the owner sets it anew");
  timer.set(100, 0);
  timers.tick(100);
  assert.equal(expired, 2);
  timer.close();
});
