// Prints what a visitor downloads, gzipped, and fails when script and core together exceed the limit
// (docs/decisions/0017-what-the-ring-at-scale-weighs.md).
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const limit = 86_250;

// By gzip itself: the zlib inside Node.js gives another size in each of its versions.
const gzipped = (name) => {
  const file = fileURLToPath(new URL(`dist/${name}`, import.meta.url));
  return execFileSync("gzip", ["-9", "-n", "-c", file], { maxBuffer: 2 ** 24 }).length;
};
const script = gzipped("membrane.js");
const core = gzipped("membrane.wasm");

const row = (name, bytes) =>
  console.log(`${name.padEnd(36)}${String(bytes).padStart(8)} bytes gzipped`);
row("membrane.js", script);
row("membrane.wasm", core);
row("membrane.js + membrane.wasm", script + core);
row("membrane.inline.js", gzipped("membrane.inline.js"));
row("membrane.v2.js", gzipped("membrane.v2.js"));
if (script + core > limit) {
  console.error(`over the limit of ${limit} bytes by ${script + core - limit}`);
  process.exit(1);
}
