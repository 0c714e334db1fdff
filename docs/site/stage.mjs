// Lays the pages out as the site has them: docs/ as it is, the pages of `moved`, and a listing of
// each other file that a page links to. Links are rewritten to match; one that leads to nothing
// fails.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, posix, relative } from "node:path";
import { moved, sections } from "./pages.mjs";

/** How a listing is highlighted, by the ending of its file. */
const languages = { ".cpp": "cpp", ".h": "cpp", ".mjs": "js", ".ts": "ts", ".json": "json", ".sh": "sh" };

/** Fills `folder` from the repository at `root`. */
export function stage(root, folder) {
  const waiting = [...Object.keys(moved), ...pagesIn(root, "docs"), ...pagesIn(root, "docs/decisions")];
  const staged = new Set();
  while (waiting.length > 0) {
    const path = waiting.pop();
    const place = placeOf(path);
    if (staged.has(place)) continue;
    staged.add(place);
    const text = readFileSync(join(root, path), "utf8");
    const page = path.endsWith(".md")
      ? rewriteLinks(text, (target) => {
          const [linked, address] = follow(root, path, target);
          if (linked !== undefined) waiting.push(linked);
          return address;
        })
      : listing(path, text);
    write(join(folder, place), page);
  }
  write(join(folder, "decisions/index.md"), listOfDecisions(root));
  cpSync(join(root, "docs/images"), join(folder, "public/images"), { recursive: true });
  cpSync(join(root, "apps/nexus/public/icon.svg"), join(folder, "public/icon.svg"));
  refuseOrphans(staged);
}

function pagesIn(root, folder) {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
}

/** Where a file of the repository is in the site. */
export function placeOf(path) {
  if (path in moved) return moved[path];
  if (path === "docs/README.md") return "index.md";
  if (path.startsWith("docs/") && path.endsWith(".md")) return path.slice("docs/".length);
  return `source/${path}.md`;
}

/** Gives each target of a link outside of listings to `change`, and puts what it gives there. */
export function rewriteLinks(text, change) {
  let fence;
  return text
    .split("\n")
    .map((line) => {
      const [, mark] = /^ *(```+)/.exec(line) ?? [];
      if (mark !== undefined && (fence === undefined || mark === fence)) {
        fence = fence === undefined ? mark : undefined;
        return line;
      }
      if (fence !== undefined) return line;
      return line.replace(/\]\(([^()\s]+)\)/g, (_, target) => `](${change(target)})`);
    })
    .join("\n");
}

/** The file that a link on a page leads to, if it is to become a page, and its address there. */
function follow(root, from, target) {
  if (/^([a-z]+:|#)/.test(target)) return [undefined, target];
  const [file, anchor] = target.split("#");
  const path = posix.normalize(posix.join(posix.dirname(from), file)).replace(/\/$/, "");
  const end = anchor === undefined ? "" : `#${anchor}`;
  if (path.startsWith("../") || !existsSync(join(root, path)))
    throw new Error(`${from}: nothing is at ${target}`);
  if (path.startsWith("docs/images/")) return [undefined, path.slice("docs".length)];
  if (path === "docs/decisions") return [undefined, `/decisions/${end}`];
  if (statSync(join(root, path)).isDirectory())
    throw new Error(`${from}: ${target} is a folder, which has no page`);
  return [path, `/${placeOf(path)}${end}`];
}

function listing(path, text) {
  const language = languages[extname(path)] ?? "txt";
  return `---
search: false
aside: false
editLink: false
---
# ${posix.basename(path)}

\`${path}\`

~~~~${language}
${text.trimEnd()}
~~~~
`;
}

function listOfDecisions(root) {
  const lines = pagesIn(root, "docs/decisions")
    .sort()
    .map((path) => {
      const [, title] = /^# (.+)$/m.exec(readFileSync(join(root, path), "utf8"));
      return `- [${title}](/${placeOf(path)})`;
    });
  return `# Decisions\n\nWhy things are as they are, in the order in which it was decided.\n\n${lines.join("\n")}\n`;
}

/** A page that nobody finds is a mistake. */
function refuseOrphans(staged) {
  const listed = new Set(sections.flatMap(({ pages }) => pages.map(([place]) => place)));
  const lost = [...staged].filter(
    (place) => !listed.has(place) && place !== "index.md" && !/^(source|decisions)\//.test(place),
  );
  if (lost.length > 0) throw new Error(`in no section of docs/site/pages.mjs: ${lost.join(", ")}`);
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
