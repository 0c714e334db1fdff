import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { sections } from "../pages.mjs";

const build = fileURLToPath(new URL("../../../build/", import.meta.url));
const source = `${build}docs-source`;

export default defineConfig({
  title: "Membrane",
  description: "Browser tabs as one living peer-to-peer network.",
  lang: "en",
  base: "/docs/",
  head: [["link", { rel: "icon", href: "/docs/icon.svg" }]],
  srcDir: source,
  outDir: `${build}docs`,
  cacheDir: `${build}docs-cache`,
  markdown: {
    anchor: { slugify: placeName },
    theme: { light: "github-light", dark: "github-dark" },
  },
  themeConfig: {
    search: { provider: "local", options: { _render: searchable } },
    outline: [2, 3],
    nav: sections.map(({ name, pages }) => ({
      text: name,
      link: address(pages[0][0]),
      activeMatch: `^/(${pages.map(([place]) => pattern(place)).join("|")})`,
    })),
    sidebar: sections.map(({ name, pages }) => ({
      text: name,
      items: pages.map(([place, text]) =>
        place === "reference/index.md"
          ? { text, link: address(place), collapsed: true, items: modules() }
          : { text, link: address(place) },
      ),
    })),
  },
});

/** What is found of a page: all of it, without the colors of its listings; of a mere listing nothing. */
function searchable(text, env, markdown) {
  if (text.startsWith("---\nsearch: false\n")) return "";
  return markdown.render(text.replace(/^( *```+)\w+$/gm, "$1"), env);
}

/** As repository browsers name the places of a page, so that a link is good in both. */
function placeName(text) {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

function address(place) {
  return `/${place.replace(/(index)?\.md$/, "")}`;
}

/** What the addresses of a page, or of those beside it when it is an index, begin with. */
function pattern(place) {
  return place.endsWith("/index.md") ? place.slice(0, -"index.md".length) : place.replace(/\.md$/, "(\\.html)?$");
}

/** The reference: each module with what it exports, as the generator of it laid them out. */
function modules() {
  const items = [];
  for (const name of ["membrane", "membrane/v2", "membrane/debug"]) {
    const folder = `reference/${name}`;
    const kinds = ["classes", "interfaces", "type-aliases", "variables"];
    const files = kinds.flatMap((kind) =>
      list(`${source}/${folder}/${kind}`).map((file) => ({
        text: file.replace(/\.md$/, ""),
        link: `/${folder}/${kind}/${file.replace(/\.md$/, "")}`,
      })),
    );
    items.push({ text: name, link: `/${folder}/`, collapsed: true, items: files });
  }
  return items;
}

function list(folder) {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".md"));
  } catch {
    return [];
  }
}
