/**
 * What one crypto job costs here: the median of many, in microseconds, one after the other, for a
 * message as long as a session description. Bundle it with esbuild; runs in node and in a page.
 */
import { verify } from "../../src/crypto/ed25519.js";
import { seal } from "../../src/crypto/hpke.js";
import { Identity } from "../../src/crypto/identity.js";

const rounds = 2000;
const batch = 10; // a page's clock may step by 0.1 ms

async function measure(name: string, job: () => Promise<unknown>): Promise<void> {
  const timesUs: number[] = [];
  for (let round = 0; round < rounds / batch; round++) {
    const start = performance.now();
    for (let index = 0; index < batch; index++) {
      if (!(await job())) throw new Error(`${name} failed`);
    }
    timesUs.push(((performance.now() - start) * 1000) / batch);
  }
  timesUs.sort((first, second) => first - second);
  console.log(`${name.padEnd(8)} ${timesUs[timesUs.length >> 1]?.toFixed(1).padStart(7)} us`);
}

const identity = await Identity.create();
const message = new Uint8Array(1024).fill(42);
const none = new Uint8Array(0);
const signature = await identity.sign(message);
const sealed = await seal(identity.sealingKey, none, none, message);
if (sealed === undefined) throw new Error("sealing failed");

await measure("sign", () => identity.sign(message));
await measure("verify", () => verify(identity.id, message, signature));
await measure("seal", () => seal(identity.sealingKey, none, none, message));
await measure("open", () => identity.open(none, none, sealed));
