/**
 * The package as its users get it: packed as for publishing, unpacked beside programs that load it
 * by name, in Node.js and through a bundler. It is what `npm run build` made.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";

/** From the place where tests are bundled to and run: web/dist/test/test. */
const web = fileURLToPath(new URL("../../../", import.meta.url));
const esbuild = join(web, "node_modules/.bin/esbuild");

let folder: string;
let tarball: string;

before(() => {
  assert.ok(existsSync(join(web, "dist/membrane.js")), "the package is not built: npm run build");
  folder = mkdtempSync(join(tmpdir(), "membrane-package-"));
  const packed = execFileSync("npm", ["pack", web, "--json", "--loglevel=error"], {
    cwd: folder,
    encoding: "utf8",
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  tarball = join(folder, filename);
  const installed = join(folder, "node_modules/membrane");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
});

after(() => rmSync(folder, { recursive: true }));

test("publint finds nothing", async () => {
  const { messages } = await publint({ pkgDir: join(folder, "node_modules/membrane"), strict: true });
  assert.deepEqual(messages, []);
});

test("the types are right for whoever resolves them: ES modules, bundlers, require of v2", async () => {
  const found = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  assert.ok("problems" in found);
  // TypeScript before 4.7 and CommonJS programs do not find what is for ES modules; no types are asked
  // of the core.
  const esmOnly = new Set([".", "./inline", "./debug"]);
  const unexpected = found.problems.filter(
    (problem) =>
      !("entrypoint" in problem) ||
      !(
        problem.entrypoint === "./membrane.wasm" ||
        problem.resolutionKind === "node10" ||
        (problem.resolutionKind === "node16-cjs" && esmOnly.has(problem.entrypoint))
      ),
  );
  assert.deepEqual(unexpected, []);
});

test("all that belongs to a package is in it, and nothing else", () => {
  const listed = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
  const names = listed.map((name) => name.replace("package/", ""));
  const plain = names.filter((name) => !name.endsWith(".d.ts")).sort();
  assert.deepEqual(plain, [
    "LICENSE",
    "README.md",
    "dist/contact_v2.js",
    "dist/contact_v2.js.map",
    "dist/debug.js",
    "dist/debug.js.map",
    "dist/diagnosis.js",
    "dist/diagnosis.js.map",
    "dist/membrane.inline.js",
    "dist/membrane.inline.js.map",
    "dist/membrane.js",
    "dist/membrane.js.map",
    "dist/membrane.v2.cjs",
    "dist/membrane.v2.d.cts",
    "dist/membrane.v2.d.mts",
    "dist/membrane.v2.js",
    "dist/membrane.v2.js.map",
    "dist/membrane.v2.mjs",
    "dist/membrane.wasm",
    "package.json",
  ]);
});

/** Runs a program beside the package; gives what it reports, as JSON. */
function run(name: string, program: string): unknown {
  writeFileSync(join(folder, name), program);
  const output = execFileSync("node", [name], { cwd: folder, encoding: "utf8", timeout: 60_000 });
  return JSON.parse(output);
}

/** The program as a bundler makes it one script with the package. */
function bundled(name: string, program: string): string {
  writeFileSync(join(folder, name), program);
  const options = ["--bundle", "--platform=browser", "--log-level=error"];
  return execFileSync(esbuild, [name, ...options], { cwd: folder, encoding: "utf8" });
}

/** What a program reports of v2's names, found as globals. */
const report = `
  console.log(JSON.stringify([typeof init, typeof CONFIG, typeof onNetworkMapUpdate]));`;
const defined = ["function", "object", "function"];

test("require gives the names of v2 and defines them", () => {
  const program = `
    const face = require("membrane/v2");
    const same = Object.keys(face).every((name) => globalThis[name] === face[name]);
    console.log(JSON.stringify([same, Object.keys(face).includes("gossipTransport")]));`;
  assert.deepEqual(run("require.cjs", program), [true, true]);
});

test("import gives the names of v2, defines them, and is the same face as require's", () => {
  const program = `
    import { createRequire } from "node:module";
    import * as module from "membrane/v2";
    import { init } from "membrane/v2";
    const { default: face, ...names } = module;
    const required = createRequire(import.meta.url)("membrane/v2");
    const same = Object.keys(face).every((name) => names[name] === face[name]);
    const count = Object.keys(names).length - Object.keys(face).length;
    console.log(JSON.stringify([same, count, face === required, globalThis.init === init]));`;
  assert.deepEqual(run("import.mjs", program), [true, 0, true, true]);
});

test("the module is found by its name, with and without its core", () => {
  const program = `
    import { existsSync } from "node:fs";
    import { createRequire } from "node:module";
    import { Membrane } from "membrane";
    import { Membrane as Inline } from "membrane/inline";
    const core = createRequire(import.meta.url).resolve("membrane/membrane.wasm");
    console.log(JSON.stringify([typeof Membrane.join, typeof Inline.join, existsSync(core)]));`;
  assert.deepEqual(run("module.mjs", program), ["function", "function", true]);
});

test("v2 survives a bundler, however it is loaded", () => {
  const same = `if (face.init !== globalThis.init) throw new Error("another face");`;
  const ways = {
    "names.mjs": `import { init } from "membrane/v2"; const face = { init }; ${same}`,
    "effects.mjs": `import "membrane/v2";`,
    "required.cjs": `const face = require("membrane/v2"); ${same}`,
    "effects.cjs": `require("membrane/v2");`,
  };
  for (const [name, load] of Object.entries(ways)) {
    const script = bundled(name, `${load}\n${report}`);
    assert.deepEqual(run(`${name}.bundle.cjs`, script), defined, name);
  }
});

test("a bundler leaves out of the module what is not used", () => {
  const script = bundled("unused.mjs", `import "membrane"; import "membrane/inline";`);
  assert.ok(script.length < 1_000, `${script.length} characters`);
});
