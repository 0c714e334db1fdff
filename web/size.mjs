// Prints what a visitor downloads, gzipped, and fails when script and core together exceed 60 KB.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const limit = 60_000;

const gzipped = (name) =>
  gzipSync(readFileSync(new URL(`dist/${name}`, import.meta.url)), { level: 9 }).length;
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
