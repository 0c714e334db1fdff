// Runs a WebAssembly program in Node.js. Usage: node --no-warnings start.mjs MODULE [ARGUMENT...]

import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const [, , path, ...options] = process.argv;
const wasi = new WASI({ version: 'preview1', args: [path, ...options] });
const imports = {
  wasi_snapshot_preview1: wasi.wasiImport, // Node.js 18 has no getImportObject
  env: { emscripten_notify_memory_growth() {} },
};
const { instance } = await WebAssembly.instantiate(readFileSync(path), imports);
process.exitCode = wasi.start(instance);
