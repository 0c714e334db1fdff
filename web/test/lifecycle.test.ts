import assert from "node:assert/strict";
import { test } from "node:test";
import { followLifecycle } from "../src/lifecycle.js";

/** A page: `document` and the window's events. */
function page(): { document: EventTarget & { visibilityState: string }; window: EventTarget } {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  Object.assign(globalThis, {
    document,
    addEventListener: window.addEventListener.bind(window),
  });
  return { document, window };
}

test("a page's life is followed until the signal fires", () => {
  const { document, window } = page();
  const heard: string[] = [];
  const ending = new AbortController();
  followLifecycle(
    {
      leave: () => heard.push("leave"),
      rejoin: () => heard.push("rejoin"),
      resume: () => heard.push("resume"),
    },
    ending.signal,
  );
  const show = (persisted: boolean): Event => Object.assign(new Event("pageshow"), { persisted });
  const steps: [EventTarget, Event, string[]][] = [
    [window, show(false), []],
    [window, new Event("online"), ["resume"]],
    [document, new Event("resume"), ["resume"]],
    [document, new Event("visibilitychange"), ["resume"]],
    [window, new Event("pagehide"), ["leave"]],
    [window, show(true), ["rejoin"]],
  ];
  for (const [target, event, expected] of steps) {
    target.dispatchEvent(event);
    assert.deepEqual(heard.splice(0), expected, event.type);
  }
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  ending.abort();
  window.dispatchEvent(new Event("pagehide"));
  assert.deepEqual(heard, []);
});
