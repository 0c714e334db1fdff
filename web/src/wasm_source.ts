import { fetchModule } from "./fetch_module.js";

/**
 * The core's WebAssembly when the application does not say where it is: the file beside the script.
 * Builds that carry it inside use `wasm_inline.ts` in this file's place.
 */
export function defaultModule(): Promise<WebAssembly.Module> {
  return fetchModule(new URL("./membrane.wasm", import.meta.url));
}
