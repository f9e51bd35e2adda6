// import --plan prints how a source is read; import --mapping reads it so.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../../data/dataset.ts";
import { type BuiltElement, buildDicom, greyElements } from "../../data/dicom/testing/dicom-files.ts";
import { encodePng } from "../../data/image.ts";
import { MAPPING_VERSION, mappingJsonSchema } from "../../data/mapping/mapping-file.ts";
import { medmnist, noiseMask, npzBytes, pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { nifti } from "../../data/volumes/testing/build-nifti.ts";
import { callProgram } from "../testing/call-program.ts";

const folder = await temporaryFolder();
const mask = await encodePng(noiseMask(1, 8, 8));
let made = 0;

type Tree = Readonly<Record<string, string | Uint8Array>>;

async function images(...paths: string[]): Promise<Tree> {
  return Object.fromEntries(
    await Promise.all(paths.map(async (path, i) => [path, /mask|gt/i.test(path) ? mask : await pngOf(i + 1)] as const)),
  );
}
const planted = (...trees: Tree[]) => writeFiles(join(folder, String(made++)), Object.assign({}, ...trees));

async function ran(...argv: string[]): Promise<string> {
  const { code, out, err } = await callProgram(argv);
  expect(code, err + out).toBe(0);
  return out;
}

/** Every file of a folder with its bytes. */
async function content(root: string): Promise<Record<string, string>> {
  const names = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))
    .sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(join(root, name))).toString("base64")])),
  );
}

const numbers = [1, 2, 3, 4];
const rows = (row: (i: number) => string) => numbers.map(row).join("\n");

