import { expect, test } from "vitest";
import { acceptableOf, acceptingConfig, loweredStatements } from "./accepted.ts";
import { DEFAULT_CONFIG } from "./config.ts";

const problem = (code: string, path = "audit.json") => ({ code, path, message: "" });

test("what is accepted lowers exactly its own limits, and the cards state each", () => {
  const { gate } = DEFAULT_CONFIG;
  const warned = acceptingConfig(gate, ["no-patients"]);
  expect(warned).toEqual({ ...gate, acceptWarnings: ["no-patients"] });
  expect(loweredStatements(warned)).toEqual([]);
  const few = acceptingConfig(gate, ["few-images", "missing-test", "grade", "one-class"]);
  expect(few).toEqual({
    ...gate,
    acceptWarnings: ["one-class"],
    minTestImages: 1,
    minImagesPerClass: 1,
    requiredTests: [],
    minGrade: "noise",
  });
  expect(loweredStatements(few).map((text) => text.slice(0, 40))).toEqual([
    "Accepted: fewer images than are usually ",
    "Accepted: the audit need not have made t",
    "Accepted: the images may be of the lowes",
  ]);
});

test("only what was not shown can be accepted by name, never what was found", () => {
  const evidence = [problem("audit-warning", "audit.json: no-patients"), problem("few-images"), problem("few-images")];
  expect(acceptableOf(evidence)).toEqual(["no-patients", "few-images"]);
  for (const code of ["copies", "membership", "split-leak", "training-image", "no-run", "finding"]) {
    expect(acceptableOf([...evidence, problem(code)])).toBeNull();
  }
  expect(acceptableOf([problem("audit-warning", "audit.json: other-generator")])).toBeNull();
  expect(acceptableOf([])).toBeNull();
});
