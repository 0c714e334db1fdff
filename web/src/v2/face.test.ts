import assert from "node:assert/strict";
import test from "node:test";
import { MembraneError } from "../error.js";
import { settled } from "./fakes.js";
import { joinedFace, makeFace } from "./fixture.js";
import { consumablesWaitingMax } from "./limits.js";

const names = [
  "CONFIG",
  "networkMap",
  "livePeers",
  "authPeers",
  "hiddenAliasLookup",
  "pubAliasLookup",
  "pubAliasUnparser",
  "init",
  "makeConnection",
  "deauthPeer",
  "sendConsumable",
  "onConsumable",
  "onNewPeer",
  "onLostPeer",
  "onNewAuthPeer",
  "onLostAuthPeer",
  "onAuthRejected",
  "onAuth",
  "onPeer",
  "onServerError",
  "onNetworkMapUpdate",
  "gossipTransport",
  "eventHandler",
];

test("the face has every name of v2", () => {
  assert.deepEqual(Object.keys(makeFace().face).sort(), [...names].sort());
});

test("init joins the configured server under the configured name", async () => {
  const { face, join, network } = await joinedFace({
    "serverLink.initBindURL": "ws://elsewhere:1/bind?originatingSDP=*",
    "communication.publicAlias": "Ada",
    "rtc.ICEpresets": { iceServers: [{ urls: "stun:x" }], iceCandidatePoolSize: 255 },
  });
  assert.deepEqual(join.servers, ["ws://elsewhere:1/bind?originatingSDP=*"]);
  assert.equal(network.options.name, "Ada");
  assert.deepEqual(network.options.rtc, { iceServers: [{ urls: "stun:x" }] });
  assert.equal(network.options.identity, "ephemeral");
  assert.equal(face.CONFIG.communication.hiddenAlias, "me");
});

test("a hidden alias of the user's own is refused once, in words", async () => {
  const { face, page } = await joinedFace({ "communication.hiddenAlias": "mine" });
  await face.init(() => ({ "communication.hiddenAlias": "mine" }));
  assert.equal(face.CONFIG.communication.hiddenAlias, "me1");
  assert.equal(page.reports.filter((report) => report.includes("hiddenAlias")).length, 1);
});

test("a server that does not answer is tried again, and each failure is told", async () => {
  const gone = [1, 2].map((n) => new MembraneError("server-unreachable", `no answer ${n}`));
  const { face, page, join } = makeFace(gone);
  const heard: string[] = [];
  face.onServerError((message, stack) => heard.push(`${message} ${typeof stack}`));
  const joined = face.init();
  await page.pass(10_000);
  await joined;
  assert.deepEqual(heard, ["no answer 1 string", "no answer 2 string"]);
  assert.equal(join.servers.length, 3);
  assert.deepEqual(page.reports, []);
});

test("init rejects when trying again cannot help, and when the configuration fails", async () => {
  const insecure = new MembraneError("insecure-context", "no cryptography here");
  await assert.rejects(makeFace([insecure]).face.init(), insecure);
  const broken = new Error("no configuration");
  await assert.rejects(
    makeFace().face.init(async () => Promise.reject(broken)),
    broken,
  );
  await assert.rejects(makeFace().face.init({} as never), TypeError);
});

test("a second init makes one that still tries reject", async () => {
  const { face, page } = makeFace([new MembraneError("server-unreachable", "no answer")]);
  const first = assert.rejects(face.init(), /init was called again/);
  await settled();
  await face.init();
  await first;
  assert.equal(page.timers, 0);
});

test("the map, ourselves included, is told with names already there", async () => {
  const { face } = makeFace();
  const told: unknown[] = [];
  face.onNetworkMapUpdate((kind, info) =>
    told.push([kind, info, face.hiddenAliasLookup[String(info)]]),
  );
  await face.init(() => ({ "communication.publicAlias": "Ada" }));
  assert.deepEqual(told, [["addNode", "me", "Ada"]]);
});

test("peers and edges come and go as the network tells", async () => {
  const { face, network } = await joinedFace({ "communication.publicAlias": "Ada" });
  const told: unknown[] = [];
  face.onNetworkMapUpdate((kind, info) => told.push([kind, info]));
  face.onNetworkMapUpdate(
    (kind, info) => kind === "removeNode" && told.push(face.hiddenAliasLookup[String(info)]),
  );
  network.addPeer("b", "Ada");
  network.addEdge("b", "c");
  network.addPeer("c");
  network.removePeer("b");
  assert.deepEqual(told, [
    ["addNode", "b"],
    ["addNode", "c"],
    ["addEdge", ["c", "b"]],
    ["removeEdge", ["b", "c"]],
    ["removeNode", "b"],
    "Ada (1)",
  ]);
  assert.deepEqual(Object.keys(face.networkMap.nodes), ["me", "c"]);
  assert.equal(face.hiddenAliasLookup["b"], undefined);
});

