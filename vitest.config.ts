import { defineConfig } from "vitest/config";

const report = process.env.GANGLION_TEST_REPORT;

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // onnxruntime-node works in forks and threads, not in vmThreads; forks also isolate a native crash to one file.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: report === undefined ? ["default"] : ["default", "json"],
    outputFile: report === undefined ? undefined : { json: report },
  },
});
