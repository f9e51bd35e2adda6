import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { readDataset } from "../../data/dataset.ts";
import { type BuiltElement, buildDicom, greyElements } from "../../data/dicom/testing/dicom-files.ts";
import { readImage } from "../../data/pixels.ts";
import { run } from "./import.ts";

let folder = "";
const notes: string[] = [];
const context = {
  seed: 0,
  version: "test",
  progress: silent,
  note: (message: string) => notes.push(message),
  warn: (message: string) => notes.push(message),
  signal: new AbortController().signal,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-import-"));
  const wide = (max: number) => Uint16Array.from({ length: 64 }, (_, i) => Math.round((i * max) / 63));
  for (const [kind, max] of [
    ["ct", 2000],
    ["mr", 1000],
  ] as const) {
    await mkdir(join(folder, "src", kind), { recursive: true });
    const png = await sharp(wide(max), { raw: { width: 8, height: 8, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    await writeFile(join(folder, "src", kind, "1.png"), png);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("16-bit grey goes through a window; a dry run says the same and writes nothing", async () => {
  const src = join(folder, "src");
  const out = join(folder, "out");
  const dry = await run([src, out], { window: "1000,2000", dryRun: true }, context);
  expect(existsSync(out)).toBe(false);
  expect(dry.text).toContain("would write 2 images at their own sizes");
  expect(dry.json).toMatchObject({ written: false, images: 2, perClass: { ct: 1, mr: 1 } });
  expect(notes.join("\n")).toMatch(/hold values of 12 bits: 0 to 4095 become black to white; import with --window/);
  const done = await run([src, out], { window: "1000,2000" }, context);
  expect({ ...done.json, written: false }).toEqual(dry.json);
  const dataset = await readDataset(out);
  expect(dataset.classes).toEqual(["ct", "mr"]);
  const image = await readImage(dataset, 0);
  expect([image.data[0], image.data[63]]).toEqual([0, 255]);
});

test("images that a file names are not imported", async () => {
  const out = join(folder, "without");
  const leaveOut = join(folder, "odd.txt");
  const src = join(folder, "src");
  const { samples } = await readDataset(src);
  await writeFile(leaveOut, `${samples[0]!.fileName}\n`);
  expect((await run([src, out], { leaveOut, window: "1000,2000" }, context)).json).toMatchObject({ images: 1 });
  expect((await readDataset(out)).samples).toHaveLength(1);
});

test("wrong options are usage errors that say what is right", async () => {
  const fails = async (options: Record<string, unknown>) => {
    const error = await run([join(folder, "src"), join(folder, "x")], options, context).catch((e) => e);
    expect(error.code).toBe("usage");
    return error.message;
  };
  for (const size of ["0", "12.5", "big", "5000"]) expect(await fails({ size })).toContain("from 1 to 4096");
  for (const window of ["1", "1,0", "a,b", "1,2,3", ","])
    expect(await fails({ window })).toContain("the width above zero");
  expect(existsSync(join(folder, "x"))).toBe(false);
});

test("a window on 8-bit images names them, a full folder is left alone", async () => {
  const src = join(folder, "eight", "a");
  await mkdir(src, { recursive: true });
  await writeFile(
    join(src, "1.png"),
    await sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } })
      .png()
      .toBuffer(),
  );
  const error = await run([join(folder, "eight"), join(folder, "y")], { window: "1,2" }, context).catch((e) => e);
  expect(error.message).toMatch(
    /a\/1\.png: the image is 8-bit colour, a window applies to 16-bit grey only; leave --window out/,
  );
  const full = await run([join(folder, "eight"), join(folder, "src")], {}, context).catch((e) => e);
  expect(full.message).toContain("exists and is not empty");
});

test("DICOM is imported by content, with its own options; these are refused for anything else", async () => {
  const src = join(folder, "dicom");
  await mkdir(src, { recursive: true });
  const rescaled: BuiltElement[] = [
    [0x00281052, "DS", "-1024"],
    [0x00281053, "DS", "1"],
  ];
  await writeFile(join(src, "IM1"), buildDicom(greyElements(1, 3, [0, 1072, 4000], rescaled)));
  await writeFile(join(src, "broken.dcm"), "no");
  const out = join(folder, "dicom-out");
  const refused = await run([src, out], {}, context).catch((e) => e);
  expect([refused.exitCode, refused.problems.length]).toEqual([1, 1]);
  notes.length = 0;
  const done = await run([src, out], { window: "brain", skipDamaged: true, salt: join(folder, "salt") }, context);
  expect(done.text).toMatch(/wrote 1 images.*patients: 1, studies: 1, series: 1.*keep it secret/s);
  expect(notes.join("\n")).toMatch(/broken\.dcm: this is not DICOM.*left out/);
  expect([...(await readImage(await readDataset(out), 0)).data]).toEqual([0, 153, 255]);
  const usage = async (source: string, options: Record<string, unknown>) => {
    const error = await run([source, join(folder, "none")], options, context).catch((e) => e);
    expect(error.code).toBe("usage");
    return error.message;
  };
  expect(await usage(src, { keepIds: true, salt: "x" })).toContain("leave one of them out");
  expect(await usage(src, { leaveOut: "x" })).toMatch(/--leave-out is for folders of images/);
  expect(await usage(src, { window: "1,0" })).toContain("the width above zero");
  expect(await usage(join(folder, "eight"), { keepIds: true })).toMatch(/--keep-ids applies to DICOM/);
  const told = await readDataset(src).catch((e) => e);
  expect(told.message).toContain("make a dataset of them first with ganglion import");
});
