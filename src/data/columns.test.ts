import { expect, test } from "vitest";
import { resolveColumns } from "./columns.ts";

test("options win over dataset.json, which wins over a guess", () => {
  const header = ["file_name", "dx", "label", "kind", "who", "patient_id"];
  expect(resolveColumns(header, {}, {}).columns).toMatchObject({ label: "label", patient: "patient_id" });
  expect(resolveColumns(header, { label: "dx" }, {}).columns.label).toBe("dx");
  expect(resolveColumns(header, { label: "dx" }, { label: "kind", patient: "who" }).columns).toMatchObject({
    label: "kind",
    patient: "who",
  });
});

test("each guess is said, nothing that was named is", () => {
  const header = ["file_name", "Diagnosis", "x_min", "y_min", "x_max", "y_max", "fitzpatrick"];
  const { columns, notes } = resolveColumns(header, { tone: "fitzpatrick" }, {});
  expect(columns).toEqual({ label: "Diagnosis", tone: "fitzpatrick", box: ["x_min", "y_min", "x_max", "y_max"] });
  expect(notes).toHaveLength(2);
  expect(notes[0]).toContain("Diagnosis is the label");
  expect(notes[1]).toContain("box");
});

test("a column that is named and not there is a problem that lists the columns", () => {
  const { problems } = resolveColumns(
    ["file_name", "dx"],
    { split: "fold", box: ["a", "b", "c", "dx"] },
    { label: "x" },
  );
  expect(problems.map((p) => p.message.match(/"(\w+)" for the (\w+)/)?.slice(1))).toEqual([
    ["x", "label"],
    ["fold", "split"],
    ["a", "box"],
    ["b", "box"],
    ["c", "box"],
  ]);
  expect(problems[0]!.message).toContain("the columns are file_name, dx");
});
