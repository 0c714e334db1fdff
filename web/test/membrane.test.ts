import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import { Membrane, type MembraneError, type Session } from "../src/index.js";
import { everyConnectionCloses, type FakeChannel } from "./fake_rtc.js";
import { Network, until } from "./network.js";

let network: Network;

beforeEach(() => {
  network = new Network();
});

afterEach(() => network.end());

after(everyConnectionCloses);

/** Waits until everyone knows everyone. */
async function complete(...members: Membrane[]): Promise<void> {
  const types = ["peer-added", "edge-added", "link-up", "state"];
  for (const member of members) {
    await until(member, types, () => {
      const known = [...member.peers.values()];
      return known.length === members.length && known.every((peer) => peer.neighbors.size > 0);
    });
  }
}

const next = <Detail>(target: EventTarget, type: string): Promise<Detail> =>
  new Promise((resolve) =>
    target.addEventListener(type, (event) => resolve((event as CustomEvent<Detail>).detail), {
      once: true,
    }),
  );

test("the first is alone, the second joins, both know each other", async () => {
  const ada = await network.join("Ada");
  assert.equal(ada.state, "alone");
  assert.match(ada.id, /^[a-z2-7]{52}$/);
  const bob = await network.join("Bob");
  assert.equal(bob.state, "joined");
  assert.deepEqual([...bob.peers.keys()].sort(), [ada.id, bob.id].sort());
  await complete(ada, bob);
  assert.equal(ada.state, "joined");
  assert.equal(ada.peers.get(bob.id)?.name, "Bob");
  assert.deepEqual([...ada.links.keys()], [bob.id]);
  assert.deepEqual([...ada.edges()], [[ada.id, bob.id].sort()]);
  assert.ok(ada.peers.get(bob.id)?.linked);
  assert.ok(ada.peers.get(ada.id)?.self);
  assert.ok((ada.counters["links opened"] ?? 1) > 0);
});

test("ready waits for the first link, closed for the end", async () => {
  const ada = await network.join("Ada");
  let ready = false;
  const whenReady = ada.ready.then(() => (ready = true));
  await Promise.resolve();
  assert.equal(ready, false, "a network of one");
  const bob = await network.join("Bob");
  await Promise.all([whenReady, bob.ready]);
  await bob.close();
  assert.equal(await bob.closed, "the membrane was closed");
  const eve = await network.join("Eve", { network: "another" });
  await eve.close();
  await assert.rejects(eve.ready, ({ code }: MembraneError) => code === "closed");
});

test("the map tells that it has changed", async () => {
  const ada = await network.join("Ada");
  const seen: string[][] = [];
  ada.map.on("change", () => seen.push([...ada.map].map(({ name }) => name).sort()));
  const bob = await network.join("Bob");
  await complete(ada, bob);
  await Promise.resolve();
  assert.deepEqual(seen.at(-1), ["Ada", "Bob"]);
  assert.deepEqual([...ada.map.edges()], [[ada.id, bob.id].sort()]);
  const { version } = ada.map;
  bob.rename("Robert");
  await next(ada.map, "change");
  assert.deepEqual(seen.at(-1), ["Ada", "Robert"]);
  assert.ok(ada.map.version > version);
});

test("networks of different names never meet", async () => {
  await network.join("Ada", { network: "one" });
  const bob = await network.join("Bob", { network: "two" });
  assert.equal(bob.state, "alone");
});

test("what is published reaches everyone once, its origin, too", async () => {
  const [ada, bob, eve] = [
    await network.join("Ada"),
    await network.join("Bob"),
    await network.join("Eve"),
  ];
  await complete(ada, bob, eve);
  const heard: unknown[] = [];
  for (const member of [ada, bob, eve]) {
    member.topic("chat").on("message", ({ origin, json }) => heard.push([member.id, origin, json]));
    member.on("message", ({ topic }) => assert.equal(topic, "chat"));
  }
  for (const text of ["one", "two"]) {
    const everyone = [ada, bob, eve].map((member) => next(member.topic("chat"), "message"));
    ada.topic("chat").publish({ text });
    await Promise.all(everyone);
  }
  const expected = ["one", "two"].flatMap((text) =>
    [ada, bob, eve].map((member) => [member.id, ada.id, { text }]),
  );
  assert.deepEqual(heard.sort(), expected.sort());
});

test("a rename reaches everyone", async () => {
  const [ada, bob] = [await network.join("Ada"), await network.join("Bob")];
  await complete(ada, bob);
  const renamed = next(ada, "peer-renamed");
  bob.rename("Robert");
  assert.deepEqual(await renamed, { id: bob.id, name: "Robert" });
  assert.equal(bob.name, "Robert");
  assert.equal(bob.peers.get(bob.id)?.name, "Robert");
  assert.throws(() => bob.rename("x".repeat(65)), { code: "invalid-argument" });
});

