import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { findChromium } from "./scripts/chromium.mjs";
import { findDicomTools, findOrthanc } from "./scripts/dicom-tools.mjs";
import { findPythonReaders } from "./scripts/python-readers.mjs";
import { findStrace } from "./scripts/strace.mjs";
import { findSoftwareVulkan } from "./scripts/vulkan.mjs";

const vulkan = findSoftwareVulkan() ?? "/no driver";
const report = process.env.GANGLION_TEST_REPORT;

/**
 * Threads and processes begin with compiled JavaScript, `new URL("./NAME.js", import.meta.url)`. Tests run the TypeScript beside
 * which no such file lies: for them the URL is that of the same module in the build.
 */
const builtModules = {
  name: "built-modules",
  enforce: "pre" as const,
  transform(code: string, id: string) {
    const folder = relative(fileURLToPath(new URL("src", import.meta.url)), dirname(id));
    if (folder.startsWith("..")) return;
    const built = new URL(`dist/${folder}/`, import.meta.url);
    return code.replaceAll(
      /new URL\("(\.{1,2}\/[\w./-]+\.js)", import\.meta\.url\)/g,
      (_, name: string) => `new URL(${JSON.stringify(new URL(name, built).href)})`,
    );
  },
};

export default defineConfig({
  plugins: [builtModules],
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // onnxruntime-node works in forks and threads, not in vmThreads; forks also isolate a native crash to one file.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A state that is waited for is waited for as long as a slow machine needs; the test's own limit comes after it.
    expect: { poll: { timeout: 50_000 } },
    // Tests that need a browser, DICOM tools, a PACS or Python take them from here and say that they are skipped where it is empty.
    // The Vulkan loader reads the driver from the next two: software or, where it is not installed, none, never a GPU.
    env: {
      GANGLION_CHROMIUM: findChromium() ?? "",
      GANGLION_DICOM_TOOLS: findDicomTools() ?? "",
      GANGLION_ORTHANC: findOrthanc() ?? "",
      GANGLION_PYTHON_READERS: findPythonReaders() ?? "",
      GANGLION_STRACE: findStrace() ?? "",
      VK_ICD_FILENAMES: vulkan,
      VK_DRIVER_FILES: vulkan,
      GANGLION_CACHE: fileURLToPath(new URL("node_modules/.cache/ganglion", import.meta.url)),
    },
    reporters: report === undefined ? ["default"] : ["default", "json"],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
});
