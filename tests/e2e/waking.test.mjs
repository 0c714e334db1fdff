// What a page does when the browser says that its machine woke or its network is another.
import assert from "node:assert/strict";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

scenario(
  "a sign of another network, or of waking, lets each link be probed at once",
  async (world) => {
    const server = await world.server();
    const peers = await world.joinMany(server, 4);
    const peer = peers.at(-1); // the one in front, so visible
    // All are ring neighbours of one another, so no further link can come up meanwhile.
    await until(
      "it is linked to all",
      () => peer.run(() => globalThis.e2e.membrane.links.size === 3),
      {
        within_ms: 15_000,
      },
    );
    const pinged = await peer.run(async () => {
      const { links } = globalThis.e2e.membrane;
      const { connection } = navigator;
      let type = "wifi";
      Object.defineProperty(connection, "type", { get: () => type, configurable: true });
      const signs = {
        online: () => dispatchEvent(new Event("online")),
        resume: () => document.dispatchEvent(new Event("resume")),
        visible: () => document.dispatchEvent(new Event("visibilitychange")),
        first: () => connection.dispatchEvent(new Event("change")),
        slower: () => connection.dispatchEvent(new Event("change")),
        another: () => {
          type = "cellular";
          connection.dispatchEvent(new Event("change"));
        },
      };
      const result = {};
      for (const [name, sign] of Object.entries(signs)) {
        const answers = [];
        let count = 0;
        for (const { control } of links.values()) {
          // A ping is 4, 0 and a pong 5, 0: docs/protocol.md.
          control.send = function (data) {
            if (String(new Uint8Array(data)) === "4,0") count += 1;
            RTCDataChannel.prototype.send.call(this, data);
          };
          answers.push(
            new Promise((resolve) =>
              control.addEventListener("message", ({ data }) => {
                if (String(new Uint8Array(data)) === "5,0") resolve();
              }),
            ),
          );
        }
        sign();
        result[name] = count;
        if (count > 0) await Promise.all(answers);
      }
      return result;
    });
    // What the type was when the page joined is this machine's affair.
    const { first } = pinged;
    assert.deepEqual(pinged, { online: 3, resume: 3, visible: 3, first, slower: 0, another: 3 });
    await world.wholeMaps(peers);
  },
  { chromium: "others do not tell of networks (navigator.connection)" },
);
