// What exports of DICOM get wrong: copies, patients, pictures beside the others, numbers of frames, windows, free spelling.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { type BuiltElement, buildDicom, greyElements } from "../../dicom/read/testing/build-dicom.ts";
import { readDataset } from "../dataset.ts";
import { readImage } from "../pixels.ts";
import { isNoOne } from "./bookkeeping.ts";
import { type DicomImportOptions, importDicom } from "./import-dicom.ts";

const root = await temporaryFolder();
let counter = 0;

interface Made {
  readonly uid?: string;
  readonly patient?: string;
  readonly study?: string;
  readonly value?: number;
  readonly further?: readonly BuiltElement[];
}

/** A CT of 2 x 2 pixels. */
function made({
  uid = `1.2.3.${counter++}`,
  patient,
  study = "1.2.5",
  value = 50,
  further = [],
}: Made = {}): Uint8Array {
  const own: BuiltElement[] = [
    [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"],
    [0x00080018, "UI", uid],
    [0x00080060, "CS", "CT"],
    ...(patient === undefined ? [] : ([[0x00100020, "LO", patient]] as BuiltElement[])),
    [0x0020000d, "UI", study],
    [0x0020000e, "UI", `${study}.1`],
  ];
  const replaced = new Set(further.map(([tag]) => tag));
  const kept = own.filter(([tag]) => !replaced.has(tag));
  return buildDicom(greyElements(2, 2, Uint8Array.of(value, 1, 2, 3), [...kept, ...further]));
}

async function imported(files: Record<string, Uint8Array>, options: DicomImportOptions = {}) {
  const folder = join(root, `source${counter++}`);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const out = join(root, `out${counter++}`);
  const plan = await importDicom(folder, out, options);
  const said = plan.notes.join("\n");
  return { plan, said, table: await readFile(join(out, "metadata.csv"), "utf8"), dataset: await readDataset(out) };
}

describe("copies", () => {
  test("the same instance under two paths is written once, and it is said", async () => {
    const one = made({ uid: "1.9" });
    const { plan, said } = await imported({ "DICOM/IM0001": one, "copy.dcm": one, "other.dcm": made() });
    expect(plan.images).toBe(2);
    expect(said).toContain("the same instance is there twice or more often; 1 file left out as copies");
  });

  test("one UID on different pictures is an anonymizer's: all are kept, and it is said", async () => {
    const files = Object.fromEntries([1, 2, 3].map((value) => [`${value}.dcm`, made({ uid: "1.9", value })]));
    const { plan, said } = await imported(files);
    expect(plan.images).toBe(3);
    expect(said).toContain("2 files share an instance UID with another file though their pixels differ");
  });

  test("one instance in the folders of two classes is an error that names both", async () => {
    const one = made({ uid: "1.9" });
    const error = await failure(imported({ "benign/a.dcm": one, "malignant/a.dcm": one }, { label: "folder" }));
    expect(error.problems.map(({ code, path }) => [code, path])).toEqual([["two-labels", "malignant/a.dcm"]]);
    expect(error.message).toContain("the same image as benign/a.dcm");
  });
});

describe("patients", () => {
  test("a file without one is of the patient that the others of its study name", async () => {
    const { plan, said } = await imported({ "a.dcm": made({ patient: "P7", value: 1 }), "b.dcm": made({ value: 2 }) });
    expect([plan.patients, plan.studies]).toEqual([1, 1]);
    expect(said).toContain("1 file name no patient and count to the one that other files of their study name");
  });

  test("two patients of one study count as one, through several studies too", async () => {
    const { plan, said } = await imported({
      "a.dcm": made({ patient: "P1", study: "1.1" }),
      "b.dcm": made({ patient: "P1a", study: "1.1" }),
      "c.dcm": made({ patient: "P1a", study: "1.2" }),
      "d.dcm": made({ patient: "P2", study: "1.3" }),
    });
    expect([plan.patients, plan.studies]).toEqual([2, 3]);
    expect(said).toContain("1 study names two patients; a study is of one, so that both count as one");
  });

  test("a study identifier of many patients is none, and they stay apart", async () => {
    const files = Object.fromEntries([1, 2, 3, 4].map((i) => [`${i}.dcm`, made({ patient: `P${i}`, study: "0" })]));
    const { plan, said } = await imported(files);
    expect(plan.patients).toBe(4);
    expect(said).toContain("1 study names more than two patients each: the study identifier is not unique");
  });

  test.each(["ANON", "Anonymous", "anonymized", "DE-IDENTIFIED", "unknown", "N/A", "00000", "xxx"])(
    "%s groups no images",
    async (patient) => {
      const { plan, said } = await imported({
        "a.dcm": made({ patient, study: "1.1" }),
        "b.dcm": made({ patient, study: "1.2" }),
        "c.dcm": made({ patient: "P3", study: "1.3" }),
      });
      expect(plan.patients).toBe(3);
      expect(said).toContain(`the patient identifier "${patient}" stands for nobody`);
    },
  );

  test("ids of people are none of these", () => {
    for (const id of ["ANON-0012", "Anonym7", "0001", "12", "TCGA-02-0003", "Test12", "PAT1"]) {
      expect([id, isNoOne(id)]).toEqual([id, false]);
    }
  });

  test("one id in all files of several studies tells nobody apart, unless it is asked for", async () => {
    const files = Object.fromEntries([1, 2, 3].map((i) => [`${i}.dcm`, made({ patient: "77", study: `1.${i}` })]));
    const { plan, said } = await imported(files);
    expect(plan.patients).toBe(3);
    expect(said).toMatch(/all 3 studies have the same patient identifier.*--patient PatientID/);
    expect((await imported(files, { patient: "PatientID" })).plan.patients).toBe(1);
  });

  test("ages and sexes in free spelling", async () => {
    const cases = [
      ["F", "45", "female,45"],
      ["Female", "045Y", "female,45"],
      ["weiblich", "45 years", "female,45"],
      ["Männlich", "18 months", "male,1"],
      ["MALE", "95y", "male,90"],
      ["homme", "3W", "male,0"],
      ["divers", "", "other,"],
      ["U", "", ","],
      ["xyzzy", "adult", ","],
    ] as const;
    const files = Object.fromEntries(
      cases.map(([sex, age], i) => [
        `${i}.dcm`,
        made({
          patient: `P${i}`,
          study: `1.${i}`,
          further: [
            [0x00080005, "CS", "ISO_IR 100"],
            [0x00100040, "CS", sex],
            [0x00101010, "AS", age],
          ],
        }),
      ]),
    );
    const { dataset, said } = await imported(files);
    const cells = dataset.samples.map(({ attributes }) => `${attributes.sex},${attributes.age}`).sort();
    expect(cells).toEqual(cases.map(([, , cell]) => cell as string).sort());
    expect(said).toContain("PatientSex cannot be understood and is left empty: 1 of 9 files");
    expect(said).toContain("PatientAge cannot be understood and is left empty: 1 of 9 files");
  });
});

describe("pictures beside the others", () => {
  const slide = (kind: string): BuiltElement[] => [
    [0x00080008, "CS", `ORIGINAL\\PRIMARY\\${kind}\\NONE`],
    [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.77.1.6"],
    [0x00080060, "CS", "SM"],
  ];

  test("label, overview and thumbnail of a slide are left out and warned of", async () => {
    const { plan, said } = await imported({
      "tiles.dcm": made({ further: slide("VOLUME") }),
      "label.dcm": made({ further: slide("LABEL") }),
      "overview.dcm": made({ further: slide("OVERVIEW") }),
      "thumb.dcm": made({ further: slide("THUMBNAIL") }),
    });
    expect(plan.images).toBe(1);
    expect(plan.skipped).toMatchObject({
      "label images of slides": 1,
      "overview images of slides": 1,
      "thumbnails of slides": 1,
    });
    expect(said).toContain("label images of slides, left out beside the tiles: labels of slides show names");
  });

  test("a slide of a label alone is nothing to import", async () => {
    expect((await failure(imported({ "label.dcm": made({ further: slide("LABEL") }) }))).message).toContain(
      "1 label images of slides",
    );
  });

  test.each([
    ["type of image", [[0x00080008, "CS", "ORIGINAL\\PRIMARY\\LOCALIZER"]]],
    ["series", [[0x0008103e, "LO", "3-Plane Loc"]]],
    ["series in German", [[0x0008103e, "LO", "Topogramm 0.6"]]],
  ] as const)("localizers by their %s are left out and said, unless nothing else is there", async (_, further) => {
    const scout = made({ further: further as unknown as BuiltElement[] });
    const { plan, said } = await imported({ "scout.dcm": scout, "slice.dcm": made() });
    expect(plan.images).toBe(1);
    expect(said).toMatch(/1 file of localizers or scouts.*left out/);
    expect((await imported({ "scout.dcm": scout })).plan.images).toBe(1);
  });
});

describe("numbers of frames", () => {
  const pixels = (count: number) => Uint8Array.from({ length: 4 * count }, (_, i) => i);
  const frames = (count: number, stated: string | null): Uint8Array =>
    buildDicom(
      greyElements(2, 2, pixels(count), [
        [0x00080018, "UI", `1.2.3.${counter++}`],
        ...(stated === null ? [] : ([[0x00280008, "IS", stated]] as BuiltElement[])),
      ]),
    );

  test.each([
    ["missing", 3, null, /NumberOfFrames is missing where the pixels are of 3 frames/],
    ["of none", 3, "0", /NumberOfFrames is missing where the pixels are of 3 frames/],
    ["too small", 3, "2", /NumberOfFrames says 2 where the pixels are of 3 frames/],
    ["too large", 3, "5", /NumberOfFrames says 5 where the pixels are of 3 frames/],
  ] as const)("a number that is %s is that of the pixels, and it is said", async (_, count, stated, words) => {
    const { plan, said } = await imported({ "a.dcm": frames(count, stated) });
    expect(plan.images).toBe(count);
    expect(said).toMatch(words);
  });

  test("pixels that end within a frame are cut short", async () => {
    const cut = buildDicom(greyElements(2, 2, pixels(3).subarray(0, 10), [[0x00280008, "IS", "3"]]));
    expect((await failure(imported({ "a.dcm": cut }))).problems[0]!.code).toBe("cut-short");
  });
});

describe("grey", () => {
  const ramp = (further: readonly BuiltElement[], count = 150) => {
    const values = Array.from({ length: count }, (_, i) => 20 * i);
    return buildDicom(greyElements(1, count, values, [[0x00080018, "UI", `1.2.3.${counter++}`], ...further]));
  };
  const levels = async (file: Uint8Array) => {
    const { dataset, said } = await imported({ "a.dcm": file });
    return { levels: new Set((await readImage(dataset, 0)).data).size, said };
  };

  test("a window below 1 of values scaled down to fractions is taken exactly", async () => {
    const found = await levels(
      ramp([
        [0x00281050, "DS", "0.00075"],
        [0x00281051, "DS", "0.0015"],
        [0x00281053, "DS", "0.0000005"],
      ]),
    );
    expect(found.levels).toBe(150);
  });

  test("a window narrower than one step of the values is passed over for the range, and it is said", async () => {
    const found = await levels(
      ramp([
        [0x00281050, "DS", "40"],
        [0x00281051, "DS", "0.2"],
      ]),
    );
    expect(found.levels).toBe(150);
    expect(found.said).toContain("a window narrower than one step of the values, which is not used");
  });

  test("a range of padding values does not count to the values of a series", async () => {
    const values = [-2000, -1999, -1998, 0, 60, 100];
    const file = buildDicom(
      greyElements(1, 6, values, [
        [0x00280103, "US", [1]],
        [0x00280120, "SS", [-2000]],
        [0x00280121, "SS", [-1998]],
      ]),
    );
    const { dataset } = await imported({ "a.dcm": file });
    expect([...(await readImage(dataset, 0)).data]).toEqual([0, 0, 0, 0, 153, 255]);
  });
});
