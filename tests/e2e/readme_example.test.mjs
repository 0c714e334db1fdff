// The example of README.md, as it stands there, in two tabs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { packageFolder } from "./helper/paths.mjs";
import { scenario } from "./helper/scenario.mjs";
import { until } from "./helper/until.mjs";

const types = { js: "text/javascript", wasm: "application/wasm" };

/** The page in README.md, with the address of this server in place of the demo's. */
function exampleFor(server) {
  const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, page] = /^```html\n(.*?)^```$/ms.exec(text) ?? assert.fail("README.md has no html block");
  const parts = page.split("ws://127.0.0.1:8777");
  assert.equal(parts.length, 2, "the example names the demo's server once");
  return parts.join(server.address);
}

/** What the example needs from the server of a page: the page itself and the package's files. */
async function serve(page) {
  const site = createServer(({ url }, response) => {
    const [, name, type] = /^\/membrane\/([\w.]+\.(js|wasm))$/.exec(url) ?? [];
    response.setHeader("content-type", types[type] ?? "text/html");
    response.end(name === undefined ? page : readFileSync(`${packageFolder}/${name}`));
  });
  await new Promise((listening) => site.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${site.address().port}/`, close: () => site.close() };
}

const linesOf = (tab) => tab.run(() => document.body.innerText.trim().split("\n"));

async function shows(tab, expected) {
  const seen = () => linesOf(tab);
  const same = async () => `${await seen()}` === `${expected}`;
  await until(`${tab.name} shows ${expected.length} lines`, same, { state: seen });
}

scenario("the example of the README talks in two tabs", async (world) => {
  const server = await world.server();
  const site = await serve(exampleFor(server));
  try {
    const first = await world.open(site.url, { name: "first tab" });
    await shows(first, ["to all: hello, everyone"]);
    const second = await world.open(site.url, { name: "second tab" });
    await shows(first, ["to all: hello, everyone", "to all: hello, everyone"]);
    await shows(second, ["to all: hello, everyone", "to me: hello, you"]);
  } finally {
    site.close();
  }
});
