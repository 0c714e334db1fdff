// Served under any path, so that the demo and a server's static files can hold it anywhere.
export default {
  base: "./",
  build: { target: "es2022" },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
};
