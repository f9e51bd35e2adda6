// A table of labels that is joined to NIfTI volumes.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import type { ColumnOptions } from "../columns.ts";
import { readDataset } from "../dataset.ts";
import { writeFiles } from "../testing/fixtures.ts";
import { findVolumes } from "./find-volumes.ts";
import { importVolumes } from "./import-volumes.ts";
import { nifti } from "./testing/build-nifti.ts";

const root = await temporaryFolder();
let counter = 0;
const image = gzipSync(nifti({ value: (i, j, k) => 10 * (i + 4 * j + 12 * k) }));

/** Imports volumes with a table. @returns label, patient, split and volume of each first slice, and what was said */
async function imported(paths: readonly string[], table: string, columns: ColumnOptions = {}) {
  const name = `set${counter++}`;
  const folder = await writeFiles(join(root, name), Object.fromEntries(paths.map((path) => [path, image])));
  await writeFiles(root, { [`${name}.csv`]: table });
  const labels = { path: join(root, `${name}.csv`), columns };
  const plan = await importVolumes((await findVolumes(folder))!, `${folder}-out`, { labels });
  const { samples } = await readDataset(`${folder}-out`);
  const first = samples.filter(({ attributes }) => attributes.slice === "1");
  return {
    rows: first.map(({ label, patient, split, attributes }) => [attributes.volume, label, patient, split]),
    said: plan.notes.join("\n"),
    perClass: plan.perClass,
  };
}

describe("a table of labels joined to volumes", () => {
  test("by the names of files, with patients and splits; volumes without a row are left out and named", async () => {
    const { rows, said, perClass } = await imported(
      ["scan_a.nii.gz", "scan_b.nii.gz", "scan_c.nii.gz"],
      "file_name,diagnosis,patient_id,split\nscan_a.nii.gz,covid,p1,train\nscan_b.nii.gz,normal,p2,test\n",
    );
    expect(rows).toEqual([
      ["scan_a.nii.gz", "covid", "p1", "train"],
      ["scan_b.nii.gz", "normal", "p2", "test"],
    ]);
    expect(perClass).toEqual({ covid: 2, normal: 2 });
    expect(said).toContain("1 file has no row");
  });

  test("by the folder of the patient: BIDS with participants, BraTS with its table of survival", async () => {
    const bids = await imported(
      ["sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_FLAIR.nii.gz", "sub-02/anat/sub-02_T1w.nii.gz"],
      "participant_id,diagnosis,age\nsub-01,AD,70\nsub-02,CN,71\n",
    );
    expect(bids.rows.map(([, label, patient]) => [label, patient])).toEqual([
      ["AD", "sub-01"],
      ["AD", "sub-01"],
      ["CN", "sub-02"],
    ]);
    const brats = await imported(
      ["t1", "flair", "t2"].flatMap((kind) => [1, 2].map((i) => `BraTS20_00${i}/BraTS20_00${i}_${kind}.nii.gz`)),
      "Brats20ID,Grade\nBraTS20_001,HGG\nBraTS20_002,LGG\n",
      { label: "Grade" },
    );
    expect(brats.rows.map(([, label]) => label).sort()).toEqual(["HGG", "HGG", "HGG", "LGG", "LGG", "LGG"]);
  });

  test("that names none of the volumes is one line with the table and its columns", async () => {
    const error = await failure(imported(["a_scan.nii.gz"], "who,diagnosis\nother,covid\n"));
    expect(error.message).toMatch(/\.csv: no column names .* of the volumes; name the column with --file COL/);
  });
});
