import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../src/clock.js";

const start_ms = 1_700_000_000_000;

function clockOf(): { clock: Clock; pass: (steady: number, wall: number) => void } {
  let [wall, steady] = [start_ms, 500];
  const clock = new Clock({ wall: () => wall, steady: () => steady });
  const pass = (steadyBy: number, wallBy: number): void => {
    steady += steadyBy;
    wall += wallBy;
  };
  return { clock, pass };
}

test("runs with the steady clock from the wall clock's time on", () => {
  const { clock, pass } = clockOf();
  assert.equal(clock.now(), start_ms);
  pass(250.5, 250);
  assert.equal(clock.now(), start_ms + 250.5);
  assert.equal(clock.takeJump(), false);
});

test("counts sleep, in which only the wall clock went on, and tells of it once", () => {
  const { clock, pass } = clockOf();
  pass(10, 3_600_010);
  assert.equal(clock.now(), start_ms + 3_600_010);
  assert.equal(clock.takeJump(), true);
  assert.equal(clock.takeJump(), false);
  pass(5, 5);
  assert.equal(clock.now(), start_ms + 3_600_015);
});

test("a wall clock put right by less than 2 s is no sleep", () => {
  const { clock, pass } = clockOf();
  pass(10, 2_009);
  assert.equal(clock.now(), start_ms + 10);
  assert.equal(clock.takeJump(), false);
  pass(0, 1);
  assert.equal(clock.now(), start_ms + 2_010);
  assert.equal(clock.takeJump(), true);
});

test("never goes back when the wall clock does", () => {
  const { clock, pass } = clockOf();
  pass(100, -3_600_000);
  assert.equal(clock.now(), start_ms + 100);
  pass(100, 100);
  assert.equal(clock.now(), start_ms + 200);
  assert.equal(clock.takeJump(), false);
});
