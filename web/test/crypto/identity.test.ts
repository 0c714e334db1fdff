import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { verify } from "../../src/crypto/ed25519.js";
import { seal } from "../../src/crypto/hpke.js";
import { Identity } from "../../src/crypto/identity.js";
import { MembraneError, type MembraneErrorCode } from "../../src/error.js";
import { fromText } from "./vectors.js";

const platform = {
  crypto: Object.getOwnPropertyDescriptor(globalThis, "crypto"),
  isSecureContext: Object.getOwnPropertyDescriptor(globalThis, "isSecureContext"),
};

function pretend(name: keyof typeof platform, value: unknown) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}

afterEach(() => {
  for (const [name, was] of Object.entries(platform)) {
    if (was) Object.defineProperty(globalThis, name, was);
    else Reflect.deleteProperty(globalThis, name);
  }
});

function rejectsWith(code: MembraneErrorCode) {
  return (error: unknown) => error instanceof MembraneError && error.code === code;
}

const message = fromText("hello");
const aad = fromText("aad");

test("an identity signs, and others check it by its id", async () => {
  const [one, other] = [await Identity.create(), await Identity.create()];
  const signature = await one.sign(message);
  assert.ok(await other.verify(one.id, message, signature));
  assert.equal(await one.verify(other.id, message, signature), false);
});

test("an identity opens what is sealed to its sealing key", async () => {
  const [one, other] = [await Identity.create(), await Identity.create()];
  const sealed = await seal(one.sealingKey, message, aad, fromText("secret"));
  assert.ok(sealed);
  assert.deepEqual(await one.open(message, aad, sealed), fromText("secret"));
  assert.equal(await other.open(message, aad, sealed), undefined);
});

test("what is done to the public keys handed out does not reach the identity", async () => {
  const identity = await Identity.create();
  const key = identity.sealingKey.slice();
  identity.sealingKey.fill(0);
  const sealed = await seal(key, message, aad, message);
  assert.ok(sealed);
  assert.deepEqual(await identity.open(message, aad, sealed), message);
});

test("an insecure page is told so", async () => {
  pretend("crypto", {});
  pretend("isSecureContext", false);
  await assert.rejects(Identity.create(), rejectsWith("insecure-context"));
  const [key, signature] = [new Uint8Array(32).fill(3), new Uint8Array(64).fill(3)];
  await assert.rejects(seal(key, aad, aad, aad), rejectsWith("insecure-context"));
  await assert.rejects(verify(key, aad, signature), rejectsWith("insecure-context"));
});

test("a browser without WebCrypto or the curves is told so", async () => {
  pretend("crypto", undefined);
  await assert.rejects(Identity.create(), rejectsWith("unsupported"));
  pretend("crypto", {
    subtle: { generateKey: () => Promise.reject(new DOMException("no", "NotSupportedError")) },
  });
  await assert.rejects(Identity.create(), rejectsWith("unsupported"));
});

test("without IndexedDB nothing lasting is promised", async () => {
  await assert.rejects(Identity.load("here"), rejectsWith("unsupported"));
});
