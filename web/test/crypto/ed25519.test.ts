import assert from "node:assert/strict";
import { test } from "node:test";
import { generateSigningKeyPair, sign, verify } from "../../src/crypto/ed25519.js";
import { signingKeyOf } from "./keys.js";
import { ed25519Vectors, flipped, fromText } from "./vectors.js";

test("signs as the vectors say", async () => {
  const seeded = ed25519Vectors.filter((vector) => vector.has("seed"));
  assert.ok(seeded.length >= 4);
  for (const vector of seeded) {
    const signature = await sign(await signingKeyOf(vector), vector.bytes("message"));
    assert.deepEqual(signature, vector.bytes("signature"), vector.text("name"));
  }
});

test("verifies as the vectors say", async () => {
  for (const vector of ed25519Vectors) {
    const [key, message] = [vector.bytes("public"), vector.bytes("message")];
    const holds = await verify(key, message, vector.bytes("signature"));
    assert.equal(holds, vector.text("result") === "valid", vector.text("name"));
  }
});

const message = fromText("who speaks here");
const pair = await generateSigningKeyPair();
const signature = await sign(pair.privateKey, message);

test("a fresh key's signature holds, under this key alone", async () => {
  assert.ok(await verify(pair.publicKey, message, signature));
  const other = await generateSigningKeyPair();
  assert.equal(await verify(other.publicKey, message, signature), false);
});

test("any changed bit is refused", async () => {
  for (let bit = 0; bit < signature.length * 8; bit++) {
    const holds = await verify(pair.publicKey, message, flipped(signature, bit));
    assert.equal(holds, false, `bit ${bit}`);
  }
  assert.equal(await verify(pair.publicKey, flipped(message, 0), signature), false);
});

test("wrong lengths are refused", async () => {
  for (let size = 0; size < 64; size++) {
    assert.equal(await verify(pair.publicKey, message, signature.subarray(0, size)), false);
  }
  for (let size = 0; size < 32; size++) {
    assert.equal(await verify(pair.publicKey.subarray(0, size), message, signature), false);
  }
  assert.equal(await verify(pair.publicKey, message, new Uint8Array([...signature, 0])), false);
  assert.equal(await verify(new Uint8Array([...pair.publicKey, 0]), message, signature), false);
});

test("what is not a point is refused, each time", async () => {
  const notAPoint = new Uint8Array(32).fill(2);
  for (let round = 0; round < 2; round++) {
    assert.equal(await verify(notAPoint, message, signature), false);
  }
});

test("arguments may change once the call returned", async () => {
  const [key, text, proof] = [pair.publicKey.slice(), message.slice(), signature.slice()];
  const held = verify(key, text, proof);
  for (const bytes of [key, text, proof]) bytes.fill(0);
  assert.ok(await held);
});

test("the private key cannot be extracted", () => {
  assert.equal(pair.privateKey.extractable, false);
});
