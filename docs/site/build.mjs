// Builds the site into build/docs, to be served at /docs/. Fails when something public in the package
// has no documentation, a link leads nowhere, or a page claims of the repository what does not hold.
import { execFileSync } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vitepress";
import { falseClaims } from "./claims.mjs";
import { brokenLinks } from "./links.mjs";
import { stage } from "./stage.mjs";

const site = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const source = `${root}build/docs-source`;
const out = `${root}build/docs`;

process.chdir(site);
rmSync(source, { recursive: true, force: true });
rmSync(out, { recursive: true, force: true });
stage(root, source);
symlinkSync(`${site}node_modules`, `${source}/node_modules`); // pages become modules that import Vue
refuse(falseClaims(root));
execFileSync("node_modules/.bin/typedoc", ["--out", `${source}/reference`], { stdio: "inherit" });
await build(site);
refuse(brokenLinks(out, "/docs/"));

function refuse(faults) {
  if (faults.length === 0) return;
  console.error(faults.join("\n"));
  process.exit(1);
}
