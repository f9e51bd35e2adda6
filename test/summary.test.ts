import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../scripts/test-summary.mjs", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ganglion-summary-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tests = (...statuses: string[]) => statuses.map((status, i) => ({ fullName: `test ${i}`, status }));

function summary(testResults: object[] | null, ...failedSteps: string[]): { code: number | null; lines: string[] } {
  const report = join(folder, "report.json");
  if (testResults !== null) writeFileSync(report, JSON.stringify({ testResults }));
  const { status, stdout } = spawnSync(process.execPath, [SCRIPT, report, ...failedSteps], { encoding: "utf8" });
  return { code: status, lines: stdout.trimEnd().split("\n") };
}

test("all passed", () => {
  const results = [
    { name: "a", status: "passed", assertionResults: tests("passed", "passed") },
    { name: "b", status: "passed", assertionResults: tests("passed") },
  ];
  expect(summary(results)).toEqual({ code: 0, lines: ["3 passed, 0 failed"] });
});

test.each([
  [
    "a failed test",
    [{ name: "a", status: "failed", assertionResults: tests("passed", "failed") }],
    "1 passed, 1 failed",
  ],
  [
    "a skipped test",
    [{ name: "a", status: "passed", assertionResults: tests("passed", "skipped") }],
    "1 passed, 1 failed",
  ],
  [
    "a planned test",
    [{ name: "a", status: "passed", assertionResults: tests("passed", "todo") }],
    "1 passed, 1 failed",
  ],
  ["a file that did not load", [{ name: "a", status: "failed", assertionResults: [] }], "0 passed, 1 failed"],
  ["a hook that failed", [{ name: "a", status: "failed", assertionResults: tests("passed") }], "1 passed, 1 failed"],
  ["no tests", [], "0 passed, 1 failed"],
  ["no report", null, "0 passed, 1 failed"],
])("%s is a failure", (_, results, last) => {
  const { code, lines } = summary(results);
  expect(code).toBe(1);
  expect(lines.at(-1)).toBe(last);
  expect(lines[0]).toMatch(/^failed: /);
});

test("a failed step before the tests is a failure even when every test passed", () => {
  const results = [{ name: "a", status: "passed", assertionResults: tests("passed") }];
  expect(summary(results, "lint")).toEqual({ code: 1, lines: ["failed: step lint", "1 passed, 1 failed"] });
});
