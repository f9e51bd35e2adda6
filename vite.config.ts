import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Builds the studio's page: everything it will ever ask for lies beside it, ONNX Runtime's WebAssembly too. */
export default defineConfig({
  root: path("src/studio/web"),
  base: "/",
  logLevel: "warn",
  // This condition is the build of ONNX Runtime whose WebAssembly is a file of its own, loaded when it is needed.
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: path("dist/studio/web"),
    emptyOutDir: true,
    target: "es2023",
    // A data URL is what a strict policy for scripts and workers refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
