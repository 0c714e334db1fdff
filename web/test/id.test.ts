import assert from "node:assert/strict";
import { test } from "node:test";
import { idFromText, idToText } from "../src/id.js";

// What Python's base64.b32encode gives, in lower case and without padding.
const ids: [string, string][] = [
  ["00".repeat(32), "a".repeat(52)],
  ["ff".repeat(32), "7".repeat(51) + "q"],
  [
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq",
  ],
];

test("ids have their text form and come back from it", () => {
  for (const [hex, text] of ids) {
    assert.equal(idToText(Buffer.from(hex, "hex")), text);
    assert.equal(Buffer.from(idFromText(text) ?? []).toString("hex"), hex);
  }
});

test("what is not exactly an id's text is refused", () => {
  const good = ids[2]?.[1] as string;
  const bad = [
    "",
    good.slice(1),
    good + "a",
    good.toUpperCase(),
    good.slice(0, -1) + "1",
    good.slice(0, -1) + "r", // a stray low bit
    "7".repeat(52),
    undefined,
    42,
    [good],
  ];
  for (const text of bad) assert.equal(idFromText(text), undefined);
});
