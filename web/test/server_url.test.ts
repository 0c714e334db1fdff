import assert from "node:assert/strict";
import { test } from "node:test";
import { MembraneError } from "../src/error.js";
import { serverAddress } from "../src/server_url.js";

test("whatever names the server leads to its v3 endpoint", () => {
  const addresses: [string | URL, string][] = [
    ["ws://host:8777", "ws://host:8777/v3"],
    ["ws://host:8777/", "ws://host:8777/v3"],
    ["wss://host:8777/bind?originatingSDP=*", "wss://host:8777/v3"],
    ["wss://host/reconnect", "wss://host/v3"],
    ["ws://host/v3", "ws://host/v3"],
    ["https://host/under/here/", "wss://host/under/here/v3"],
    ["http://host/under/bind/", "ws://host/under/v3"],
    [new URL("ws://host:1/x#y"), "ws://host:1/x/v3"],
    ["ws://host/rebind", "ws://host/rebind/v3"],
  ];
  for (const [given, expected] of addresses) assert.equal(serverAddress(given).v3, expected);
});

test("only who names an endpoint of v2 may have a server of v2", () => {
  assert.equal(serverAddress("ws://host/v3").v2, undefined);
  assert.deepEqual(serverAddress("ws://host/a/bind?originatingSDP=*").v2, {
    bind: "ws://host/a/bind",
    reconnect: "ws://host/a/reconnect",
  });
});

test("what is not an address of a server is refused", () => {
  for (const given of [null, "", "host:8777", "ftp://host", "ws://", "javascript:alert(1)"]) {
    assert.throws(
      () => serverAddress(given),
      (error) => error instanceof MembraneError && error.code === "invalid-argument",
      String(given),
    );
  }
});