const LAYOUTS: Readonly<Record<string, () => Promise<{ root: string; flags?: readonly string[] }>>> = {
  "class folders with splits": async () => ({
    root: await planted(
      await images(...["train", "test"].flatMap((s) => ["a", "b"].map((c) => `x/${s}/${c}/${s}${c}.png`))),
    ),
  }),
  "masks beside images in class folders": async () => ({
    root: await planted(await images("a/1.png", "a/1_mask.png", "a/1_mask_1.png", "b/2.png", "b/2_mask.png")),
  }),
  "one folder": async () => ({ root: await planted(await images("1.png", "2.png")) }),
  "patients around classes": async () => ({
    root: await planted(await images("8001/0/a.png", "8002/1/b.png", "8003/0/c.png", "8003/1/d.png")),
  }),
  "folders by a flag": async () => ({
    root: await planted(await images("s1/a/1.png", "s1/b/2.png", "s2/a/3.png", "s2/b/4.png")),
    flags: ["--label", "folder_2"],
  }),
  "a table beside part folders": async () => ({
    root: await planted(
      await images("im_part_1/I_1.png", "im_part_2/I_2.png", "im_part_2/I_3.png", "im_part_2/I_4.png"),
      {
        "meta.csv": `image_id,dx,lesion_id,age\n${rows((i) => `I_${i},${i % 2 ? "nv" : "mel"},L${i},4${i}`)}`,
      },
    ),
  }),
  "one-hot columns and a second table": async () => ({
    root: await planted(await images(...numbers.map((i) => `in/I_${i}.png`)), {
      "gt.csv": `image,MEL,NV\n${rows((i) => `I_${i},${i % 2}.0,${1 - (i % 2)}.0`)}`,
      "groups.csv": `image,lesion_id\n${rows((i) => `I_${i},L${i}`)}`,
    }),
  }),
  "columns of 0 and 1 by a flag": async () => ({
    root: await planted(await images(...numbers.map((i) => `in/I_${i}.png`)), {
      "gt.csv": `image,mel,sk\n${rows((i) => `I_${i},${i % 2}.0,0.0`)}`,
    }),
    flags: ["--label", "mel,sk"],
  }),
  "tables of each split": async () => ({
    root: await planted(
      await images(...["train", "valid"].flatMap((s) => numbers.map((i) => `db/${s}/${s}${i}.png`))),
      {
        "db/train.csv": `Path,Edema,Pneumonia\n${rows((i) => `db/train/train${i}.png,${i % 2 ? "1.0" : ""},-1.0`)}`,
        "db/valid.csv": `Path,Edema,Pneumonia\n${rows((i) => `db/valid/valid${i}.png,${i % 2 ? "0.0" : "1.0"},1.0`)}`,
      },
    ),
    flags: ["--uncertain", "ones", "--multi-label", "first"],
  }),
  "boxes by corner and size, several rows": async () => ({
    root: await planted(await images(...numbers.map((i) => `im/p-${i}.png`)), {
      "l.csv": `patientId,x,y,width,height,Target\n${rows((i) => (i % 2 ? `p-${i},1,1,4,4,1\np-${i},2,2,3,3,1` : `p-${i},,,,,0`))}`,
    }),
    flags: ["--size", "4"],
  }),
  "metadata.csv": async () => ({
    root: await planted(await images(...numbers.map((i) => `images/${i}.png`), "m/mask1.png"), {
      "metadata.csv": `file_name,label,split,mask,fst\n${rows((i) => `images/${i}.png,a|b,${i % 2 ? "train" : "test"},${i === 1 ? "m/mask1.png" : ""},III`)}`,
      "dataset.json": '{"multiLabel":"first","tone":"fst","license":"CC0-1.0"}',
    }),
  }),
  "metadata.csv without file_name": async () => ({
    root: await planted(await images("imgs_1/P_1.png", "imgs_2/P_2.png"), {
      "metadata.csv": "patient_id,diagnostic,img_id\n1,NEV,P_1.png\n2,BCC,P_2.png\n",
    }),
  }),
  "annotations of COCO": async () => ({
    root: await planted(await images("train/1.png", "val/2.png"), {
      "a.json": JSON.stringify({
        images: [1, 2].map((id) => ({ id, file_name: `${id}.png`, width: 8, height: 8 })),
        categories: [{ id: 1, name: "polyp" }],
        annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [1, 1, 4, 4], segmentation: [[1, 1, 5, 1, 5, 5]] }],
      }),
    }),
  }),
  "label files of YOLO in class folders": async () => ({
    root: await planted(await images("a/1.png", "b/2.png"), {
      "data.yaml": "names: [x, y]",
      "a/1.txt": "0 0.5 0.5 0.5 0.5",
      "b/2.txt": "1 0.1 0.1 0.9 0.1 0.9 0.9",
    }),
  }),
  "lists of the images of each split": async () => ({
    root: await planted(await images(...numbers.map((i) => `a/${i}x.png`)), {
      "train.txt": "1x.png\n2x.png\n",
      "test.txt": "3x.png\n4x.png\n",
    }),
  }),
  "volumes of people below classes": async () => ({
    root: await planted(
      Object.fromEntries(
        ["AD", "CN"].flatMap((name, k) =>
          [1, 2].map((n) => [
            `${name}/${name}_S_000${n}/v.nii`,
            nifti({ value: (x, y, z) => x + 4 * y + 12 * z + 5 * n + k }),
          ]),
        ),
      ),
    ),
    flags: ["--axis", "coronal", "--size", "4", "--window", "brain"],
  }),
  "volumes of a decathlon": async () => ({
    root: await planted(
      Object.fromEntries(
        ["imagesTr/la_1", "labelsTr/la_1", "imagesTr/la_2", "imagesTs/la_3"].map((path, n) => [
          `Task02/${path}.nii`,
          nifti({ value: (x, y, z) => (path.startsWith("labels") ? x & 1 : x + 4 * y + 12 * z + n) }),
        ]),
      ),
    ),
  }),
  "an archive": async () => ({ root: join(await planted({ "b.npz": npzBytes(medmnist()) }), "b.npz") }),
};

