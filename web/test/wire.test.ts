import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader, Writer } from "../src/wire.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unhex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "hex"));

// RFC 9000 appendix A.1, the borders of each length, and the largest number the core uses.
const integers: [number, string][] = [
  [0, "00"],
  [37, "25"],
  [63, "3f"],
  [64, "4040"],
  [15293, "7bbd"],
  [16383, "7fff"],
  [16384, "80004000"],
  [494878333, "9d7f3e7d"],
  [2 ** 30 - 1, "bfffffff"],
  [2 ** 30, "c000000040000000"],
  [2 ** 32 - 1, "c0000000ffffffff"],
  [2 ** 32, "c000000100000000"],
  [Number.MAX_SAFE_INTEGER, "c01fffffffffffff"],
];

test("integers are written as RFC 9000 says", () => {
  for (const [value, bytes] of integers) assert.equal(hex(new Writer().int(value).written), bytes);
});

test("integers are read as RFC 9000 says, in longer forms, too", () => {
  for (const [value, bytes] of integers) {
    const reader = new Reader(unhex(bytes));
    assert.equal(reader.int(), value);
    assert.ok(reader.done);
  }
  for (const bytes of ["25", "4025", "80000025", "c000000000000025"]) {
    assert.equal(new Reader(unhex(bytes)).int(), 37);
  }
});

test("what is not an integer below 2^53 is not written", () => {
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assert.throws(() => new Writer().int(value), RangeError);
  }
});

test("a buffer with every primitive, byte for byte", () => {
  const writer = new Writer(1);
  writer.int(35).raw(unhex("aabb")).u8(5).flag(true).text("né").bytes(unhex("0102"));
  const golden = "23aabb0501036ec3a9020102";
  assert.equal(hex(writer.written), golden);
  const reader = new Reader(unhex(golden));
  assert.equal(reader.peek(), 35);
  assert.equal(reader.int(), 35);
  assert.equal(hex(reader.take(2)), "aabb");
  assert.equal(reader.u8(), 5);
  assert.equal(reader.flag(), true);
  assert.equal(reader.text(), "né");
  assert.equal(hex(reader.bytes()), "0102");
  assert.ok(reader.done);
});

test("a writer grows as far as it has to", () => {
  const bytes = new Uint8Array(70_000).fill(7);
  const { written } = new Writer(1).u8(1).bytes(bytes).u8(2);
  assert.equal(written.length, 70_006);
  assert.equal(hex(written.subarray(0, 6)), "018001117007");
  assert.equal(written.at(-1), 2);
});

test("reading past the end throws", () => {
  for (const bytes of ["", "40", "800000", "c0"]) {
    assert.throws(() => new Reader(unhex(bytes)).int(), RangeError);
  }
  assert.throws(() => new Reader(unhex("0501")).bytes(), RangeError);
  assert.throws(() => new Reader(unhex("")).u8(), RangeError);
});

test("a reader of part of a buffer reads that part", () => {
  const whole = unhex("ff03616263ff");
  assert.equal(new Reader(whole.subarray(1, 5)).text(), "abc");
});
