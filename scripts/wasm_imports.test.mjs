// What membrane.wasm asks of its host is part of its contract (wasm/README.md): these two imports
// and nothing else. A library call that drags in a file, a clock or a random source shows up here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const path = new URL('../build/wasm/wasm/membrane.wasm', import.meta.url);

test('membrane.wasm imports exactly what wasm/README.md names', async () => {
  const module = await WebAssembly.compile(readFileSync(path));
  const imports = WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`);
  assert.deepEqual(imports.sort(), [
    'env.emscripten_notify_memory_growth',
    'wasi_snapshot_preview1.proc_exit',
  ]);
});
