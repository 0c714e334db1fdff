import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { brokenLinks } from "./links.mjs";

/** What is broken in a site of these pages. */
function brokenIn(pages) {
  const folder = mkdtempSync(join(tmpdir(), "membrane-docs-"));
  try {
    for (const [name, text] of Object.entries(pages)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return brokenLinks(folder, "/docs/");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const target = `<h2 id="a&amp;b">there</h2>`;

test("links that lead somewhere are fine, and others are not ours to judge", () => {
  const good = ["/docs/", "/docs/b.html#a&amp;b", "b.html", "c/", "#here", "https://example.org/x", "mailto:a@b"];
  const links = good.map((address) => `<a href="${address}">x</a>`).join("");
  const pages = { "index.html": `<p id="here">${links}</p>`, "b.html": target, "c/index.html": "" };
  assert.deepEqual(brokenIn(pages), []);
});

test("a missing file, a missing place and a link out of the site are told", () => {
  const bad = ["gone.html", "/docs/b.html#nowhere", "#nowhere", "/b.html", "../b.html", "c"];
  for (const address of bad) {
    const pages = { "index.html": `<a href="${address}">x</a>`, "b.html": target };
    const [told, ...more] = brokenIn(pages);
    assert.ok(told?.startsWith(`index.html: ${address}: `), address);
    assert.deepEqual(more, []);
  }
});

test("images and scripts are looked for as well", () => {
  assert.equal(brokenIn({ "a/b.html": `<img alt="" src="/docs/x.png">` }).length, 1);
  assert.equal(brokenIn({ "a/b.html": `<img src="../x.png">`, "x.png": "" }).length, 0);
});
