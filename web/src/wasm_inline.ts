/** The core's WebAssembly, gzipped, in base64; the build puts it here. */
declare const coreCompressed: string;

/** The core that the script carries inside; stands in for `wasm_source.ts`. */
export function defaultModule(): Promise<WebAssembly.Module> {
  const compressed = Uint8Array.from(atob(coreCompressed), (character) => character.charCodeAt(0));
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compileStreaming(
    new Response(stream, { headers: { "content-type": "application/wasm" } }),
  );
}
