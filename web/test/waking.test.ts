/** What a member does that slept, or whose network is another: whole membranes over the core. */
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import type { Link, Membrane } from "../src/index.js";
import { everyConnectionCloses, FakeChannel, type FakePeerConnection } from "./fake_rtc.js";
import { Network, until } from "./network.js";

let network: Network;
const wall = Date.now;

beforeEach(() => {
  network = new Network();
});

afterEach(async () => {
  Date.now = wall;
  await network.end();
});

after(everyConnectionCloses);

/** The first of three, linked to both others. */
async function linkedToTwo(): Promise<Membrane> {
  const ada = await network.join("Ada");
  await network.join("Bob");
  await network.join("Eve");
  await until(ada, ["link-up"], () => ada.links.size === 2);
  return ada;
}

/** To whom pings are sent while this is done. */
function pinged(member: Membrane, work: () => void): string[] {
  const ids: string[] = [];
  for (const { id, control } of member.links.values()) {
    control.send = (data: unknown) => {
      if (String(data) === "4,0") ids.push(id);
      FakeChannel.prototype.send.call(control, data as Uint8Array);
    };
  }
  work();
  return ids.sort();
}

const become = (member: Membrane, id: string, state: RTCPeerConnectionState): void => {
  const connection = member.links.get(id)?.connection as unknown as FakePeerConnection;
  connection.connectionState = state;
  connection.dispatchEvent(new Event("connectionstatechange"));
  (connection as unknown as RTCPeerConnection).onconnectionstatechange?.(new Event("x"));
};

test("a connection that is disturbed lets each link be probed, once", async () => {
  const ada = await linkedToTwo();
  const everyone = [...ada.links.keys()].sort();
  const first = everyone[0] as string;
  assert.deepEqual(
    pinged(ada, () => become(ada, first, "disconnected")),
    everyone,
  );
  assert.deepEqual(
    pinged(ada, () => become(ada, first, "disconnected")),
    [],
    "who is asked already is not asked again",
  );
});

test("time that jumped lets each link be probed, and a silent server be left", async () => {
  const ada = await linkedToTwo();
  const servers: unknown[] = [];
  ada.on("server", (server) => servers.push(server));
  const again = until(ada, ["server"], () => servers.length === 2);
  const ids = pinged(ada, () => {
    Date.now = () => wall() + 60_000;
    ada.rename("Ada, rested");
  });
  assert.deepEqual(ids, [...ada.links.keys()].sort());
  await again;
  assert.deepEqual(servers, [{ up: false, error: "silent" }, { up: true }]);
  assert.equal(ada.links.size, 2, "nobody is lost: both answer");
});

test("who slept until every link was dead is back within 10 s, the others undisturbed", async () => {
  const ada = await linkedToTwo();
  const [bob, eve] = network.members.slice(1) as [Membrane, Membrane];
  for (const member of [bob, eve]) await until(member, ["link-up"], () => member.links.size === 2);
  const lost: string[] = [];
  bob.on("link-down", ({ id }) => lost.push(id));
  const silent = (member: Membrane, id: string): void => {
    const { control, application } = member.links.get(id) as Link;
    control.send = application.send = () => undefined;
  };
  for (const other of [bob, eve]) {
    silent(ada, other.id);
    silent(other, ada.id);
  }
  const down = until(ada, ["link-down"], () => ada.links.size === 0);
  const begun = performance.now();
  Date.now = () => wall() + 60_000;
  ada.rename("Ada, rested");
  await down;
  await until(ada, ["link-up"], () => ada.links.size === 2);
  const took_ms = performance.now() - begun;
  assert.ok(took_ms < 10_000, `${took_ms} ms`);
  assert.deepEqual(lost, [ada.id]);
  await until(bob, ["peer-renamed"], () => bob.peers.get(ada.id)?.name === "Ada, rested");
});

test("a listener that hears of it on waking may leave", async () => {
  const ada = await linkedToTwo();
  const left = new Promise<void>((resolve) =>
    ada.on("server", ({ up }) => {
      if (!up) resolve(ada.close());
    }),
  );
  Date.now = () => wall() + 60_000;
  ada.rename("Ada, rested");
  await left;
  assert.equal(await ada.closed, "the membrane was closed");
});
