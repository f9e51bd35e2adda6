// What people have in the place of an image, in folders, tables and archives: named, and left out where that is asked for.
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/dataset.ts";
import { buildDicom, greyElements } from "../../data/dicom/testing/dicom-files.ts";
import { npyBytes, npzBytes, pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { callProgram } from "../testing/call-program.ts";

const folder = await temporaryFolder();
const at = (name: string) => join(folder, name);
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 4170669\n`;
const PAGE = "<!DOCTYPE html><html><title>Sign in</title></html>";

await writeFiles(at("photos"), {
  "a/0.png": await pngOf(0),
  "a/1.png": POINTER,
  "a/2.jpg": PAGE,
  "a/3.png": Buffer.alloc(5000),
  "b/4.png": await pngOf(4),
  "b/5.png": (await pngOf(5)).subarray(0, 70),
  "b/6.png": "",
  "b/7.png": POINTER,
  "b/8.png.crdownload": await pngOf(8),
});

test("a folder names each by what it is, with what to do", async () => {
  // What is empty is said when the folder is listed, before a pixel is decoded.
  expect((await callProgram(["inspect", at("photos")])).err).toMatch(/b\/6\.png: the file is empty \(0 bytes\)/);
  await writeFiles(at("pointers"), { "a/1.png": POINTER, "a/2.jpg": PAGE, "b/4.png": await pngOf(4) });
  const { code, err } = await callProgram(["inspect", at("pointers")]);
  expect(code).toBe(1);
  expect(err).toMatch(/a\/1\.png: this is a pointer of Git LFS.*; run git lfs pull in the repository \[lfs-pointer\]/);
  expect(err).toMatch(/a\/2\.jpg: this is a web page \(HTML\).*download the file again \[web-page\]/);
});

test.each(["inspect", "import"])("%s --skip-damaged leaves them out, counted by kind and reason", async (command) => {
  const out = command === "import" ? [at("photos-out")] : [];
  const { code, err, out: said } = await callProgram([command, at("photos"), ...out, "--skip-damaged", "--json"]);
  expect(code, err + said).toBe(0);
  const found = JSON.parse(said);
  expect(found.images).toBe(2);
  expect(found.damaged.map(({ path, code: reason }: { path: string; code: string }) => [path, reason])).toEqual([
    ["a/1.png", "lfs-pointer"],
    ["a/2.jpg", "web-page"],
    ["a/3.png", "zero-bytes"],
    ["b/5.png", "damaged-image"],
    ["b/7.png", "lfs-pointer"],
  ]);
  const counted =
    "left out as damaged: 2 PNG (pointer of Git LFS), 1 JPEG (web page), 1 PNG (only zeros), 1 PNG (damaged or cut short)";
  expect(command === "import" ? err : found.warnings.join("\n")).toContain(counted);
  expect(found.notes.join("\n")).toMatch(/1 file is empty.*\(b\/6\.png\)/);
  expect(found.notes.join("\n")).toMatch(/unfinished downloads \(1\)/);
});

test("pictures of an inspection are made of what is left", async () => {
  const { code, err } = await callProgram(["inspect", at("photos"), "--skip-damaged", "--out", at("look")]);
  expect(code, err).toBe(0);
});

test("where nothing is left, all is named and nothing written", async () => {
  await writeFiles(at("none"), { "a/1.png": POINTER, "b/1.png": POINTER });
  for (const command of [
    ["inspect", at("none")],
    ["import", at("none"), at("none-out")],
  ]) {
    const { code, err } = await callProgram([...command, "--skip-damaged"]);
    expect([code, err]).toEqual([1, expect.stringMatching(/a\/1\.png: .*b\/1\.png: .*git lfs pull/s)]);
  }
});

test("an archive, a table and a DICOM file may be pointers too", async () => {
  await writeFiles(at("others"), { "set.npz": POINTER, "page.npz": PAGE });
  expect((await callProgram(["inspect", at("others/set.npz")])).err).toMatch(/set\.npz: .*Git LFS.*git lfs pull/);
  expect((await callProgram(["inspect", at("others/page.npz")])).err).toMatch(/page\.npz: .*web page/);
  await writeFiles(at("table"), { "metadata.csv": POINTER, "1.png": await pngOf(1) });
  expect((await callProgram(["inspect", at("table")])).err).toMatch(/metadata\.csv: .*Git LFS.*git lfs pull/);
  await writeFiles(at("scans"), {
    "1.dcm": buildDicom(greyElements(2, 2, [1, 2, 3, 4])),
    "2.dcm": POINTER,
    "3.dcm": "",
  });
  const { code, err, out } = await callProgram(["import", at("scans"), at("scans-out"), "--skip-damaged"]);
  expect(code, err + out).toBe(0);
  expect(err).toContain("left out as damaged: 1 DICOM (pointer of Git LFS), 1 DICOM (empty)");
});

test("images of an archive whose pixels are no numbers are left out of it", async () => {
  const images = npyBytes("<f4", [4, 1, 2], Float32Array.of(0, 1, Number.NaN, 1, 0.5, 0, 0, 300));
  const labels = npyBytes("|u1", [4], Uint8Array.of(0, 1, 2, 0));
  await writeFiles(at("npz"), { "set.npz": npzBytes({ "train_images.npy": images, "train_labels.npy": labels }) });
  expect((await callProgram(["inspect", at("npz/set.npz")])).err).toMatch(/train_images\[1\].*NaN/);
  const { code, err, out } = await callProgram(["import", at("npz/set.npz"), at("npz-out"), "--skip-damaged"]);
  expect(code, err + out).toBe(0);
  expect(err).toMatch(/left out as damaged: 1 file \(pixels that are no numbers\), 1 file \(pixels out of range\)/);
  const copy = await readDataset(at("npz-out"));
  expect(copy.samples.map(({ label }) => label)).toEqual(["0", "2"]);
  expect(copy.classes).toEqual(["0", "2"]);
});
