/**
 * Where the core's WebAssembly comes from when the application does not say: the file beside the script. The builds
 * that carry it inside replace this file (`build.mjs`).
 */
import { MembraneError } from "./error.js";

/** Fetches and compiles the core; a page compiles it once. */
export function defaultModule(): Promise<WebAssembly.Module> {
  return fetchModule(new URL("./membrane.wasm", import.meta.url));
}

/** Compiles while the bytes arrive, or afterwards where the server names the wrong type. */
export async function fetchModule(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new MembraneError("unsupported", `the core could not be fetched from ${url.href}`, cause);
  });
  if (!response.ok) {
    throw new MembraneError("unsupported", `the core is not at ${url.href} (${response.status})`);
  }
  const streams = response.headers.get("content-type")?.split(";")[0] === "application/wasm";
  if (streams) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