test("a session: agreed to, strings and bytes both ways, closed with a reason", async () => {
  const asked: unknown[] = [];
  const ada = await network.join("Ada", {
    accept: async (request) => asked.push(request) > 0,
  });
  const bob = await network.join("Bob");
  await complete(ada, bob);
  const atAda = next<{ session: Session }>(ada, "session");
  const session = await bob.connect(ada.id);
  assert.deepEqual(asked, [{ id: bob.id, name: "Bob", session: true }]);
  assert.equal(session.name, "Ada");
  assert.equal(await bob.connect(ada.id), session, "one that is open is used");
  const other = (await atAda).session;
  const answers = session[Symbol.asyncIterator]();
  other.on("message", ({ data }) => void other.send(data));
  await session.send("hello");
  assert.deepEqual(await answers.next(), { value: "hello", done: false });
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  await session.send(bytes);
  assert.deepEqual((await answers.next()).value, bytes);
  session.close();
  const reason = await other.closed;
  assert.equal(typeof reason, "string");
  await session.closed;
  assert.equal(ada.sessions.size + bob.sessions.size, 0);
  assert.equal((await answers.next()).done, true);
});

test("ten megabytes go through a channel's back-pressure, with progress at both ends", async () => {
  const [ada, bob] = [await network.join("Ada"), await network.join("Bob")];
  await complete(ada, bob);
  const atAda = next<{ session: Session }>(ada, "session");
  const session = await bob.connect(ada.id);
  const other = (await atAda).session;
  let [sent, received, buffered] = [0, 0, 0];
  other.on("progress", (progress) => (received = progress.received));
  const arrived = next<{ data: Uint8Array }>(other, "message");
  const bytes = new Uint8Array(10_000_000);
  for (let at = 0; at < bytes.length; at += 60_000) {
    crypto.getRandomValues(bytes.subarray(at, at + 60_000));
  }
  const application = bob.links.get(ada.id)?.application as unknown as FakeChannel;
  application.holdUntilFull();
  await session.send(new Blob([bytes]), {
    onProgress: (now) => {
      sent = now;
      buffered = Math.max(buffered, application.bufferedAmount);
    },
  });
  assert.equal(sent, bytes.length);
  const { data } = await arrived;
  assert.equal(Buffer.compare(data, bytes), 0);
  assert.equal(received, bytes.length);
  assert.ok(buffered > 900_000 && buffered < 1_100_000, `${buffered} bytes in the channel`);
});

test("whoever is refused learns it", async () => {
  for (const accept of [() => false, () => Promise.reject(new Error("broken"))]) {
    const ada = await network.join("Ada", { accept });
    const bob = await network.join("Bob");
    await complete(ada, bob);
    const failed = next(bob, "connect-failed");
    await assert.rejects(bob.connect(ada.id), { code: "refused" });
    assert.deepEqual(await failed, { id: ada.id, reason: "refused" });
    await network.end();
  }
});

test("a link is enough when no session is asked for", async () => {
  const [ada, bob] = [await network.join("Ada"), await network.join("Bob")];
  await complete(ada, bob);
  const link = await bob.connect(ada.id, { session: false });
  assert.equal(link.id, ada.id);
  assert.equal(link.control.readyState, "open");
  assert.equal(bob.sessions.size, 0);
  const down = next(ada, "link-down");
  link.close();
  assert.equal(((await down) as { id: string }).id, bob.id);
});

test("what was sent before a session is closed arrives, and then its end", async () => {
  const [ada, bob] = [await network.join("Ada"), await network.join("Bob")];
  await complete(ada, bob);
  const heard = next(ada, "session") as Promise<{ session: Session }>;
  const session = await bob.connect(ada.id);
  const theirs = (await heard).session;
  const got = next(theirs, "message") as Promise<{ data: Uint8Array }>;
  await session.send(new Uint8Array(900_000));
  session.close();
  assert.equal((await got).data.length, 900_000);
  assert.equal(await theirs.closed, "closed");
});

test("connecting to nobody fails in words", async () => {
  const ada = await network.join("Ada");
  const stranger = "a".repeat(52);
  await assert.rejects(ada.connect(stranger), { code: "unreachable" });
  await assert.rejects(ada.connect("nobody"), { code: "invalid-argument" });
  await assert.rejects(ada.connect(ada.id), { code: "invalid-argument" });
  const signal = AbortSignal.abort();
  await assert.rejects(ada.connect(stranger, { signal }), { code: "aborted" });
  await network.end();
  await assert.rejects(ada.connect(stranger), { code: "closed" });
  assert.throws(() => ada.topic("t").publish(1), { code: "closed" });
});

