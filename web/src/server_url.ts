import { MembraneError } from "./error.js";

/**
 * The address of the v3 endpoint for what the application calls its server: the last path segment
 * `bind` or `reconnect` gives way to `v3`, which is appended where neither is there; the query
 * goes.
 *
 * Throws `invalid-argument` for anything that is not an address.
 */
export function contactUrl(server: string | URL | null): string {
  const url = parse(server);
  const path = url.pathname.replace(/\/+$/, "").replace(/\/(bind|reconnect|v3)$/, "");
  url.pathname = `${path}/v3`;
  url.search = "";
  url.hash = "";
  return url.href;
}

/** Whether the address names a v2 endpoint, so that a server of that age is worth a try. */
export function isV2Url(server: string | URL | null): boolean {
  return /\/(bind|reconnect)\/?$/.test(parse(server).pathname);
}

/** The address of a v2 endpoint beside the one that is given. */
export function v2Url(server: string | URL | null, endpoint: "bind" | "reconnect"): string {
  return contactUrl(server).replace(/v3$/, endpoint);
}

function parse(server: string | URL | null): URL {
  let url: URL;
  try {
    url = new URL(server ?? "", globalThis.location?.href);
  } catch (cause) {
    throw new MembraneError("invalid-argument", `not the address of a server: ${server}`, cause);
  }
  if (server === null || server === "") {
    throw new MembraneError("invalid-argument", "a first-contact server is needed to meet anybody");
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new MembraneError(
      "invalid-argument",
      `not the address of a WebSocket server: ${url.href}`,
    );
  }
  return url;
}
