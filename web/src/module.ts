import { fetchModule } from "./fetch_module.js";
import type { JoinOptions } from "./options.js";
import { defaultModule } from "./wasm_source.js";

let kept: Promise<WebAssembly.Module> | undefined;

/** The compiled core, from wherever the application says. */
export function moduleFrom(wasm: JoinOptions["wasm"]): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return Promise.resolve(wasm);
  if (wasm instanceof URL) return fetchModule(wasm);
  if (wasm !== undefined) return WebAssembly.compile(wasm);
  if (kept === undefined) {
    kept = defaultModule();
    kept.catch(() => (kept = undefined));
  }
  return kept;
}
