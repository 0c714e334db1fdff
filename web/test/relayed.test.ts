import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import type { Membrane, Session } from "../src/index.js";
import { Input, input } from "../src/abi.js";
import { SessionPipe } from "../src/session_pipe.js";
import { everyConnectionCloses, FakePeerConnection } from "./fake_rtc.js";
import { Network, until } from "./network.js";

let network: Network;
const { mayConnect } = FakePeerConnection;

beforeEach(() => {
  network = new Network();
});

afterEach(async () => {
  FakePeerConnection.mayConnect = mayConnect;
  await network.end();
});

after(everyConnectionCloses);

/** Ada and Bob, who can have no link, and two between them: the last to come meets Bob first. */
async function apart(): Promise<[Membrane, Membrane]> {
  const behindNat = { rtc: { bundlePolicy: "max-compat" } } as const;
  FakePeerConnection.mayConnect = (one, other) =>
    one.bundlePolicy === undefined || other.bundlePolicy === undefined;
  await network.join("between");
  const ada = await network.join("Ada", behindNat);
  await network.join("between, too");
  const bob = await network.join("Bob", behindNat);
  await until(ada, ["peer-added"], () => ada.peers.has(bob.id));
  return [ada, bob];
}

test("where no link can be made a session is relayed, says so, and carries large messages", async () => {
  const [ada, bob] = await apart();
  const atBob = new Promise<Session>((resolve) =>
    bob.on("session", ({ session }) => resolve(session)),
  );
  const session = await ada.connect(bob.id);
  assert.ok(session.relayed);
  assert.ok(!ada.links.has(bob.id));
  const other = await atBob;
  assert.ok(other.relayed);
  const heard: (string | Uint8Array)[] = [];
  other.on("message", ({ data }) => heard.push(data));
  // More than a window, so that the core says busy meanwhile.
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const sent = new Uint8Array(480_000).map((_, index) => bytes[index % 60_000] as number);
  await Promise.all([session.send(sent), session.send("last")]);
  await until(other, ["message"], () => heard.length === 2);
  assert.deepEqual(
    heard.find((data) => typeof data !== "string"),
    sent,
  );
  session.close();
  await other.closed;
});

test("what the core has no room for is kept, in order, and told", () => {
  let room = 2;
  const fed: Uint8Array[] = [];
  const pipe = new SessionPipe(
    new Uint8Array(32),
    true,
    undefined,
    (bytes) => {
      if (room === 0) return "busy";
      room -= 1;
      fed.push(bytes);
      return undefined;
    },
    () => "Ada",
    false,
    () => undefined,
  );
  let told = 0;
  for (let message = 0; message < 4; message += 1) {
    if (!pipe.writable()) pipe.onceWritable(() => (told += 1));
    pipe.write(message, 5, 1, new Uint8Array([message]));
  }
  assert.equal(fed.length, 2);
  assert.ok(!pipe.writable());
  room = 1;
  pipe.hasRoom();
  assert.equal(fed.length, 3);
  assert.ok(!pipe.writable());
  assert.equal(told, 0);
  room = 5;
  pipe.hasRoom();
  assert.ok(pipe.writable());
  assert.equal(told, 1);
  const piece = (message: number): Uint8Array =>
    input(Input.sessionWrite)
      .raw(new Uint8Array(32))
      .int(message)
      .u8(5)
      .int(1)
      .bytes(new Uint8Array([message])).written;
  assert.deepEqual(fed, [0, 1, 2, 3].map(piece));
});

test("over a link what the core has no room for ends the session: nothing would tell of room", () => {
  let ends = 0;
  const feed = (bytes: Uint8Array): string | undefined =>
    bytes[0] === Input.sessionWrite ? "busy" : undefined;
  const pipe = new SessionPipe(new Uint8Array(32), false, undefined, feed, () => "", false, () => {
    ends += 1;
  });
  pipe.write(0, 0, 1, new Uint8Array(1));
  assert.equal(ends, 1);
});
