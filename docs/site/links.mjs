// Finds links within the built site that lead nowhere: a missing file, or a place that its page does
// not have.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What is broken in the pages below `folder`, which are served at `base`; one line each. */
export function brokenLinks(folder, base) {
  const pages = readdirSync(folder, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".html"));
  const placesOf = remembered((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => unescape(id)));
  });
  const broken = new Set();
  for (const page of pages) {
    const text = readFileSync(join(folder, page), "utf8");
    for (const [, address] of text.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      const url = new URL(unescape(address), `http://site${base}${page}`);
      if (url.host !== "site" || !url.protocol.startsWith("http")) continue;
      const why = fault(folder, base, url, placesOf);
      if (why !== undefined) broken.add(`${page}: ${unescape(address)}: ${why}`);
    }
  }
  return [...broken];
}

function fault(folder, base, url, placesOf) {
  const path = decodeURIComponent(url.pathname);
  if (!path.startsWith(base)) return `outside of ${base}`;
  const name = path.slice(base.length).replace(/(^|\/)$/, "$1index.html");
  if (!existsSync(join(folder, name))) return "no such file";
  const place = decodeURIComponent(url.hash.slice(1));
  if (place === "" || !name.endsWith(".html") || placesOf(name).has(place)) return undefined;
  return "no such place on that page";
}

function remembered(find) {
  const known = new Map();
  return (key) => {
    if (!known.has(key)) known.set(key, find(key));
    return known.get(key);
  };
}

function unescape(text) {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
