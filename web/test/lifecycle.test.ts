import assert from "node:assert/strict";
import { test } from "node:test";
import { followLifecycle } from "../src/lifecycle.js";

interface Page {
  document: EventTarget & { visibilityState: string };
  window: EventTarget;
}

/** A page: `document`, the window's events, and what the browser tells of the network. */
function page(connection?: EventTarget): Page {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  Object.assign(globalThis, {
    document,
    addEventListener: window.addEventListener.bind(window),
  });
  Object.defineProperty(globalThis, "navigator", { value: { connection }, configurable: true });
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
      moved: () => heard.push("moved"),
    },
    ending.signal,
  );
  const show = (persisted: boolean): Event => Object.assign(new Event("pageshow"), { persisted });
  const steps: [EventTarget, Event, string[]][] = [
    [window, show(false), []],
    [window, new Event("online"), ["moved", "resume"]],
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

test("another network leads to a probe, another estimate of its speed does not", () => {
  const connection = Object.assign(new EventTarget(), { type: "wifi" as string | undefined });
  page(connection);
  let resumed = 0;
  const ending = new AbortController();
  let moved = 0;
  const events = {
    leave: () => undefined,
    rejoin: () => undefined,
    resume: () => resumed++,
    moved: () => moved++,
  };
  followLifecycle(events, ending.signal);
  const change = (type: string | undefined): number => {
    connection.type = type;
    connection.dispatchEvent(new Event("change"));
    return resumed;
  };
  assert.deepEqual(
    [change("wifi"), change("cellular"), change("cellular"), change("wifi")],
    [0, 1, 1, 2],
  );
  assert.equal(moved, 2);
  ending.abort();
  assert.equal(change("none"), 2);
});

test("a browser that tells no type of the network leads to nothing by its changes", () => {
  const connection = new EventTarget();
  page(connection);
  const events = {
    leave: () => undefined,
    rejoin: () => undefined,
    resume: () => assert.fail("nothing is known to have changed"),
    moved: () => assert.fail("nothing is known to have changed"),
  };
  followLifecycle(events, new AbortController().signal);
  connection.dispatchEvent(new Event("change"));
});
