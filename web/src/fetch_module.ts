import { MembraneError } from "./error.js";

/**
 * Fetches and compiles a WebAssembly module: while its bytes arrive, or afterwards where the server
 * names the wrong type. Rejects with `unsupported` when it is not there.
 */
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
