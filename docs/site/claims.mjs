// What pages say of the repository itself, held against it.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What does not hold, one line each. */
export function falseClaims(root) {
  const read = (path) => readFileSync(join(root, path), "utf8");
  return [
    ...exampleDiffers(read("README.md"), read("docs/start.md")),
    ...missingTests(read("docs/threat-model.md"), read, testsIn(root)),
  ];
}

/** The example of the README is the one that a test runs; the start page shows the same. */
export function exampleDiffers(readme, start) {
  const example = (text) => /^```html\n(.*?)^```$/ms.exec(text)?.[1];
  return example(readme) !== undefined && example(readme) === example(start)
    ? []
    : ["docs/start.md: its example is not that of README.md"];
}

/** Tests that are named and are not there: `Suite.Case` of GoogleTest, `file › title` of Node.js. */
export function missingTests(page, read, cases) {
  const named = [...page.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  const missing = named.filter((code) => {
    if (/^[A-Z]\w+\.(?:[A-Z]\w+|\w+_\w+)$/.test(code)) return !cases.has(code);
    const [, file, title] = /^(\S+\.\S+) › (.+)$/.exec(code) ?? [];
    return file !== undefined && !read(file).includes(`"${title}"`);
  });
  return missing.map((code) => `docs/threat-model.md: there is no test ${code}`);
}

/** The names of all GoogleTest cases. */
function testsIn(root) {
  const folders = ["core", "crypto", "server", "sim"];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith("_test.cpp"))
      .map((name) => join(root, folder, name)),
  );
  const cases = files.flatMap((file) => [
    ...readFileSync(file, "utf8").matchAll(/^TEST(?:_[FP])?\((\w+),\s*(\w+)\)/gm),
  ]);
  return new Set(cases.map(([, suite, name]) => `${suite}.${name}`));
}