describe("a plan that nobody edits", () => {
  test.each(Object.keys(LAYOUTS))("%s: the same import byte for byte", async (name) => {
    const { root, flags = [] } = await LAYOUTS[name]!();
    const out = join(folder, String(made++));
    await ran("import", root, `${out}-plain/set`, ...flags);
    const plan = await ran("import", root, "--plan", ...flags);
    expect(plan).toContain(`"version": ${MAPPING_VERSION}`);
    await writeFile(`${out}.json`, plan);
    await ran("import", root, `${out}-mapped/set`, "--mapping", `${out}.json`);
    expect(await content(`${out}-mapped/set`)).toEqual(await content(`${out}-plain/set`));
    // Without comments too.
    await writeFile(
      `${out}.json`,
      JSON.stringify(JSON.parse(await ran("import", root, "--plan", "--json", ...flags)).plan),
    );
    await ran("import", root, `${out}-plainer/set`, "--mapping", `${out}.json`);
    expect(await content(`${out}-plainer/set`)).toEqual(await content(`${out}-plain/set`));
  });
});

const table = `Pic;Who;dx;Part;fst\n${rows((i) => `${i};p${i};${["nv", "mel", "bkl", "nv"][i - 1]};${i % 2 ? "train" : "test"};1`)}`;
const edited = async (mapping: string, files: Tree = { "t.csv": table }) => {
  const root = await planted(await images(...numbers.map((i) => `pics/${i}.png`)), files);
  const path = join(folder, `${made++}.jsonc`);
  await writeFile(path, mapping);
  return { root, path, out: join(folder, String(made++)) };
};

test("an edited mapping: roles named or taken away, classes renamed, merged and left out, size", async () => {
  const { root, path, out } = await edited(`// mine
  { "version": 1, /* two columns */ "label": "dx", "patient": "Who", "split": null, "size": 4,
    "classes": { "nv": "benign", "bkl": "benign", "mel": null, }, // a comma at the end
  }`);
  await ran("import", root, out, "--mapping", path);
  const copy = await readDataset(out);
  expect(copy.classes).toEqual(["benign"]);
  expect(copy.samples).toHaveLength(3);
  expect(copy.columns).toMatchObject({ label: "dx", patient: "Who" });
  expect(copy.samples[0]!.split).toBeUndefined();
  expect(copy.samples[0]!.attributes).toMatchObject({ Part: "train", source: "pics/1.png" });
});

test("flags beside a mapping come first", async () => {
  const { root, path, out } = await edited('{"version":1,"label":"dx","patient":null}');
  await ran("import", root, out, "--mapping", path, "--label", "Part");
  const copy = await readDataset(out);
  expect([copy.classes, copy.columns.patient]).toEqual([["test", "train"], undefined]);
});

test.each([
  ['{"version": 2, "new": 1}', /is of version 2, and this Ganglion reads version 1; update Ganglion/],
  ['{"version": 1, "pacient": "dx"}', /there is no key "pacient", perhaps "patient" is meant/],
  ['{"version": 1, "label": 3}', /label: found 3; write text in double quotes/],
  ['{"label": "dx"}', /version: nothing is there; write 1/],
  ['{"version": 1\n "label": "dx"}', /:2: this is not JSON/],
  ['{"version": 1, "uncertain": "maybe"}', /uncertain: found "maybe"; write one of "zeros", "ones", "ignore"/],
  ['{"version": 1, "maskValues": ["red"]}', /maskValues/],
  ['{"version": 1, "classes": {"nv": ""}}', /classes\.nv: found ""; write text of at least 1 character/],
])("a mapping that cannot be read: %s", async (text, message) => {
  const { root, path, out } = await edited(text);
  const { code, err } = await callProgram(["import", root, out, "--mapping", path]);
  expect(code).toBe(2);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(err).toMatch(message);
  expect(err).toContain(path);
});

