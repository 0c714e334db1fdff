import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { arrival } from "../src/arrival.js";
import type { MembraneState } from "../src/events.js";
import { FakeTimers } from "./fake_timers.js";

const timers = new FakeTimers();

beforeEach(() => timers.install());

/** Somebody who joins, step by step. */
class Newcomer extends EventTarget {
  state: MembraneState = "joining";
  readonly peers = new Map([["self", {}]]);
  readonly ending = new AbortController();
  #arrived = false;

  constructor() {
    super();
    void arrival(this, this.ending.signal).then(() => (this.#arrived = true));
  }

  becomes(state: MembraneState): void {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  meets(id: string): void {
    this.peers.set(id, {});
    this.dispatchEvent(new Event("peer-added"));
  }

  async arrived(): Promise<boolean> {
    await Promise.resolve();
    return this.#arrived;
  }
}

test("the first has arrived once it is known to be alone", async () => {
  const newcomer = new Newcomer();
  timers.tick(60_000);
  assert.equal(await newcomer.arrived(), false);
  newcomer.becomes("alone");
  assert.equal(await newcomer.arrived(), true);
});

test("who is linked has arrived once somebody is in the map", async () => {
  const newcomer = new Newcomer();
  newcomer.becomes("joined");
  timers.tick(999);
  assert.equal(await newcomer.arrived(), false);
  newcomer.meets("ada");
  assert.equal(await newcomer.arrived(), true);
});

test("the map may know somebody before we are linked", async () => {
  const newcomer = new Newcomer();
  newcomer.meets("ada");
  assert.equal(await newcomer.arrived(), false);
  newcomer.becomes("joined");
  assert.equal(await newcomer.arrived(), true);
});

test("an empty map is waited for no longer than a second", async () => {
  const newcomer = new Newcomer();
  newcomer.becomes("joined");
  timers.tick(999);
  assert.equal(await newcomer.arrived(), false);
  timers.tick(1);
  assert.equal(await newcomer.arrived(), true);
});

test("a link that is lost meanwhile does not count", async () => {
  const newcomer = new Newcomer();
  newcomer.becomes("joined");
  timers.tick(500);
  newcomer.becomes("joining");
  timers.tick(60_000);
  assert.equal(await newcomer.arrived(), false);
  newcomer.becomes("joined");
  timers.tick(1_000);
  assert.equal(await newcomer.arrived(), true);
});

test("who gave up never arrives", async () => {
  const newcomer = new Newcomer();
  newcomer.becomes("joined");
  newcomer.ending.abort();
  newcomer.meets("ada");
  timers.tick(60_000);
  assert.equal(await newcomer.arrived(), false);
});
