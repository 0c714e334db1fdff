// The package as a page developer installs it, from its tarball, in what pages are built with: each
// without any configuration, opened in the browser, linked to a peer of the network.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import * as vite from "vite";
import webpack from "webpack";
import { appFolder, webFolder } from "./helper/paths.mjs";
import { scenario } from "./helper/scenario.mjs";
import { serveFolder } from "./helper/serve_folder.mjs";

let app;

before(() => {
  app = mkdtempSync(join(tmpdir(), "membrane-e2e-app-"));
  cpSync(appFolder, app, { recursive: true });
  writeFileSync(join(app, "package.json"), JSON.stringify({ type: "module", private: true }));
  const packed = execFileSync("npm", ["pack", webFolder, "--json", "--loglevel=error"], {
    cwd: app,
    encoding: "utf8",
  });
  const installed = join(app, "node_modules/membrane");
  mkdirSync(installed, { recursive: true });
  const tarball = join(app, JSON.parse(packed)[0].filename);
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
});

after(() => rmSync(app, { recursive: true, force: true }));

/** Opens the page beside a peer; it must find it. */
async function joins(world, site) {
  const server = await world.server();
  await world.join(server);
  try {
    const tab = await world.open(`${site.url}?server=${encodeURIComponent(server.address)}`);
    await tab.page.waitForFunction(() => document.title === "linked to 1", { timeout: 20_000 });
  } finally {
    await site.close();
  }
}

scenario("Vite serves it while a page is worked on", async (world) => {
  const site = await vite.createServer({
    root: app,
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0 },
  });
  await site.listen();
  await joins(world, { url: site.resolvedUrls.local[0], close: () => site.close() });
});

scenario("Vite builds it", async (world) => {
  const outDir = join(app, "built-by-vite");
  await vite.build({
    root: app,
    configFile: false,
    logLevel: "error",
    build: { outDir, target: "es2022" },
  });
  await joins(world, await serveFolder(outDir));
});

scenario("webpack builds it", async (world) => {
  const outDir = join(app, "built-by-webpack");
  const stats = await new Promise((resolve, reject) =>
    webpack(
      {
        mode: "production",
        context: app,
        entry: "./main.js",
        output: { path: outDir, filename: "main.js" },
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    ),
  );
  assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
  cpSync(join(app, "index.html"), join(outDir, "index.html"));
  await joins(world, await serveFolder(outDir));
});

scenario("a page without a build step imports it by an import map", async (world) => {
  const map = { imports: { membrane: "./node_modules/membrane/dist/membrane.js" } };
  const page = `<!doctype html>
<meta charset="utf-8" />
<link rel="icon" href="data:," />
<script type="importmap">${JSON.stringify(map)}</script>
<script type="module" src="./main.js"></script>
`;
  const folder = join(app, "bare");
  mkdirSync(folder);
  cpSync(join(app, "node_modules"), join(folder, "node_modules"), { recursive: true });
  cpSync(join(app, "main.js"), join(folder, "main.js"));
  writeFileSync(join(folder, "index.html"), page);
  await joins(world, await serveFolder(folder));
});

scenario("a classic script defines the names of version 2", async (world) => {
  const page = `<!doctype html>
<meta charset="utf-8" />
<link rel="icon" href="data:," />
<script src="./membrane.v2.js"></script>
<script>
  const server = new URLSearchParams(location.search).get("server");
  onNewPeer(() => (document.title = "linked to " + Object.keys(livePeers).length));
  init(() => ({
    "server.initBindURL": server + "/bind?originatingSDP=*",
    "server.reconnectURL": server + "/reconnect",
  }));
</script>
`;
  const folder = join(app, "classic");
  mkdirSync(folder);
  cpSync(join(app, "node_modules/membrane/dist/membrane.v2.js"), join(folder, "membrane.v2.js"));
  writeFileSync(join(folder, "index.html"), page);
  await joins(world, await serveFolder(folder));
});
