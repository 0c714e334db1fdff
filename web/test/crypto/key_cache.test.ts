import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyCache } from "../../src/crypto/key_cache.js";

/** A cache of real keys, and the imports it asked for. */
function counted(keysMax: number) {
  const imports: number[] = [];
  const cache = new KeyCache(keysMax, (raw) => {
    imports.push(raw[0] ?? -1);
    return crypto.subtle.importKey("raw", raw.slice(), "AES-GCM", false, ["encrypt"]);
  });
  return { cache, imports };
}

const raw = (first: number) => new Uint8Array(32).fill(first);

test("a key is imported once, even when asked for twice at once", async () => {
  const { cache, imports } = counted(4);
  const [first, second] = await Promise.all([cache.get(raw(1)), cache.get(raw(1))]);
  assert.equal(first, second);
  assert.equal(await cache.get(raw(1)), first);
  assert.deepEqual(imports, [1]);
});

test("the key longest unused goes when there are too many", async () => {
  const { cache, imports } = counted(2);
  for (const first of [1, 2, 1, 3, 1, 2]) await cache.get(raw(first));
  assert.equal(cache.size, 2);
  assert.deepEqual(imports, [1, 2, 3, 2]);
});

test("a failed import is not kept", async () => {
  const { cache, imports } = counted(2);
  const wrong = new Uint8Array(5).fill(9);
  await assert.rejects(cache.get(wrong));
  await assert.rejects(cache.get(wrong));
  assert.deepEqual(imports, [9, 9]);
  assert.equal(cache.size, 0);
});
