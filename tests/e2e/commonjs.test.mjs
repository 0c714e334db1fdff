// The v2 script in a CommonJS program without a browser: loads, exports, says what is missing.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { packageFolder } from "./helper/paths.mjs";

const program = `
  process.on("unhandledRejection", (error) => { console.error(error); process.exit(3); });
  const membrane = require("./membrane.v2.js");
  const before = Object.keys(membrane).sort();
  membrane.init(() => ({ "server.initBindURL": "ws://127.0.0.1:9/" })).then(
    () => console.log(JSON.stringify({ before, outcome: "joined" })),
    (error) => console.log(JSON.stringify({ before, outcome: error.code })),
  );
`;

test("membrane.v2.js loads under require, and names what Node.js has not", () => {
  const folder = mkdtempSync(join(tmpdir(), "membrane-e2e-require-"));
  try {
    copyFileSync(join(packageFolder, "membrane.v2.js"), join(folder, "membrane.v2.js"));
    writeFileSync(join(folder, "program.js"), program);
    const output = execFileSync("node", ["program.js"], {
      cwd: folder,
      encoding: "utf8",
      timeout: 20_000,
    });
    const { before, outcome } = JSON.parse(output);
    for (const name of ["init", "CONFIG", "networkMap", "gossipTransport", "makeConnection"]) {
      assert.ok(before.includes(name), name);
    }
    assert.equal(outcome, "unsupported");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
