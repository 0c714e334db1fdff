import assert from "node:assert/strict";
import { test } from "node:test";
import {
  open,
  openWith,
  sealableBytesMax,
  seal,
  sealingOverheadBytes,
  sealWith,
  sharedSecret,
} from "../../src/crypto/hpke.js";
import { agree, generateSealingKeyPair } from "../../src/crypto/x25519.js";
import { sealingKeyOf } from "./keys.js";
import { flipped, fromText, hpkeVectors, lowOrderVectors, type Vector } from "./vectors.js";

const aeads = new Map([
  ["0001", { id: 1, keyBits: 128 }],
  ["0002", { id: 2, keyBits: 256 }],
]);

function aeadOf(vector: Vector) {
  const aead = aeads.get(vector.text("aead_id"));
  assert.ok(aead);
  return aead;
}

function sealedOf(vector: Vector) {
  return new Uint8Array([...vector.bytes("pkEm"), ...vector.bytes("ct")]);
}

test("the vectors cover both AEADs", () => {
  const covered = new Set(hpkeVectors.map((vector) => vector.text("aead_id")));
  assert.deepEqual([...covered].sort(), [...aeads.keys()]);
});

test("the shared secret is the published one on both sides", async () => {
  for (const vector of hpkeVectors) {
    const [enc, recipient] = [vector.bytes("pkEm"), vector.bytes("pkRm")];
    const sender = await agree((await sealingKeyOf(vector, "E")).privateKey, recipient);
    const receiver = await agree((await sealingKeyOf(vector, "R")).privateKey, enc);
    assert.ok(sender && receiver);
    for (const dh of [sender, receiver]) {
      assert.deepEqual(await sharedSecret(dh, enc, recipient), vector.bytes("shared_secret"));
    }
  }
});

test("seals and opens as published", async () => {
  for (const vector of hpkeVectors) {
    const [info, aad] = [vector.bytes("info"), vector.bytes("aad")];
    const [plaintext, recipient] = [vector.bytes("pt"), await sealingKeyOf(vector, "R")];
    const ephemeral = await sealingKeyOf(vector, "E");
    const aead = aeadOf(vector);
    const made = await sealWith(aead, ephemeral, recipient.publicKey, info, aad, plaintext);
    assert.deepEqual(made, sealedOf(vector), vector.text("name"));
    assert.deepEqual(await openWith(aead, recipient, info, aad, sealedOf(vector)), plaintext);
  }
});

test("the public functions use AES-256", async () => {
  for (const vector of hpkeVectors) {
    const recipient = await sealingKeyOf(vector, "R");
    const [info, aad] = [vector.bytes("info"), vector.bytes("aad")];
    const opened = await open(recipient, info, aad, sealedOf(vector));
    assert.equal(opened !== undefined, vector.text("aead_id") === "0002");
  }
});

const none = new Uint8Array(0);
const recipient = await generateSealingKeyPair();
const info = fromText("membrane offer");
const aad = fromText("from, to");
const plaintext = fromText("a session description");
const sealed = await sealOnce();

async function sealOnce() {
  const made = await seal(recipient.publicKey, info, aad, plaintext);
  assert.ok(made);
  return made;
}

test("the recipient opens it, another does not", async () => {
  assert.equal(sealed.length, plaintext.length + sealingOverheadBytes);
  assert.deepEqual(await open(recipient, info, aad, sealed), plaintext);
  assert.equal(await open(await generateSealingKeyPair(), info, aad, sealed), undefined);
});

test("nothing and much are sealed too", async () => {
  for (const size of [0, 16_000, sealableBytesMax]) {
    const long = new Uint8Array(size).fill(7);
    const made = await seal(recipient.publicKey, none, none, long);
    assert.ok(made);
    assert.deepEqual(await open(recipient, none, none, made), long);
  }
});

test("sealings at once use an ephemeral key each", async () => {
  const made = await Promise.all(Array.from({ length: 50 }, sealOnce));
  const keys = new Set(made.map((bytes) => bytes.subarray(0, 32).join()));
  assert.equal(keys.size, made.length);
});

test("arguments may change once the call returned", async () => {
  const own = [recipient.publicKey, info, aad, plaintext].map((bytes) => bytes.slice());
  const sealing = seal(...(own as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]));
  for (const bytes of own) bytes.fill(0);
  const made = await sealing;
  assert.ok(made);
  const opening = open(recipient, info, aad, made);
  made.fill(0);
  assert.deepEqual(await opening, plaintext);
});

test("any changed bit is refused", async () => {
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const opened = await open(recipient, info, aad, flipped(sealed, bit));
    assert.equal(opened, undefined, `bit ${bit}`);
  }
});

test("another info or aad is refused", async () => {
  assert.equal(await open(recipient, fromText("membrane answer"), aad, sealed), undefined);
  assert.equal(await open(recipient, info, fromText("to, from"), sealed), undefined);
  assert.equal(await open(recipient, info, none, sealed), undefined);
});

test("every truncation is refused", async () => {
  for (let size = 0; size < sealed.length; size++) {
    assert.equal(await open(recipient, info, aad, sealed.subarray(0, size)), undefined);
  }
  assert.equal(await open(recipient, info, aad, new Uint8Array([...sealed, 0])), undefined);
});

test("a recipient key of another length is refused", async () => {
  for (const size of [0, 31, 33, 64]) {
    const key = new Uint8Array(size).fill(9);
    assert.equal(await seal(key, info, aad, plaintext), undefined);
  }
});

test("low order keys are refused on both sides", async () => {
  for (const vector of lowOrderVectors) {
    const point = vector.bytes("public");
    assert.equal(await seal(point, info, aad, plaintext), undefined, vector.text("name"));
    const changed = sealed.slice();
    changed.set(point);
    assert.equal(await open(recipient, info, aad, changed), undefined, vector.text("name"));
  }
});

test("what is too long is refused", async () => {
  const long = new Uint8Array(sealableBytesMax + 1);
  assert.equal(await seal(recipient.publicKey, long, aad, plaintext), undefined);
  assert.equal(await seal(recipient.publicKey, info, long, plaintext), undefined);
  assert.equal(await seal(recipient.publicKey, info, aad, long), undefined);
});
