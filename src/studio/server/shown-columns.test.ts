import { expect, test } from "vitest";
import { imageFiles } from "../../data/readers/image-files.ts";
import type { Dataset } from "../../data/types.ts";
import { shownColumns } from "./shown-columns.ts";

const dataset = (attributes: Record<string, string>, columns: Dataset["columns"] = {}): Dataset => ({
  root: "/set",
  reader: imageFiles("imagefolder"),
  columns,
  classes: ["nevus"],
  samples: [{ fileName: "images/ISIC_0042.png", label: "nevus", attributes }],
  notes: [],
});
const shown = (name: string, value = "1") => shownColumns(dataset({ [name]: value }), false).includes(name);

test.each([
  "patient_id",
  "patientId",
  "Patient ID",
  "subject",
  "case_id",
  "lesion_id",
  "LesionID",
  "mrn",
  "accession_number",
  "StudyInstanceUID",
  "patient_name",
  "date_of_birth",
  "image_id",
  "original_file_name",
  "path",
])("a column %s is not shown", (name) => {
  expect(shown(name)).toBe(false);
});

test.each(["age", "sex", "localization", "dx_type", "body_site", "source", "synthetic", "histopathology", "caseload"])(
  "a column %s is shown",
  (name) => {
    expect(shown(name)).toBe(true);
  },
);

test("a column that repeats the name of the file is not shown, whatever it is called", () => {
  expect(shown("note", "from ISIC_0042, left")).toBe(false);
  expect(shown("note", "left")).toBe(true);
});

test("tone and boxes have their own places; the patient is shown when asked for", () => {
  const columns = { patient: "who", tone: "fst", box: ["l", "t", "r", "b"] as const };
  const set = dataset({ fst: "2", l: "0", t: "0", r: "1", b: "1", age: "40", lesion_id: "7" }, columns);
  expect(shownColumns(set, false)).toEqual(["age"]);
  expect(shownColumns(set, true)).toEqual(["who", "age", "lesion_id"]);
});
