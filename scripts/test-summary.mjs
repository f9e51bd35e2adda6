// Last line of .ci/run: `N passed, N failed`, from vitest's JSON report. A test that was skipped, a test file that did not
// load and a failed step count as failures: nothing that did not run may read as passed. That `npm test` failed is left out
// where failed tests in the report say why.
// Usage: test-summary.mjs REPORT.json [NAME OF A FAILED STEP]...
import { readFileSync } from "node:fs";
import { relative } from "node:path";

/** The step that writes the report. */
const TESTS = "npm test";
const [path, ...failedSteps] = process.argv.slice(2);
let passed = 0;
let failed = 0;
const fail = (what) => {
  failed++;
  console.log(`failed: ${what}`);
};
for (const step of failedSteps) if (step !== TESTS) fail(`step ${step}`);
const failedBeforeTests = failed;
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
if (failedSteps.includes(TESTS) && failed === failedBeforeTests) fail(`step ${TESTS}: an error outside of the tests`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