test("leaving says goodbye and ends everything, however often it is said", async () => {
  const [ada, bob] = [await network.join("Ada"), await network.join("Bob")];
  await complete(ada, bob);
  const session = await bob.connect(ada.id);
  const gone = until(ada, ["peer-removed"], () => !ada.peers.has(bob.id));
  const states: string[] = [];
  bob.on("state", ({ state }) => states.push(state));
  const loop = (async () => {
    for await (const message of bob.topic("t")) assert.fail(String(message));
  })();
  const left = bob.close();
  assert.equal(bob.close(), left);
  await left;
  await loop;
  await session.closed;
  await gone;
  assert.deepEqual(states, ["left"]);
  assert.deepEqual([...bob.peers.keys()], [bob.id]);
  assert.equal(bob.links.size + bob.sessions.size, 0);
  assert.deepEqual(bob.counters, {});
});

test("a member that leaves leaves the others together", async () => {
  const members: Membrane[] = [];
  for (const name of ["A", "B", "C", "D", "E", "F"]) members.push(await network.join(name));
  await complete(...members);
  const [first, ...others] = members as [Membrane, ...Membrane[]];
  await first.close();
  for (const member of others) {
    await until(member, ["peer-removed"], () => member.peers.size === others.length);
  }
  const everyone = others.map((member) => next<{ json: unknown }>(member.topic("t"), "message"));
  others[0]?.topic("t").publish("still here");
  for (const message of await Promise.all(everyone)) assert.equal(message.json, "still here");
});

test("joining ends when its signal fires, and membership when it fires later", async () => {
  const controller = new AbortController();
  const early = Membrane.join("ws://fake", { signal: AbortSignal.abort() });
  await assert.rejects(early, { code: "aborted" });
  const ada = await network.join("Ada", { signal: controller.signal });
  controller.abort();
  assert.equal(ada.state, "left");
});

test("joining takes no longer than it may", async () => {
  network.server.up = false;
  await assert.rejects(network.join("Ada", { timeout_ms: 20 }), { code: "timed-out" });
});

test("joining gives up on a server after three attempts", async () => {
  network.server.up = false;
  await assert.rejects(network.join("Ada"), { code: "server-unreachable" });
});

test("what is wrong with the options is said", async () => {
  const wrong = [
    { name: "x".repeat(65) },
    { network: "" },
    { network: 5 },
    { timeout_ms: -1 },
    { messageBytesMax: NaN },
  ];
  for (const options of wrong) {
    const joining = network.join("Ada", options as never);
    await assert.rejects(joining, { code: "invalid-argument" });
  }
  await assert.rejects(Membrane.join(null), { code: "invalid-argument" });
});

test("a burst of publishing beyond the rate is refused as busy", async () => {
  const ada = await network.join("Ada");
  const topic = ada.topic("t");
  assert.throws(
    () => {
      for (let count = 0; count < 1_000; count++) topic.publish(count);
    },
    { code: "busy" },
  );
});

test("the same identity is the same peer", async () => {
  const { Identity } = await import("../src/index.js");
  const identity = await Identity.create();
  const first = await network.join("Ada", { identity });
  await first.close();
  const second = await network.join("Ada", { identity });
  assert.equal(second.id, first.id);
});

test("a session closed within a listener has ended at once, and connect gives a new one", async () => {
  const ada = await network.join("Ada");
  const bob = await network.join("Bob");
  await complete(ada, bob);
  const opened = next<{ session: Session }>(bob, "session");
  const session = await ada.connect(bob.id);
  const { session: other } = await opened;
  const again = new Promise<[Session, unknown]>((resolve) =>
    session.on("message", () => {
      session.close();
      const late = session.send("late").catch((error: unknown) => error);
      void Promise.all([ada.connect(bob.id), late]).then(resolve);
    }),
  );
  await other.send("close it");
  const [fresh, late] = await again;
  assert.notEqual(fresh, session);
  assert.equal((late as MembraneError).code, "closed");
  assert.equal(ada.sessions.get(bob.id), fresh);
});

test("the close of a link that has ended leaves the next one to that peer alone", async () => {
  const ada = await network.join("Ada");
  const bob = await network.join("Bob");
  const eve = await network.join("Eve"); // who leads them to each other again
  await complete(ada, bob, eve);
  await until(ada, ["link-up"], () => ada.links.size === 2);
  const before = ada.links.get(bob.id);
  const down = next(ada, "link-down");
  ada.disconnect(bob.id);
  await down;
  const link = await ada.connect(bob.id, { session: false });
  before?.close();
  assert.equal(ada.links.get(bob.id), link);
});
