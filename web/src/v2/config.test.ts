import assert from "node:assert/strict";
import test from "node:test";
import { applyPaths, defaultConfig, displayName } from "./config.js";
import { FakePage } from "./fakes.js";

const plain = { protocol: "http:", hostname: "here.test" };

test("the default server is the page's own host, over TLS when the page is", () => {
  assert.equal(
    defaultConfig(plain).server.initBindURL,
    "ws://here.test:8777/bind?originatingSDP=*",
  );
  const secure = defaultConfig({ protocol: "https:", hostname: "here.test" });
  assert.equal(secure.server.reconnectURL, "wss://here.test:8777/reconnect");
  assert.equal(defaultConfig({ protocol: "file:", hostname: "" }).server.initBindURL, "");
});

test("the defaults name nobody else's servers", () => {
  assert.deepEqual(defaultConfig(plain).rtc.ICEpresets, { iceServers: [] });
});

test("both spellings of the server's section are one", () => {
  const config = defaultConfig(plain);
  applyPaths(
    config,
    { "serverLink.initBindURL": "ws://a/bind", "server.reconnectURL": "ws://b/reconnect" },
    new FakePage(),
  );
  assert.equal(config.server.initBindURL, "ws://a/bind");
  assert.equal(config.serverLink.reconnectURL, "ws://b/reconnect");
});

test("leaves are replaced, also deep ones and new ones beside known ones", () => {
  const config = defaultConfig(plain);
  const page = new FakePage();
  applyPaths(
    config,
    { "rtc.ICEpresets.iceServers": [{ urls: "stun:x" }], "communication.mine": 1 },
    page,
  );
  assert.deepEqual(config.rtc.ICEpresets.iceServers, [{ urls: "stun:x" }]);
  assert.equal((config.communication as unknown as Record<string, unknown>)["mine"], 1);
  assert.deepEqual(page.reports, []);
});

test("paths without a parent, and whole sections, are reported and ignored", () => {
  const config = defaultConfig(plain);
  const page = new FakePage();
  const before = structuredClone({ ...config.server });
  applyPaths(config, { "nowhere.at.all": 1, "server.initBindURL.x": 2, server: 3, "": 4 }, page);
  assert.deepEqual({ ...config.server }, before);
  assert.equal(page.reports.length, 4);
});

test("no path reaches what all objects share", () => {
  const config = defaultConfig(plain);
  const page = new FakePage();
  const hostile = JSON.parse(
    '{"__proto__.polluted":1,"communication.__proto__.polluted":1,"constructor.prototype.polluted":1,' +
      '"communication.__proto__":{"polluted":1},"server.constructor":1,"__proto__":{"polluted":1}}',
  ) as object;
  applyPaths(config, hostile, page);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  assert.equal((config.communication as unknown as Record<string, unknown>)["polluted"], undefined);
  assert.equal(page.reports.length, 6);
});

test("nothing is a configuration, a string is none", () => {
  const config = defaultConfig(plain);
  applyPaths(config, undefined, new FakePage());
  applyPaths(config, null, new FakePage());
  assert.throws(() => applyPaths(config, "server", new FakePage()), TypeError);
});

test("a long display name is cut between two characters", () => {
  assert.equal(displayName("Ada"), "Ada");
  assert.equal(displayName(7), "7");
  assert.equal(displayName("x".repeat(65)), "x".repeat(64));
  assert.equal(displayName(`x${"🦦".repeat(16)}`), `x${"🦦".repeat(15)}`);
});