test.each([
  [
    '{"version": 1, "label": "nothing"}',
    /there is no column "nothing" for the label \(named by ".*jsonc"\); the columns are Pic, Who/,
  ],
  ['{"version": 1, "file": "nothing"}', /nothing/],
  ['{"version": 1, "table": "nothing.csv"}', /there is no table "nothing\.csv" \(".*jsonc"\); the tables are t\.csv/],
  ['{"version": 1, "annotations": "b.json"}', /no annotation file of a known format/],
  ['{"version": 1, "classes": {"zz": "a"}}', /there is no class "zz" \(classes\); the classes are bkl, mel, nv/],
  ['{"version": 1, "classes": {"nv": null, "bkl": null, "mel": null}}', /every class is left out/],
])("a mapping that does not fit: %s", async (text, message) => {
  const { root, path, out } = await edited(text);
  const { code, err } = await callProgram(["import", root, out, "--mapping", path]);
  expect(code).toBe(1);
  expect(err).toMatch(message);
  // Notes may come before; the error is one line.
  expect(err.slice(err.indexOf("ganglion:")).trim()).not.toContain("\n");
});

test("docs/mapping.schema.json is the schema of this version, and docs/data.md names every key", async () => {
  const schema = mappingJsonSchema();
  expect(JSON.parse(await readFile("docs/mapping.schema.json", "utf8"))).toEqual(schema);
  const text = await readFile("docs/data.md", "utf8");
  for (const key of Object.keys(schema.properties as object))
    if (key !== "$schema") expect(text).toContain(`\`${key}\``);
});

