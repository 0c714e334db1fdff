// Builds the package into dist/: the scripts (esbuild) and the types (tsc). The core must have been
// built before: cmake --preset wasm && cmake --build --preset wasm
//
//   node build.mjs          membrane.js with contact_v2.js and diagnosis.js, membrane.inline.js,
//                           membrane.wasm, debug.js, *.d.ts, membrane.v2.js, .cjs and .mjs with
//                           their types
//   node build.mjs --tests  the unit tests, into dist/test
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

process.chdir(fileURLToPath(new URL(".", import.meta.url)));
const core = "../build/wasm/wasm/membrane.wasm";

const common = { bundle: true, target: "es2022", logLevel: "warning", legalComments: "none" };
const shipped = { ...common, minify: true, sourcemap: true, platform: "browser" };

if (!existsSync(core)) {
  console.error(`${core} is missing: cmake --preset wasm && cmake --build --preset wasm`);
  process.exit(1);
}
if (process.argv.includes("--tests")) await buildTests();
else await buildPackage();

async function buildPackage() {
  rmSync("dist", { recursive: true, force: true });
  mkdirSync("dist");
  copyFileSync(core, "dist/membrane.wasm");
  copyFileSync("../LICENSE", "LICENSE"); // npm packs it from here
  const module = { ...shipped, entryPoints: ["src/index.ts"], format: "esm" };
  // Seldom needed, so apart: fetched when a server turns out to speak v2 only, or somebody asks why.
  const apart = ["contact_v2", "diagnosis"];
  // For pages that ask for them by name.
  const extras = ["debug"];
  const classic = {
    ...shipped,
    entryPoints: ["src/v2/index.ts"],
    format: "iife",
    logOverride: { "commonjs-variable-in-esm": "silent" }, // it looks for a CommonJS `module`
  };
  await Promise.all([
    build({ ...module, external: apart.map((name) => `./${name}.js`), outfile: "dist/membrane.js" }),
    ...[...apart, ...extras].map((name) =>
      build({ ...module, entryPoints: [`src/${name}.ts`], outfile: `dist/${name}.js` }),
    ),
    build({ ...module, ...inline(), outfile: "dist/membrane.inline.js" }),
    build({ ...classic, ...inline(), outfile: "dist/membrane.v2.js" }),
  ]);
  wrapV2();
  execFileSync("node_modules/.bin/tsc", ["-p", "tsconfig.types.json"], { stdio: "inherit" });
}

/**
 * Inside this package a file called .js is an ES module for Node.js and bundlers, so `require` gets
 * the classic script under another name. `import` gets its names from that: one face, whoever asks.
 */
function wrapV2() {
  copyFileSync("dist/membrane.v2.js", "dist/membrane.v2.cjs");
  const names = Object.keys(createRequire(import.meta.url)("./dist/membrane.v2.cjs"));
  const module = `import face from "./membrane.v2.cjs";
export const { ${names.join(", ")} } = face;
export default face;
`;
  writeFileSync("dist/membrane.v2.mjs", module);
  const types = (how) => `import type { Face } from "./v2/face.js"${how};
declare const face: Face;
`;
  // A CommonJS module may name the types of an ES module only when it says so.
  const required = types(' with { "resolution-mode": "import" }') + "export = face;\n";
  writeFileSync("dist/membrane.v2.d.cts", required);
  const named = names.map((name) => `export declare const ${name}: Face["${name}"];\n`).join("");
  writeFileSync("dist/membrane.v2.d.mts", `${types("")}${named}export default face;\n`);
}

/**
 * With the core inside: compressed, then base64, which a server's own compression nearly undoes.
 */
function inline() {
  const text = gzipSync(readFileSync(core), { level: 9 }).toString("base64");
  const swap = (api) =>
    api.onResolve({ filter: /\/wasm_source\.js$/ }, () => ({
      path: fileURLToPath(new URL("src/wasm_inline.ts", import.meta.url)),
    }));
  return {
    define: { coreCompressed: JSON.stringify(text) },
    plugins: [{ name: "core-inside", setup: swap }],
  };
}

async function buildTests() {
  rmSync("dist/test", { recursive: true, force: true });
  const testsIn = (folder) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name}`);
  const entryPoints = [...testsIn("src"), ...testsIn("test")];
  await build({
    ...common,
    entryPoints,
    outdir: "dist/test",
    outbase: ".",
    format: "esm",
    platform: "node",
    packages: "external",
    inject: ["test/platform.ts"],
    ignoreAnnotations: true, // package.json says of everything here that it has no side effects
    sourcemap: "inline",
    outExtension: { ".js": ".mjs" },
  });
}
