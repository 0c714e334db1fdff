// The core's modules use `await` at their top; the default target is older than that.
export default { build: { target: "es2022" }, esbuild: { jsx: "automatic" } };
