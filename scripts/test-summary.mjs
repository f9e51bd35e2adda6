// Last line of .ci/run: `N passed, N failed`, from vitest's JSON report. A test that was skipped, a test file that did not
// load and a failed step before the tests count as failures: nothing that did not run may read as passed.
// Usage: test-summary.mjs REPORT.json [NAME OF A FAILED STEP]...
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const [path, ...failedSteps] = process.argv.slice(2);
let passed = 0;
let failed = 0;
const fail = (what) => {
  failed++;
  console.log(`failed: ${what}`);
};
for (const step of failedSteps) fail(`step ${step}`);
try {
  for (const file of JSON.parse(readFileSync(path, "utf8")).testResults) {
    const name = relative(process.cwd(), file.name);
    const failedBefore = failed;
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed++;
      else fail(`${name}: ${test.fullName} (${test.status})`);
    }
    if (file.status === "failed" && failed === failedBefore) fail(`${name}: ${file.message || "the file did not run"}`);
  }
  if (passed === 0 && failed === 0) fail("no test ran");
} catch (error) {
  fail(`no test report (${error.message})`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
