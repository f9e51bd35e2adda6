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
