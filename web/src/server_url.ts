import { invalid } from "./check.js";

/** Where a first-contact server listens. */
export interface ServerAddress {
  readonly v3: string;
  /**
   * Only when the application named an endpoint of v2, so that a server of that age may be there.
   */
  readonly v2?: { readonly bind: string; readonly reconnect: string };
}

/**
 * The addresses behind what the application calls its server: the last path segment `bind` or
 * `reconnect` gives way to the endpoint, which is appended where neither is there; the query goes.
 *
 * Throws `invalid-argument` for anything that is not an address.
 */
export function serverAddress(server: string | URL | null): ServerAddress {
  const url = parse(server);
  const path = url.pathname.replace(/\/+$/, "");
  const endpoint = /(?<=\/)(bind|reconnect|v3)$/.exec(path)?.[0] ?? "";
  const folder = path.slice(0, path.length - endpoint.length).replace(/\/+$/, "");
  const at = (name: string): string => `${url.origin}${folder}/${name}`;
  if (endpoint !== "bind" && endpoint !== "reconnect") return { v3: at("v3") };
  return { v3: at("v3"), v2: { bind: at("bind"), reconnect: at("reconnect") } };
}

function parse(server: string | URL | null): URL {
  let cause: unknown;
  if (server && (typeof server === "string" || server instanceof URL)) {
    try {
      const url = new URL(server, globalThis.location?.href);
      url.protocol = url.protocol.replace("http", "ws");
      if (/^wss?:$/.test(url.protocol)) return url;
    } catch (error) {
      cause = error;
    }
  }
  throw invalid("the server must be an address such as wss://example.org", cause);
}