test("live peers and authenticated peers are up to date when their callbacks run", async () => {
  const { face, network } = await joinedFace();
  const { authPeers } = face;
  const told: unknown[] = [];
  face.onNewPeer((alias) => told.push(["new", alias, alias in face.livePeers]));
  face.onLostPeer((alias) => told.push(["lost", alias, alias in face.livePeers]));
  face.onNewAuthPeer((alias) => told.push(["newAuth", alias, [...face.authPeers]]));
  face.onLostAuthPeer((alias) => told.push(["lostAuth", alias, [...face.authPeers]]));
  network.link("b");
  network.startSession("b");
  const connection = face.livePeers["b"];
  assert.equal(
    connection?.open && connection.authenticated && connection.hiddenAlias === "b",
    true,
  );
  network.disconnect("b");
  assert.equal(connection?.open, false);
  assert.deepEqual(told, [
    ["new", "b", true],
    ["newAuth", "b", ["b"]],
    ["lostAuth", "b", []],
    ["lost", "b", false],
  ]);
  assert.equal(face.authPeers, authPeers, "pages hold on to the array");
});

test("a second init leaves the first network, tells totalWipe, and joins anew", async () => {
  const { face, network, join } = await joinedFace();
  network.addPeer("b", "Ada");
  network.link("b");
  network.startSession("b");
  const told: unknown[] = [];
  face.onNetworkMapUpdate((kind, info) => told.push([kind, info]));
  face.onLostAuthPeer((alias) => told.push(["lostAuth", alias, face.hiddenAliasLookup[alias]]));
  face.onLostPeer((alias) => told.push(["lost", alias]));
  await face.init();
  assert.equal(network.state, "left");
  assert.deepEqual(told, [
    ["lostAuth", "b", "Ada"],
    ["lost", "b"],
    ["totalWipe", undefined],
    ["addNode", "me1"],
  ]);
  network.addPeer("ghost");
  assert.deepEqual(Object.keys(face.networkMap.nodes), ["me1"]);
  assert.equal(face.CONFIG.communication.hiddenAlias, join.networks[1]?.id);
});

test("a page that comes back from the cache begins its map anew", async () => {
  const { face, network } = await joinedFace();
  const told: unknown[] = [];
  face.onNetworkMapUpdate((kind, info) => told.push([kind, info]));
  network.moveTo("left");
  assert.deepEqual(told, [
    ["totalWipe", undefined],
    ["addNode", "me"],
  ]);
});

test("makeConnection shares one attempt and resolves with the peer's connection", async () => {
  const { face, network } = await joinedFace();
  const [one, two] = await Promise.all([
    face.makeConnection("b", true),
    face.makeConnection("b", true),
  ]);
  assert.equal(network.asked.length, 1);
  assert.equal(one, two);
  assert.equal(one, face.livePeers["b"]);
  await face.makeConnection("b", true);
  await face.makeConnection("b", false);
  assert.equal(network.asked.length, 1, "what exists is used");
  await face.makeConnection("c", false);
  assert.deepEqual(face.authPeers, ["b"]);
});

test("makeConnection rejects, and says why", async () => {
  const { face, network, page } = await joinedFace({ "communication.connectionTimeout": 3000 });
  const rejected: string[] = [];
  face.onAuthRejected((alias) => rejected.push(alias));
  await assert.rejects(makeFace().face.makeConnection("b"), { code: "closed" });
  await assert.rejects(face.makeConnection("me", true), { code: "invalid-argument" });
  network.onConnect = async () => Promise.reject(new MembraneError("refused", "no"));
  await assert.rejects(face.makeConnection("b", true), { code: "refused" });
  assert.deepEqual(rejected, ["b"]);
  network.onConnect = (_id, _session, signal) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(new Error("aborted"))),
    );
  const late = assert.rejects(face.makeConnection("b", true), { code: "timed-out" });
  void face.makeConnection("c", true);
  await page.pass(3000);
  await late;
  network.onConnect = async () => undefined;
  await face.makeConnection("b", true);
  assert.deepEqual(rejected, ["b"]);
});

test("consumables reach every callback, those that came early too, and bytes as text", async () => {
  const { face, network } = await joinedFace();
  const heard: string[] = [];
  const session = network.startSession("b");
  session.arrive("early");
  face.onConsumable("b", (raw) => heard.push(`1 ${raw}`));
  session.arrive("at once");
  face.onConsumable("b", (raw) => heard.push(`2 ${raw}`));
  session.arrive(new TextEncoder().encode("bytes"));
  await settled();
  assert.deepEqual(heard, ["1 early", "1 at once", "1 bytes", "2 bytes"]);
});

