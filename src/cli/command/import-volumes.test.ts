// NIfTI volumes on the command line.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/dataset.ts";
import { readImage } from "../../data/pixels.ts";
import { writeFiles } from "../../data/testing/fixtures.ts";
import { nifti } from "../../data/volumes/testing/build-nifti.ts";
import { callProgram } from "../testing/call-program.ts";

const root = await temporaryFolder();
const image = (shift = 0) => gzipSync(nifti({ value: (i, j, k) => 10 * (i + 4 * j + 12 * k) + shift }));

test("of the command line: a hint leads to it, sizes and planes hold, and options of others are refused", async () => {
  const folder = await writeFiles(join(root, "cli"), { "a.nii.gz": image(), "b.nii.gz": image(3) });
  const { code, err } = await callProgram(["inspect", folder]);
  expect([code, err]).toEqual([1, expect.stringContaining(`ganglion import ${folder} ${folder}-dataset`)]);
  const flags = ["--axis", "sagittal", "--size", "8", "--window", "100,200"];
  const done = await callProgram(["import", folder, `${folder}-dataset`, ...flags]);
  expect(done.code, done.err).toBe(0);
  expect(await readImage(await readDataset(`${folder}-dataset`), 0)).toMatchObject({ width: 8, height: 8 });
  const single = await callProgram(["import", join(folder, "a.nii.gz"), `${folder}-one`, "--dry-run"]);
  expect([single.code, single.out]).toEqual([0, expect.stringContaining("would write 2 images")]);
  for (const wrong of [["--axis", "up"], ["--label", "dx"], ["--keep-ids"], ["--window", "mine"]]) {
    expect([wrong, (await callProgram(["import", folder, `${folder}-no`, ...wrong])).code]).toEqual([wrong, 2]);
  }
});

test("--labels joins a table to the volumes; its columns are told by the flags, and a plan keeps both", async () => {
  const folder = await writeFiles(join(root, "labelled"), { "a.nii.gz": image(), "b.nii.gz": image(3) });
  await writeFiles(root, { "labels.csv": "scan,grade,person\na.nii.gz,G1,p1\nb.nii.gz,G2,p1\n" });
  const flags = ["--labels", join(root, "labels.csv"), "--label", "grade", "--patient", "person", "--file", "scan"];
  const done = await callProgram(["import", folder, `${folder}-dataset`, ...flags]);
  expect(done.code, done.err).toBe(0);
  const { samples } = await readDataset(`${folder}-dataset`);
  expect(new Set(samples.map(({ label, patient }) => `${label} ${patient}`))).toEqual(new Set(["G1 p1", "G2 p1"]));
  const plan = await callProgram(["import", folder, "--plan", ...flags]);
  expect(plan.code, plan.err).toBe(0);
  expect(plan.out).toContain('"file": "scan"');
  await writeFiles(root, { "labelled.jsonc": plan.out.replace('"G2": "G2"', '"G2": "late"') });
  const again = await callProgram(["import", folder, `${folder}-again`, "--mapping", join(root, "labelled.jsonc")]);
  expect(again.code, again.err).toBe(0);
  expect(again.out).toContain("late");
  const none = await callProgram(["import", folder, `${folder}-none`, "--file", "scan"]);
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("--file")]);
});

test("flags of a table hold beside a mapping that names it", async () => {
  const folder = await writeFiles(join(root, "mapped"), { "a.nii.gz": image(), "b.nii.gz": image(3) });
  await writeFiles(root, {
    "several.csv": "scan,grade\na.nii.gz,G1|G9\nb.nii.gz,G2\n",
    "several.jsonc": JSON.stringify({ version: 1, labels: join(root, "several.csv"), file: "scan", label: "grade" }),
  });
  const flags = ["--mapping", join(root, "several.jsonc"), "--multi-label", "first", "--label", "grade"];
  const done = await callProgram(["import", folder, `${folder}-dataset`, ...flags]);
  expect(done.code, done.err).toBe(0);
  expect((await readDataset(`${folder}-dataset`)).classes).toEqual(["G1", "G2"]);
});
