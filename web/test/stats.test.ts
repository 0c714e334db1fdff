import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import { pathOf, why } from "../src/diagnosis.js";
import {
  type CandidateCounts,
  type ConnectionReport,
  type ConnectionStage,
  countCandidates,
  failureOf,
} from "../src/failure.js";
import { everyConnectionCloses, FakePeerConnection } from "./fake_rtc.js";
import { Network, until } from "./network.js";

let network: Network;
const { mayConnect } = FakePeerConnection;

beforeEach(() => {
  network = new Network();
});

afterEach(async () => {
  FakePeerConnection.mayConnect = mayConnect;
  FakePeerConnection.failsAtOnce = false;
  await network.end();
});

after(everyConnectionCloses);

test("stats tell the server, the way of each link, and the counters", async () => {
  const ada = await network.join("Ada");
  const bob = await network.join("Bob");
  const { server, links, failures, counters } = await bob.stats();
  assert.match(server.address, /^ws:/);
  assert.deepEqual([server.up, server.error], [true, undefined]);
  assert.deepEqual(links, [
    {
      id: ada.id,
      local: "srflx",
      remote: "host",
      protocol: "udp",
      roundTrip_ms: 25,
      sent: 1_000,
      received: 2_000,
    },
  ]);
  assert.deepEqual(failures, []);
  assert.equal(counters["links"], 1);
  const session = await bob.connect(ada.id);
  const { relayed, local, roundTrip_ms } = await session.stats();
  assert.deepEqual([relayed, local, roundTrip_ms], [false, "srflx", 25]);
  await bob.close();
  assert.deepEqual((await bob.stats()).links, []);
});

test("a connection that does not come up is told, with whom it was and why", async () => {
  const behindNat = { rtc: { bundlePolicy: "max-compat" } } as const;
  FakePeerConnection.failsAtOnce = true;
  FakePeerConnection.mayConnect = (one, other) =>
    one.bundlePolicy === undefined || other.bundlePolicy === undefined;
  await network.join("between");
  const ada = await network.join("Ada", behindNat);
  await network.join("between, too");
  const bob = await network.join("Bob", behindNat);
  await until(ada, ["peer-added"], () => ada.peers.has(bob.id));
  const session = await ada.connect(bob.id);
  assert.deepEqual(await session.stats(), { relayed: true });
  const { failures } = await ada.stats();
  const failure = failures.find(({ id }) => id === bob.id);
  assert.equal(failure?.stage, "reaching");
  assert.deepEqual(failure.localCandidates, { host: 1 });
  assert.deepEqual(failure.remoteCandidates, { host: 1 });
  assert.match(failure.why, /STUN/);
  assert.ok(failure.took_ms > 0 && failure.at <= Date.now());
  assert.ok(failures.length <= 32);
});

const report = (
  stage: ConnectionStage,
  localCandidates: CandidateCounts = {},
  remoteCandidates: CandidateCounts = {},
  iceServerErrors: ConnectionReport["iceServerErrors"] = [],
): ConnectionReport => ({
  stage,
  took_ms: 1,
  localCandidates,
  remoteCandidates,
  iceServerErrors,
});

test("each way to fail has its own explanation", () => {
  const host = { host: 2 };
  const behind = { host: 2, srflx: 1 };
  const stun = [{ url: "stun:example.org", code: 701, text: "no answer" }];
  const cases: [ConnectionReport, string, RegExp][] = [
    [report("describing"), "timed out", /too many are open/],
    [report("signalling"), "refused", /did not want it/],
    [report("signalling"), "full", /no room/],
    [report("signalling"), "timed out", /did not answer/],
    [report("reaching"), "timed out", /named no address: a policy/],
    [report("reaching", host), "timed out", /other side named no address/],
    [report("reaching", host, host, stun), "timed out", /No STUN or TURN server answered/],
    [report("reaching", host, behind), "timed out", /name a STUN server/],
    [report("reaching", behind, host), "timed out", /no STUN server answered it/],
    [report("reaching", behind, behind), "timed out", /TURN server/],
    [report("securing", behind, behind), "closed", /DTLS/],
    [report("opening", behind, behind), "closed", /gave up first/],
    [report("proving", behind, behind), "proof failed", /proof failed/],
  ];
  const said = cases.map(([known, reason, expected]) => {
    const failure = failureOf(known, reason, undefined) ?? assert.fail("it is one");
    const sentence = why(failure);
    assert.match(sentence, expected);
    return sentence;
  });
  assert.equal(new Set(said).size, said.length - 1, "refused and full are told the same");
});

test("what is no failure is not told as one", () => {
  for (const reason of ["replaced", "trimmed", "duplicate", "goodbye", "left the network"])
    assert.equal(failureOf(report("reaching"), reason, "id"), undefined);
});

test("candidates are counted by kind, in descriptions and alone", () => {
  const counts = {};
  const host = "candidate:1 1 udp 2113937151 192.0.2.1 54400 typ host generation 0";
  const mapped = "candidate:2 1 udp 1677729535 203.0.113.9 61000 typ srflx raddr 0.0.0.0 rport 0";
  countCandidates(counts, `v=0\r\na=${host}\r\na=${mapped}\r\na=ice-ufrag:x typ host\r\n`);
  countCandidates(counts, JSON.stringify({ candidate: host, sdpMid: "0" }));
  countCandidates(counts, "candidate:3 typ constructor");
  assert.deepEqual(counts, { host: 2, srflx: 1 });
});

test("the way is found as Firefox tells it, too, and is empty where nothing is told", async () => {
  const connection = (...stats: { id: string; type: string }[]): RTCPeerConnection =>
    ({
      getStats: () => Promise.resolve(new Map(stats.map((stat) => [stat.id, stat]))),
    }) as unknown as RTCPeerConnection;
  const pairs = [
    { id: "a", type: "candidate-pair", selected: false, nominated: true, state: "succeeded" },
    { id: "b", type: "candidate-pair", selected: true, localCandidateId: "l", bytesSent: 7 },
    { id: "l", type: "local-candidate", candidateType: "relay" },
  ];
  assert.deepEqual(await pathOf(connection(...pairs)), { local: "relay", sent: 7 });
  assert.deepEqual(await pathOf(connection()), {});
  const closed = { getStats: () => Promise.reject(new Error("closed")) };
  assert.deepEqual(await pathOf(closed as unknown as RTCPeerConnection), {});
});
