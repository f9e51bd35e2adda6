import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { type BuiltElement, buildDicom, greyElements } from "../../dicom/read/testing/build-dicom.ts";
import { readDataset } from "../dataset.ts";
import { readImage } from "../pixels.ts";
import { pngOf } from "../testing/fixtures.ts";
import { isDicomSource } from "./find-files.ts";
import { type DicomImportOptions, importDicom } from "./import-dicom.ts";

const root = await temporaryFolder();
let counter = 0;

let slices = 0;

/** A slice of `patient` whose grey is `value`. */
function slice(patient: string, position: number, value: number, further: readonly BuiltElement[] = []): Uint8Array {
  const own: BuiltElement[] = [
    [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4"],
    [0x00080018, "UI", `1.2.3.${slices++}`],
    [0x00080020, "DA", "20200301"],
    [0x00080060, "CS", "MR"],
    [0x00080090, "PN", "Referring^Doctor"],
    [0x00090010, "LO", "ACME PRIVATE"],
    [0x00100010, "PN", "Secret^Name"],
    [0x00100020, "LO", patient],
    [0x00100030, "DA", "19600302"],
    [0x00100040, "CS", "F"],
    [0x00180015, "CS", "KNEE"],
    [0x0020000d, "UI", `1.2.${patient.length}`],
    [0x0020000e, "UI", `1.2.${patient.length}.1`],
    [0x00200011, "IS", "1"],
    [0x00200013, "IS", String(100 - position)],
    [0x00200032, "DS", `0\\0\\${position}`],
    [0x00200037, "DS", "1\\0\\0\\0\\1\\0"],
  ];
  const replaced = new Set(further.map(([tag]) => tag));
  const kept = own.filter(([tag]) => !replaced.has(tag));
  return buildDicom(greyElements(4, 4, new Uint8Array(16).fill(value), [...kept, ...further]));
}

async function source(files: Record<string, Uint8Array | string>): Promise<string> {
  const folder = join(root, `source${counter++}`);
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const target = () => join(root, `out${counter++}`);

async function failure(work: Promise<unknown>): Promise<GanglionError> {
  const error = await work.then(
    () => null,
    (cause) => cause,
  );
  expect(error).toBeInstanceOf(GanglionError);
  return error as GanglionError;
}

test("slices in order of place, sub-folders, any extension; nothing that names anyone is in the dataset", async () => {
  const folder = await source({
    "a/IM0001": slice("P1", 3, 30),
    "a/IM0002": slice("P1", 1, 10),
    "b/deep/x.weird": slice("P1", 2, 20),
    "c.dcm": slice("P22", 7, 70),
  });
  expect(await isDicomSource(folder)).toBe(true);
  const out = target();
  const plan = await importDicom(folder, out);
  expect(plan).toMatchObject({ images: 4, patients: 2, studies: 2, series: 2, damaged: [], perClass: { "": 4 } });
  expect(plan.notes.join("\n")).toMatch(/private data of a manufacturer, none of which is carried over: 4 of 4 files/);
  const dataset = await readDataset(out);
  expect(dataset.columns.patient).toBe("patient_id");
  const [first] = dataset.samples.filter(({ attributes }) => attributes.slice === "1");
  expect(first!.attributes).toMatchObject({ modality: "MR", body_part: "KNEE", sex: "female", age: "59" });
  const values = new Map<string, number[]>();
  for (const [i, { patient }] of dataset.samples.entries()) {
    const list = values.get(patient as string) ?? [];
    list.push((await readImage(dataset, i)).data[0]!);
    values.set(patient as string, list);
  }
  expect([...values.values()].sort((a, b) => b.length - a.length)).toEqual([[10, 20, 30], [70]]);
  expect([...values.keys()].every((name) => /^p[0-9a-f]{16}$/.test(name))).toBe(true);
  for (const name of await readdir(out, { recursive: true })) {
    if (!(await stat(join(out, name))).isFile()) continue;
    const bytes = await readFile(join(out, name), "latin1");
    for (const secret of ["P1", "P22", "Secret", "Doctor", "ACME", "1960", "2020", "1.2.2", "IM0001", "weird"])
      expect([name, secret, bytes.includes(secret)]).toEqual([name, secret, false]);
  }
});

test("the same salt gives the same pseudonyms, another one others; it lies beside the dataset, for its owner alone", async () => {
  const folder = await source({ "a.dcm": slice("P1", 1, 10) });
  const patientOf = async (out: string) => (await readDataset(out)).samples[0]!.patient;
  const [one, two, three] = [target(), target(), target()];
  const { salt } = await importDicom(folder, one);
  expect(salt).toBe(`${one}.salt`);
  expect((await stat(`${one}.salt`)).mode & 0o077).toBe(0);
  expect(await readFile(`${one}.salt`, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  await importDicom(folder, two, { salt: `${one}.salt` });
  await importDicom(folder, three);
  expect(await patientOf(two)).toBe(await patientOf(one));
  expect(await patientOf(three)).not.toBe(await patientOf(one));
  await writeFile(join(root, "weak"), "abc\n");
  expect((await failure(importDicom(folder, target(), { salt: join(root, "weak") }))).message).toMatch(
    /32 hexadecimal/,
  );
  const inside = target();
  expect((await failure(importDicom(folder, inside, { salt: join(inside, "s") }))).message).toMatch(/must not be in/);
});

test("pseudonyms are those of HMAC-SHA-256; equal ids of two hospitals are two patients", async () => {
  const folder = await source({
    "a.dcm": slice("P1", 1, 10),
    "b.dcm": slice("P1", 2, 10, [
      [0x00100021, "LO", "other hospital"],
      [0x0020000d, "UI", "1.2.99"],
    ]),
  });
  const salt = join(root, "known.salt");
  await writeFile(salt, "000102030405060708090a0b0c0d0e0f\n");
  const out = target();
  await importDicom(folder, out, { salt });
  const { samples } = await readDataset(out);
  // printf 'patient\0\0P1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:00010204050607…0f
  expect(samples.map(({ patient }) => patient).sort()).toEqual(["p0995c2d36fe3b448", "pafaa6f9eb0511150"]);
});

test("--keep-ids keeps identifiers and paths, and says so", async () => {
  const folder = await source({ "x/a.dcm": slice("P1", 1, 10) });
  const out = target();
  const plan = await importDicom(folder, out, { keepIds: true });
  const [sample] = (await readDataset(out)).samples;
  expect(sample!.patient).toBe("P1");
  expect(sample!.attributes).toMatchObject({ study_id: "1.2.2", series_id: "1.2.2.1", source: "x/a.dcm" });
  expect(plan.notes.at(-1)).toMatch(/they identify people/);
  expect(existsSync(`${out}.salt`)).toBe(false);
});

test("a label by keyword, by tag, by folder; dates and identities are refused, missing values listed", async () => {
  const folder = await source({
    "x/a.dcm": slice("P1", 1, 10),
    "y/b.dcm": slice("P2", 2, 10, [[0x00180015, "CS", ""]]),
  });
  const classes = async (label: string) => {
    const { perClass } = await importDicom(folder, target(), { label, dryRun: true });
    return perClass;
  };
  expect(await classes("PatientSex")).toEqual({ F: 2 });
  expect(await classes("0010,0040")).toEqual({ F: 2 });
  expect(await classes("folder")).toEqual({ x: 1, y: 1 });
  const says = async (options: DicomImportOptions) => (await failure(importDicom(folder, target(), options))).message;
  expect(await says({ label: "BodyPartExamined" })).toMatch(
    /y\/b\.dcm: BodyPartExamined \(--label\) is empty or missing/,
  );
  expect(await says({ label: "PatientBirthDate" })).toMatch(/dates and times are never carried over/);
  for (const label of ["PatientName", "PatientID", "InstitutionName", "SOPInstanceUID", "AccessionNumber"])
    expect(await says({ label })).toMatch(/identifies a person, an institution or a machine/);
  for (const label of ["StudyDescription", "AdditionalPatientHistory", "Occupation", "PatientReligiousPreference"])
    expect(await says({ label })).toMatch(/anything about a person may stand in this text/);
  expect(await says({ label: "PixelData" })).toMatch(/no text or number/);
  expect(await says({ label: "NoSuchThing" })).toMatch(/no attribute of DICOM has this keyword/);
});

test("a mixed folder: objects without pixels are counted, damaged files listed or left out by wish", async () => {
  const whole = slice("P1", 1, 10);
  const folder = await source({
    "good.dcm": whole,
    "report.dcm": buildDicom([[0x00080060, "CS", "SR"]]),
    "cut.dcm": whole.subarray(0, whole.length - 5),
    "empty.dcm": "",
    "readme.txt": "hello",
    note: "hello",
    "picture.png": await pngOf(1),
  });
  const out = target();
  const error = await failure(importDicom(folder, out));
  expect(error.problems.map(({ path, code }) => [path, code])).toEqual([
    ["cut.dcm", "cut-short"],
    ["empty.dcm", "empty-file"],
  ]);
  expect([existsSync(out), existsSync(`${out}.salt`)]).toEqual([false, false]);
  const plan = await importDicom(folder, out, { skipDamaged: true });
  expect(plan).toMatchObject({ images: 1, skipped: { "not DICOM": 3, "no pixels (SR)": 1 } });
  expect(plan.damaged).toHaveLength(2);
  expect((await readDataset(out)).samples).toHaveLength(1);
  const none = await source({ "report.dcm": buildDicom([[0x00080060, "CS", "SR"]]) });
  expect((await failure(importDicom(none, target()))).message).toMatch(/no DICOM file with pixels.*1 no pixels \(SR\)/);
});

test("one row a frame; grey without a window takes the range of its series, a window that of its own", async () => {
  const wide = (position: number, pixels: readonly number[]) =>
    buildDicom(
      greyElements(1, 2, pixels, [
        [0x00100020, "LO", "P1"],
        [0x0020000e, "UI", "1.9"],
        [0x00200013, "IS", String(position)],
        [0x00280008, "IS", String(pixels.length / 2)],
      ]),
    );
  const folder = await source({ "a.dcm": wide(2, [0, 100, 200, 400]), "b.dcm": wide(1, [500, 1000]) });
  const read = async (options: DicomImportOptions) => {
    const out = target();
    await importDicom(folder, out, options);
    const dataset = await readDataset(out);
    return Promise.all(dataset.samples.map(async (_, i) => [...(await readImage(dataset, i)).data]));
  };
  expect(await read({})).toEqual([
    [128, 255],
    [0, 26],
    [51, 102],
  ]);
  expect(await read({ window: { center: 250, width: 500 } })).toEqual([
    [255, 255],
    [0, 51],
    [102, 204],
  ]);
  expect(await read({ size: 1 })).toHaveLength(3);
  expect((await failure(importDicom(folder, target(), { window: { name: "LUNG" } }))).message).toMatch(
    /no window of this name, the files name none/,
  );
});

test("what may show text or a face is said", async () => {
  const folder = await source({
    "a.dcm": slice("P1", 1, 10, [
      [0x00280301, "CS", "YES"],
      [0x00280302, "CS", "YES"],
    ]),
    "b.dcm": slice("P1", 2, 10, [[0x00080060, "CS", "US"]]),
    "c.dcm": slice("P1", 3, 10, [
      [0x00080060, "CS", "US"],
      [0x00280301, "CS", "NO"],
      [0x60000010, "US", [4]],
    ]),
  });
  const { notes } = await importDicom(folder, target(), { dryRun: true });
  const text = notes.join("\n");
  expect(text).toMatch(/text is burned into the image.*: 1 of 3 files/);
  expect(text).toMatch(/without a word on whether text is burned in.*: 1 of 3 files/);
  expect(text).toMatch(/a person may be recognised.*: 1 of 3 files/);
  expect(text).toMatch(/overlay planes.*: 1 of 3 files/);
});

const shared = process.env.GANGLION_SHARED ?? "../shared";
const series = join(shared, "data/dicom/mr-series");
const there = existsSync(series) || process.env.CI === "true";
if (!there) console.warn(`skipped: no DICOM series at ${series} (set GANGLION_SHARED to its folder)`);

test.skipIf(!there)("a real series is one patient in slice order", async () => {
  const out = target();
  const plan = await importDicom(series, out, { size: 64, keepIds: true });
  expect(plan).toMatchObject({ images: 40, patients: 1, studies: 1, series: 1, damaged: [] });
  const { samples } = await readDataset(out);
  expect(samples.map(({ attributes }) => Number(attributes.slice))).toEqual(
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  const names = samples.map(({ attributes }) => attributes.source);
  const sorted = [...names].sort();
  expect([sorted, sorted.toReversed()]).toContainEqual(names);
});
