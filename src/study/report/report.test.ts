import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { studyResultsJsonSchema } from "./results-file.ts";
import { drawnOutcome } from "./testing/study-outcome.ts";
import { writeStudyReport } from "./write-study-report.ts";

test("equal outcomes give equal bytes", async () => {
  const [one, two] = [await temporaryFolder(), await temporaryFolder()];
  await writeStudyReport(drawnOutcome(), one);
  await writeStudyReport(drawnOutcome(), two);
  const names = readdirSync(one).sort();
  expect(names).toEqual(["methods.md", "report.html", "results.json", "table.csv", "table.md", "table.tex"]);
  for (const name of names) expect(readFileSync(join(two, name))).toEqual(readFileSync(join(one, name)));
});

test("docs/study-results.schema.json is the schema of this version", () => {
  expect(JSON.parse(readFileSync("docs/study-results.schema.json", "utf8"))).toEqual(studyResultsJsonSchema());
});
