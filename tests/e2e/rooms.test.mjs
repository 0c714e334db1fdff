// One page in several networks: they share a line to the first-contact server, and nothing else.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const networks = ["chess", "go", "bridge"];

/** A tab that keeps every WebSocket it makes, and its membership of each network by name. */
async function openTab(world, server) {
  const tab = await world.openPeer(server);
  await tab.run(() => {
    globalThis.sockets = [];
    globalThis.WebSocket = class extends WebSocket {
      constructor(...given) {
        super(...given);
        globalThis.sockets.push(this);
      }
    };
    globalThis.rooms = {};
    globalThis.heard = [];
  });
  return tab;
}

/** Joins these networks at once. */
function join(tab, server, names) {
  return tab.run(
    async (address, name, wanted) => {
      const enter = async (network) => {
        const membrane = await globalThis.e2e.Membrane.join(address, { name, network });
        globalThis.rooms[network] = membrane;
        membrane.topic("chat").on("message", ({ origin, json }) => {
          if (origin !== membrane.id) globalThis.heard.push([network, json]);
        });
        return [network, membrane.id];
      };
      return Object.fromEntries(await Promise.all(wanted.map(enter)));
    },
    server.address,
    tab.name,
    names,
  );
}

const socketStates = (tab) => tab.run(() => globalThis.sockets.map(({ readyState }) => readyState));

/** How many peers each membership sees, and whether each is linked. */
const views = (tab) =>
  tab.run(() =>
    Object.entries(globalThis.rooms).map(([network, { peers, state }]) => [
      network,
      state,
      peers.size,
    ]),
  );

/** Waits until a tab sees so many peers in each of these networks. */
function sees(tab, wanted) {
  const same = async () => {
    const seen = Object.fromEntries(
      (await views(tab)).map(([network, , count]) => [network, count]),
    );
    return Object.entries(wanted).every(([network, count]) => seen[network] === count);
  };
  const state = () => views(tab);
  return until(`${tab.name} sees ${JSON.stringify(wanted)}`, same, { within_ms: 20_000, state });
}

scenario("two tabs in three networks have one line to the server each", async (world) => {
  const server = await world.server();
  const [one, two] = [await openTab(world, server), await openTab(world, server)];
  const ids = [await join(one, server, networks), await join(two, server, networks)];
  for (const tab of [one, two]) {
    await sees(tab, { chess: 2, go: 2, bridge: 2 });
    assert.deepEqual(await socketStates(tab), [1], "one WebSocket, open");
  }
  assert.equal(new Set(ids.flatMap((each) => Object.values(each))).size, 6, "six peers");
  for (const network of networks) {
    const seen = await one.run((name) => [...globalThis.rooms[name].peers.keys()].sort(), network);
    assert.deepEqual(seen, ids.map((each) => each[network]).sort());
  }

  // What is said in one network is heard there alone.
  await one.run(() => {
    for (const [network, membrane] of Object.entries(globalThis.rooms))
      membrane.topic("chat").publish(`in ${network}`);
  });
  const heard = () => two.run(() => globalThis.heard);
  await until("all is heard", async () => (await heard()).length >= 3, { state: heard });
  assert.deepEqual(
    (await heard()).sort(),
    networks.map((network) => [network, `in ${network}`]).sort(),
  );

  // One is left, and the others go on over the same line.
  await one.run(() => globalThis.rooms.go.close());
  await sees(two, { chess: 2, go: 1, bridge: 2 });
  assert.deepEqual(await socketStates(one), [1]);
  const newcomer = await openTab(world, server);
  await join(newcomer, server, networks);
  await sees(newcomer, { chess: 3, go: 2, bridge: 3 });
  await sees(one, { chess: 3, bridge: 3 });
  const session = await one.run(
    async (id) => (await globalThis.rooms.chess.connect(id)).id === id,
    await newcomer.run(() => globalThis.rooms.chess.id),
  );
  assert.ok(session);

  await one.run(() => Promise.all(Object.values(globalThis.rooms).map((each) => each.close())));
  const states = () => socketStates(one);
  await until("the line is closed with the last", async () => (await states())[0] === 3, {
    state: states,
  });
  await sees(two, { chess: 2, go: 2, bridge: 2 });
});

scenario("a lost line comes back once, with all of its networks", async (world) => {
  const server = await world.server();
  const tab = await openTab(world, server);
  await join(tab, server, networks);
  await server.kill();
  const ended = async () => (await socketStates(tab))[0] === 3;
  await until("the line is lost", ended);
  await server.restart();
  const open = async () => (await socketStates(tab)).filter((state) => state === 1).length;
  await until("the line is back", open, { within_ms: 15_000, state: () => socketStates(tab) });
  const newcomer = await openTab(world, server);
  await join(newcomer, server, networks);
  for (const each of [tab, newcomer]) {
    await sees(each, { chess: 2, go: 2, bridge: 2 });
    assert.equal((await socketStates(each)).filter((state) => state === 1).length, 1);
  }
});

scenario("more networks than a line has rooms are on a second line", async (world) => {
  const server = await world.server();
  const many = Array.from({ length: 10 }, (_, index) => `network ${index}`);
  const [one, two] = [await openTab(world, server), await openTab(world, server)];
  for (const tab of [one, two]) await join(tab, server, many);
  for (const tab of [one, two]) {
    await sees(tab, Object.fromEntries(many.map((network) => [network, 2])));
    assert.deepEqual(await socketStates(tab), [1, 1]);
  }
});