describe("a folder of DICOM", () => {
  /** Twelve-bit files of two patients in folders of classes, with a table of boxes. */
  async function dicomFolder(): Promise<{ root: string; labels: string }> {
    const file = (i: number, further: BuiltElement[]) =>
      buildDicom(
        greyElements(
          4,
          4,
          Array.from({ length: 16 }, (_, k) => 100 * i + k),
          [
            [0x00080018, "UI", `1.2.9.${i}`],
            [0x00080060, "CS", i === 4 ? "CT" : "MR"],
            [0x00100020, "LO", `P${i % 2}`],
            [0x0020000d, "UI", `1.3.9.${i}`],
            [0x0020000e, "UI", `1.4.9.${i}`],
            ...further,
          ],
        ),
      );
    const shown: BuiltElement[] = [
      [0x00281050, "DS", "200"],
      [0x00281051, "DS", "100"],
      [0x00281055, "LO", "SOFT"],
    ];
    const root = await planted(
      Object.fromEntries(
        numbers.map((i) => [`${i % 2 ? "nv" : "mel"}/P${i % 2}/scan${i}.dcm`, file(i, i === 1 ? shown : [])]),
      ),
      { "read me.txt": "x" },
    );
    const labels = `${root}-labels.csv`;
    await writeFile(
      labels,
      `patientId,x,y,width,height,Target\nscan1,0,0,2,2,1\nscan1,1,1,2,3,1\nscan2,,,,,0\nscan3,,,,,0\n`,
    );
    return { root, labels };
  }

  test.each<readonly [string, (labels: string) => string[]]>([
    ["nothing said", () => []],
    ["classes by folders, a window and a size", () => ["--label", "folder", "--window", "lung", "--size", "2"]],
    ["a table with boxes", (labels) => ["--labels", labels, "--multi-label", "first", "--size", "2"]],
    [
      "a table with its columns said",
      (labels) => ["--labels", labels, "--file", "patientId", "--label", "Target", "--boxes", "x,y,width,height"],
    ],
  ])("a plan that nobody edits, %s: the same import byte for byte", async (_, words) => {
    const { root, labels } = await dicomFolder();
    const out = join(folder, String(made++));
    const flags = words(labels);
    const secret = ["--salt", `${out}.key`];
    await ran("import", root, `${out}-plain/set`, ...secret, ...flags);
    for (const [name, plan] of [
      ["text", await ran("import", root, "--plan", ...flags)],
      ["json", JSON.stringify(JSON.parse(await ran("import", root, "--plan", "--json", ...flags)).plan)],
    ] as const) {
      await writeFile(`${out}.json`, plan);
      await ran("import", root, `${out}-${name}/set`, "--mapping", `${out}.json`, ...secret);
      expect(await content(`${out}-${name}/set`)).toEqual(await content(`${out}-plain/set`));
    }
    expect(await readdir(root)).toEqual(["mel", "nv", "read me.txt"]);
  });

  test("the plan says series, windows, the table and what is left out; nothing is written", async () => {
    const { root, labels } = await dicomFolder();
    const plan = await ran("import", root, "--plan", "--labels", labels);
    expect(plan).toMatch(/DICOM, 3 images of 0, 1; 2 patients, 3 studies/);
    expect(plan).toContain("// series: 3 of MR");
    expect(plan).toContain(
      "// window: 1 file is shown as it says (called SOFT), 2 by the range of values of their series",
    );
    expect(plan).toMatch(/\/\/ .*column patientId names the file; 4 of 4 rows match 3 of 4 files/);
    expect(plan).toMatch(/\/\/ files left out: 1 not DICOM, 1 without a label/);
    expect(plan).toContain(`"labels": ${JSON.stringify(labels)}`);
    expect(plan).toMatch(/"1": "1" \/\/ 1 image$/m);
    expect(await ran("import", root, "--plan")).toMatch(
      /the folders folder_1 \(mel, nv\) may be the classes: --label folder/,
    );
  });

  test("an edited plan: classes renamed, merged and left out; flags first", async () => {
    const { root, labels } = await dicomFolder();
    const path = `${root}.jsonc`;
    const import_ = async (mapping: object, ...flags: string[]) => {
      await writeFile(path, JSON.stringify({ version: 1, ...mapping }));
      const out = join(folder, String(made++));
      await ran("import", root, out, "--mapping", path, ...flags);
      return readDataset(out);
    };
    const renamed = await import_({ label: "folder", classes: { nv: "benign", mel: null } });
    expect([renamed.classes, renamed.samples.length]).toEqual([["benign"], 2]);
    expect((await import_({ label: "folder", size: 2 }, "--label", "Modality")).classes).toEqual(["CT", "MR"]);
    expect((await import_({ labels, boxes: null })).columns.box).toBeUndefined();
  });

  test.each([
    [{ label: "folder", classes: { zz: "a" } }, 1, /there is no class "zz" \(classes\); the classes are mel, nv/],
    [{ mask: "m" }, 2, /mask is for folders of images, and SRC is DICOM; leave it out/],
    [
      { table: "t.csv" },
      2,
      /table is for folders of images, and SRC is DICOM; leave it out; a table of labels is labels/,
    ],
    [{ split: "part" }, 2, /split speak of a table of labels, and there is none; name it with "labels"/],
    [{ labels: "nowhere.csv" }, 1, /nowhere\.csv/],
    [{ window: "LIVER" }, 2, /there is no window of this name, the files name SOFT/],
  ])("a mapping that does not fit: %j", async (mapping, code, message) => {
    const { root } = await dicomFolder();
    await writeFile(`${root}.jsonc`, JSON.stringify({ version: 1, ...mapping }));
    const found = await callProgram(["import", root, `${root}-out`, "--mapping", `${root}.jsonc`]);
    expect([found.code, found.err]).toEqual([code, expect.stringMatching(message)]);
  });

  test("a window by its name is for DICOM alone", async () => {
    const { root, path, out } = await edited('{"version":1,"window":"lung"}');
    const found = await callProgram(["import", root, out, "--mapping", path]);
    expect([found.code, found.err]).toEqual([2, expect.stringMatching(/window "lung" is a name/)]);
  });
});

