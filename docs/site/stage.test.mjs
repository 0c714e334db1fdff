import assert from "node:assert/strict";
import { test } from "node:test";
import { exampleDiffers, missingTests } from "./claims.mjs";
import { placeOf, rewriteLinks } from "./stage.mjs";

test("each file has its place", () => {
  assert.equal(placeOf("docs/README.md"), "index.md");
  assert.equal(placeOf("docs/decisions/0001-x.md"), "decisions/0001-x.md");
  assert.equal(placeOf("README.md"), "readme.md");
  assert.equal(placeOf("core/include/membrane/node.h"), "source/core/include/membrane/node.h.md");
});

test("links are rewritten, those in listings are not", () => {
  const page = ["[`a`](a.md) ![b](b.png)", "```js", "x[0](y)", "```", "[c](c.md#d)"].join("\n");
  const seen = [];
  const text = rewriteLinks(page, (target) => (seen.push(target), target.toUpperCase()));
  assert.deepEqual(seen, ["a.md", "b.png", "c.md#d"]);
  assert.equal(text, "[`a`](A.MD) ![b](B.PNG)\n```js\nx[0](y)\n```\n[c](C.MD#D)");
});

test("the start page's example is the README's", () => {
  const page = (code) => `text\n\`\`\`html\n${code}\n\`\`\`\n`;
  assert.equal(exampleDiffers(page("<p>"), page("<p>")).length, 0);
  assert.equal(exampleDiffers(page("<p>"), page("<b>")).length, 1);
  assert.equal(exampleDiffers(page("<p>"), "").length, 1);
});

test("a named test that does not exist is told", () => {
  const cases = new Set(["Attack.Is", "Hub.v3_is"]);
  const read = () => `test("it holds", () => {`;
  const page = "`Attack.Is` `Hub.v3_is` `a.test.ts › it holds` `core/tests` `accept`";
  assert.deepEqual(missingTests(page, read, cases), []);
  const wrong = "`Attack.IsNot` `Hub.v3_is_not` `a.test.ts › it hold`";
  assert.equal(missingTests(wrong, read, cases).length, 3);
});