test("a callback registered in onNewAuthPeer ends with its session, one registered before stays", async () => {
  const { face, network } = await joinedFace();
  const heard: string[] = [];
  face.onConsumable("b", (raw) => heard.push(`lasting ${raw}`));
  face.onNewAuthPeer((alias) => face.onConsumable(alias, (raw) => heard.push(`passing ${raw}`)));
  network.startSession("b");
  face.deauthPeer("b", true);
  network.startSession("b").arrive("again");
  assert.deepEqual(heard, ["lasting again", "passing again"]);
});

test("messages nobody takes are bounded, and reported when dropped", async () => {
  const { face, network, page } = await joinedFace();
  const session = network.startSession("b");
  for (let n = 0; n <= consumablesWaitingMax; n += 1) session.arrive(String(n));
  assert.equal(page.reports.length, 1);
  const heard: string[] = [];
  face.onConsumable("b", (raw) => heard.push(raw));
  await settled();
  assert.equal(heard.length, consumablesWaitingMax);
  assert.equal(heard[0], "0");
});

test("sendConsumable sends to authenticated peers, else rejects and reports", async () => {
  const { face, network, page } = await joinedFace();
  const session = network.startSession("b");
  await face.sendConsumable("b", "hello");
  assert.deepEqual(session.sent, ["hello"]);
  await assert.rejects(face.sendConsumable("stranger", "hello"), { code: "closed" });
  await assert.rejects(face.sendConsumable("b", 7 as never), TypeError);
  void face.sendConsumable("stranger", "nobody looks at this promise");
  await settled();
  assert.equal(page.reports.length, 3);
});

test("onAuth and onPeer call back once, at once if it already holds", async () => {
  const { face, network } = await joinedFace();
  const calls: string[] = [];
  face.onPeer("b", (alias) => calls.push(`peer ${alias}`));
  face.onAuth("b", (alias) => calls.push(`auth ${alias}`));
  network.link("other");
  network.link("b");
  network.startSession("b");
  network.disconnect("b");
  network.link("b");
  assert.deepEqual(calls, ["peer b", "auth b"]);
  face.onPeer("b", () => calls.push("at once"));
  assert.equal(calls.at(-1), "at once");
});

test("the accept function is asked as v2 asked it, as it is now, and an error in it refuses", async () => {
  const asked: unknown[] = [];
  const { face, network, page } = await joinedFace({
    "communication.connectionAcceptRejectFunction": async (request: unknown) => asked.push(request),
  });
  assert.equal(network.options.acceptLinks, true);
  const accept = network.options.accept as (request: object) => Promise<boolean>;
  assert.equal(await accept({ id: "b", name: "Ada", session: true }), true);
  assert.deepEqual(asked, [{ sender: "b", destination: "me", wantAuth: true, publicAlias: "Ada" }]);
  face.CONFIG.communication.connectionAcceptRejectFunction = () => {
    throw new Error("broken");
  };
  assert.equal(await accept({ id: "b", name: "Ada", session: false }), false);
  assert.equal(page.reports.length, 1);
});

test("by default everyone is accepted, and links are not asked about", async () => {
  const { network } = await joinedFace();
  assert.equal(network.options.acceptLinks, false);
  assert.equal(await network.options.accept?.({ id: "b", name: "", session: true }), true);
});

test("a server that goes away later is told, with words and a stack", async () => {
  const { face, network, page } = await joinedFace();
  network.serverGone("connection refused");
  assert.equal(page.reports.length, 1, "nobody listens yet");
  const heard: string[][] = [];
  face.onServerError((message, stack) => heard.push([message, stack.split("\n")[0] ?? ""]));
  network.serverGone("connection refused");
  assert.deepEqual(heard, [["connection refused", "Error: connection refused"]]);
  assert.equal(page.reports.length, 1);
});

test("a server that comes back is told", async () => {
  const { face, network } = await joinedFace();
  const back = face.eventHandler.acquireExpectedDispatch("serverReady");
  network.serverBack();
  await back;
});

test("the public alias is live: setting it renames us, and a restart keeps it", async () => {
  const { face, network, join } = await joinedFace({ "communication.publicAlias": "Ada" });
  const renamed: unknown[] = [];
  face.eventHandler.onReceipt("peerRenamed", (_signal, alias) => renamed.push(alias));
  face.CONFIG.communication.publicAlias = "Grace";
  assert.equal(network.name, "Grace");
  assert.equal(face.hiddenAliasLookup["me"], "Grace");
  assert.deepEqual(renamed, ["me"]);
  await face.init();
  assert.equal(join.networks[1]?.options.name, "Grace");
  await face.init(() => ({ "communication.publicAlias": "Mary" }));
  assert.equal(join.networks[2]?.options.name, "Mary");
  assert.equal(join.networks[1]?.name, "Grace");
});

test("callbacks must be functions", () => {
  const { face } = makeFace();
  assert.throws(() => face.onNewPeer(undefined as never), TypeError);
  assert.throws(() => face.onAuth("b", 1 as never), TypeError);
  assert.throws(() => face.onConsumable("b", "x" as never), TypeError);
});