describe("volumes", () => {
  const volume = (n: number) => nifti({ value: (x, y, z) => x + 4 * y + 12 * z + n });
  const sites = () =>
    planted(
      Object.fromEntries(
        ["siteA", "siteB"].flatMap((site, k) =>
          ["train", "test"].flatMap((split, j) =>
            [1, 2].map((n) => [`${site}/${split}/v${n}${j}${k}.nii.gz`, gzipSync(volume(10 * k + 3 * j + n))]),
          ),
        ),
      ),
    );
  const read = async (root: string, mapping: object, ...flags: string[]) => {
    const path = `${root}-${made++}.jsonc`;
    await writeFile(path, JSON.stringify({ version: 1, ...mapping }));
    const out = join(folder, String(made++));
    await ran("import", root, out, "--mapping", path, ...flags);
    return readDataset(out);
  };

  test("the plan says volumes, masks, patients, folders; no volume is read for it", async () => {
    const root = await planted({
      "imagesTr/a.nii.gz": "damaged",
      "labelsTr/a.nii.gz": "damaged",
      "imagesTr/b.nii.gz": "damaged",
    });
    const plan = await ran("import", root, "--plan", "--axis", "sagittal");
    expect(plan).toMatch(/NIfTI, 2 volumes \(1 with masks\) of 2 patients/);
    expect(plan).toContain('"axis": "sagittal",');
    expect(plan).toContain("// the patients are the volumes");
  });

  test("folders are roles: classes, splits and patients by their level, renamed, merged or left out", async () => {
    const root = await sites();
    const found = await read(root, {});
    expect([found.classes, [...new Set(found.samples.map(({ split }) => split))]]).toEqual([
      ["siteA", "siteB"],
      ["test", "train"],
    ]);
    const set = await read(root, { label: "folder_2", split: null, patient: "folder_1", axis: "coronal" });
    expect([set.classes, set.columns.split, set.samples[0]!.patient, set.samples[0]!.attributes.plane]).toEqual([
      ["test", "train"],
      undefined,
      "siteA",
      "coronal",
    ]);
    const renamed = await read(root, { classes: { siteA: null, siteB: "here" } });
    expect([renamed.classes, new Set(renamed.samples.map(({ patient }) => patient)).size]).toEqual([["here"], 4]);
    expect((await read(root, { label: "folder_2" }, "--label", "folder_1")).classes).toEqual(["siteA", "siteB"]);
  });

  test.each([
    [{ label: "folder_7" }, 1, /"folder_7" is no level of folders .*folder_1 \(siteA, siteB\)/],
    [{ mask: "m", missing: ["x"] }, 2, /mask, missing are for images with a table or for DICOM, and SRC is NIfTI/],
    [{ window: "mine" }, 2, /volumes have no windows of their own/],
    [{ classes: { zz: "a" } }, 1, /there is no class "zz" \(classes\); the classes are siteA, siteB/],
    [{ classes: { siteA: null, siteB: null } }, 1, /every class is left out/],
  ])("a mapping that does not fit: %j", async (mapping, code, message) => {
    const root = await sites();
    await writeFile(`${root}.jsonc`, JSON.stringify({ version: 1, ...mapping }));
    const found = await callProgram(["import", root, `${root}-out`, "--mapping", `${root}.jsonc`]);
    expect([found.code, found.err]).toEqual([code, expect.stringMatching(message)]);
  });

  test("planes are of volumes alone", async () => {
    const { root, path, out } = await edited('{"version":1,"axis":"axial"}');
    const found = await callProgram(["import", root, out, "--mapping", path]);
    expect([found.code, found.err]).toEqual([2, expect.stringMatching(/axis is for NIfTI volumes/)]);
  });
});

test("a plan ends with the command that takes it back, as it is pasted", async () => {
  const { root } = await edited("{}");
  const named = await planted({ "my set/a/1.png": await pngOf(1), "my set/b/2.png": await pngOf(2) });
  expect(await ran("import", root, "--plan")).toMatch(/^\/\/ ganglion import \S+ \S+ --mapping mapping\.jsonc$/m);
  expect(await ran("import", join(named, "my set"), "--plan")).toContain(
    `// ganglion import '${join(named, "my set")}' dataset --mapping mapping.jsonc`,
  );
});

test("OUT is needed but for a plan", async () => {
  const { root } = await edited("{}");
  expect((await callProgram(["import", root])).code).toBe(2);
  expect(await readdir(root)).toEqual(["pics", "t.csv"]);
});
