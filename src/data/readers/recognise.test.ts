import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../dataset.ts";
import { pngOf, writeFiles } from "../testing/fixtures.ts";
import { placeOf, recognise } from "./recognise.ts";

const folder = await temporaryFolder();
const png = await pngOf(1);

test.each([
  [
    "a table",
    { "metadata.csv": "file_name\n1.png\n", "1.png": png, "a/2.png": png, "x.dcm": "" },
    "marked",
    ["metadata.csv"],
  ],
  ["class folders", { "b/notes.txt": "", "c/1.png": png }, "likely", ["sub-folder c holds images"]],
  [
    "splits of class folders",
    { "train/a/1.png": png, "validation/a/1.png": png },
    "likely",
    ["sub-folder train/a holds images"],
  ],
  ["DICOM beside class folders", { "x.dcm": "", "a/1.png": png }, "marked", ["1 DICOM files by their names"]],
  ["images without classes", { "1.png": png }, "fallback", []],
] as const)("%s", async (name, files, certainty, evidence) => {
  const root = await writeFiles(join(folder, name), files);
  expect(await recognise(await placeOf(root))).toMatchObject({ certainty, evidence });
});

test("an archive by its ending, no other file", async () => {
  const root = await writeFiles(join(folder, "files"), { "A.NPZ": "", "a.tar": "" });
  expect(await recognise(await placeOf(join(root, "A.NPZ")))).toMatchObject({ certainty: "marked" });
  expect(await recognise(await placeOf(join(root, "a.tar")))).toBeNull();
  const error = await failure(readDataset(join(root, "a.tar")));
  expect(error.message).toMatch(/give a folder of images or an \.npz in the MedMNIST layout$/);
});

test("what a caller does not accept makes room for the next, and ignored folders are not looked into", async () => {
  const root = await writeFiles(join(folder, "both"), { "x.dcm": "", "samples/1.png": png });
  const readable = (place: Awaited<ReturnType<typeof placeOf>>) => recognise(place, (found) => "read" in found);
  expect(await readable(await placeOf(root))).toMatchObject({ certainty: "likely" });
  expect(await readable(await placeOf(root, new Set(["samples"])))).toMatchObject({ certainty: "fallback" });
});
