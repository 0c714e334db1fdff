import { bytesOf } from "./check.js";
import { fetchModule } from "./fetch_module.js";
import type { JoinOptions } from "./options.js";
import { defaultModule } from "./wasm_source.js";

let kept: Promise<WebAssembly.Module> | undefined;

/**
 * The compiled core, from wherever the application says. Rejects with `invalid-argument` for what is
 * none of the three.
 */
export async function moduleFrom(wasm: JoinOptions["wasm"]): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm;
  if (wasm instanceof URL) return fetchModule(wasm);
  if (wasm) return WebAssembly.compile(bytesOf(wasm, "wasm"));
  if (kept === undefined) {
    kept = defaultModule();
    kept.catch(() => (kept = undefined));
  }
  return kept;
}
