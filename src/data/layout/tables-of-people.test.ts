// Tables as people have them, beside small trees of images.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import type { ColumnOptions } from "../columns.ts";
import { readDataset } from "../dataset.ts";
import { pngOf, writeFiles } from "../testing/fixtures.ts";

const folder = await temporaryFolder();
const png = await pngOf(1);
let made = 0;

/** Reads a folder with the images and the table `metadata.csv`, or other files. */
async function read(images: readonly string[], files: Record<string, string> | string, options: ColumnOptions = {}) {
  const tables = typeof files === "string" ? { "metadata.csv": files } : files;
  const root = join(folder, String(made++));
  await writeFiles(root, { ...Object.fromEntries(images.map((path) => [path, png])), ...tables });
  return readDataset(root, options);
}
const ABC = ["i/a.png", "i/b.png", "i/c.png"];

describe("names of images", () => {
  test.each([
    ["ids without an ending", "file_name,dx\ni/a,nv\ni/b,mel\n"],
    ["another ending", "image,dx\na.dcm,nv\nb.dcm,mel\n"],
    ["separators of Windows", "file_name,dx\ni\\a.png,nv\n.\\i\\b.png,mel\n"],
    ["paths of another machine", "path,dx\n/home/me/set/i/a.png,nv\nC:\\set\\i\\b.png,mel\n"],
    ["another case", "file_name,dx\nI/A.PNG,nv\nI/B.png,mel\n"],
    ["names alone", "img_id,dx\na.png,nv\nb.png,mel\n"],
  ])("%s", async (_, table) => {
    const { samples } = await read(ABC, table);
    expect(samples.map(({ fileName, label }) => [fileName, label])).toEqual([
      ["i/a.png", "nv"],
      ["i/b.png", "mel"],
    ]);
  });

  test("letters composed or not (NFC, NFD)", async () => {
    const nfd = "i/mela\u0301.png";
    expect((await read([nfd], "file_name,dx\ni/mel\u00e1.png,nv\n")).samples[0]!.fileName).toBe(nfd);
  });

  test("one that fits two files, or two that fit one, are problems", async () => {
    const two = await failure(read(["x/a.png", "y/a.png"], "image_id,dx\na,nv\n"));
    expect(two.message).toMatch(/"a" fits 2 files alike \(x\/a\.png, y\/a\.png\)/);
    const one = await failure(read(["a.png", "b.png"], "file_name,dx\nx/a.png,nv\ny/a.png,mel\n"));
    expect(one.message).toMatch(/both fit only the file "a\.png"/);
  });

  test("rows without their image are problems, or left out and said", async () => {
    const table = "file_name,dx\ni/a.png,nv\ngone.png,mel\n";
    expect((await failure(read(ABC, table))).problems).toMatchObject([{ code: "missing-image" }]);
    const { samples, notes } = await read(ABC, table, { skipDamaged: true });
    expect(samples).toHaveLength(1);
    expect(notes.join()).toContain("1 row whose image is not there or empty is left out (gone.png)");
  });
});

describe("several rows of an image", () => {
  test("equal ones count once; boxes and other cells are joined", async () => {
    const table =
      "file_name,dx,x_min,y_min,x_max,y_max,reader\ni/a.png,nv,1,1,2,2,R1\ni/a.png,nv,3,3,4,4,R2\ni/a.png,nv,3,3,4,4,R2\n";
    const { samples, notes } = await read(ABC, table);
    expect(samples).toHaveLength(1);
    expect(samples[0]).toMatchObject({ label: "nv", attributes: { x_min: "1;3", y_max: "2;4", reader: "R1;R2" } });
    expect(notes.join("\n")).toMatch(/1 row is repeated as it is.*1 image has several rows.*boxes are collected/s);
  });

  test("readers that disagree: each label, or what most say", async () => {
    const table = "file_name,dx,reader\ni/a.png,nv,1\ni/a.png,nv,2\ni/a.png,mel,3\n";
    expect((await read(ABC, table)).classes).toEqual(["mel|nv"]);
    expect((await read(ABC, table, { multiLabel: "majority" })).classes).toEqual(["nv"]);
  });

  test("of two patients or splits are problems", async () => {
    const error = await failure(read(ABC, "file_name,dx,patient_id,split\ni/a.png,nv,1,train\ni/a.png,nv,2,test\n"));
    expect(error.problems.map(({ code }) => code)).toEqual(["several-patients", "several-splits"]);
  });
});

describe("labels", () => {
  test("nan, NA, None and null are missing unless that is said", async () => {
    const table = "file_name,dx\ni/a.png,nan\ni/b.png,None\ni/c.png,nv\n";
    const { classes, samples, notes } = await read(ABC, table);
    expect([classes, samples.length]).toEqual([["nv"], 1]);
    expect(notes.join()).toMatch(/2 images have no label.*left out.*--missing ""/);
    expect((await read(ABC, table, { missing: [""] })).classes).toEqual(["None", "nan", "nv"]);
    expect(
      (await read(ABC, { "metadata.csv": table, "dataset.json": '{"label":"dx","missing":["nan"]}' })).classes,
    ).toEqual(["None", "nv"]);
  });

  test("none that looks like one: the flag and the columns are named, and the one folder of all images is no class", async () => {
    const { classes, notes } = await read(ABC, { "rows.csv": "img,Befund,size\na.png,x,1\nb.png,y,2\nc.png,x,3\n" });
    expect(classes).toEqual([""]);
    expect(notes.join("\n")).toMatch(/no column looks like a label.*--label COL; the columns are img, Befund, size/);
    expect(notes.join("\n")).not.toContain("may be the classes");
    const german = await read(ABC, { "rows.csv": "Bild,Diagnose\na.png,x\nb.png,y\nc.png,x\n" });
    expect(german.classes).toEqual(["x", "y"]);
  });

  test("that differ in case, spaces or accents are said", async () => {
    const { classes, notes } = await read(ABC, "file_name,dx\ni/a.png,Nævus á\ni/b.png,nævus  a\ni/c.png,b\n");
    expect(classes).toHaveLength(3);
    expect(notes.join()).toMatch(/classes .* differ only in case, spaces or accents/);
  });

  test.each([
    ["a|b", "b", "a"],
    ["a;b", "b", "a"],
    ['"a,b"', "b", "a"],
    ["\"['a', 'b']\"", "['b']", "['a']"],
  ])("joined as %s are told from single ones", async (both, one, other) => {
    const table = `file_name,finding\ni/a.png,${both}\ni/b.png,${one}\ni/c.png,${other}\n`;
    const { classes, notes } = await read(ABC, table);
    expect(classes).toEqual(["a", "a|b", "b"]);
    expect(notes.join()).toContain("1 image has several labels");
    expect((await read(ABC, table, { multiLabel: "drop" })).samples).toHaveLength(2);
  });

  test("a comma within names of classes joins nothing", async () => {
    const { classes } = await read(
      ABC,
      'file_name,dx\ni/a.png,"lesion, benign"\ni/b.png,"lesion, malignant"\ni/c.png,normal\n',
    );
    expect(classes).toEqual(["lesion, benign", "lesion, malignant", "normal"]);
  });

  test("columns of 0 and 1 that are not the classes by themselves are named, and taken where that is said", async () => {
    const table = "file_name,smoke,itch\ni/a.png,1,1\ni/b.png,0,1\ni/c.png,0,0\n";
    expect((await read(ABC, table)).notes.join()).toContain("--label smoke,itch");
    expect((await read(ABC, table, { label: "smoke,itch" })).classes).toEqual(["itch", "itch|smoke", "negative"]);
  });
});

describe("columns", () => {
  test("a coordinate is never the class", async () => {
    const { columns } = await read(ABC, "file_name,x,y,width,height\ni/a.png,1,2,3,4\ni/b.png,1,3,3,4\n");
    expect(columns).toEqual({ box: ["x_min", "y_min", "x_max", "y_max"] });
  });

  test("any can be said, in any spelling, and is kept in dataset.json", async () => {
    const table = "Pic,Kind of it,Who,Part,Shape\ni/a.png,x,1,train,i/c.png\n";
    const { columns, samples } = await read(ABC, table, {
      file: "pic",
      label: "kind_of_it",
      patient: "Who",
      split: "part",
      mask: "shape",
    });
    expect(columns).toEqual({ label: "Kind of it", patient: "Who", split: "Part", mask: "Shape" });
    expect(samples[0]).toMatchObject({ label: "x", patient: "1", split: "train", mask: "i/c.png" });
    const said = JSON.stringify({ file: "Pic", label: "Kind of it" });
    expect((await read(ABC, { "metadata.csv": table, "dataset.json": said })).classes).toEqual(["x"]);
  });

  test("that fit as well are named", async () => {
    const { notes } = await read(ABC, "file_name,diagnosis,dx\ni/a.png,b,b1\n");
    expect(notes[0]).toContain("column diagnosis is the label (dx would fit too); say otherwise with --label COL");
  });
});

describe("folders", () => {
  test("two readings are listed, none is taken, and the flag settles it", async () => {
    const images = ["siteA/benign/1.png", "siteA/malignant/2.png", "siteB/benign/3.png", "siteB/malignant/4.png"];
    const error = await failure(read(images, {}));
    expect(error.message).toMatch(
      /folder_1 \(siteA, siteB\) as the class: --label folder_1\n.*folder_2 \(benign, malignant\)/,
    );
    const { classes, samples } = await read(images, {}, { label: "folder_2" });
    expect(classes).toEqual(["benign", "malignant"]);
    expect(samples[0]!.attributes).toEqual({ folder_1: "siteA" });
  });

  test("a split beside other folders, and numbers that may be patients, are not guessed", async () => {
    expect((await failure(read(["train/1.png", "extra/2.png"], {}))).message).toMatch(
      /--label folder_1 \(train by the name no class\)\n.*--split folder_1/,
    );
    const split = await read(["train/1.png", "extra/2.png"], {}, { split: "folder_1" });
    expect(split.samples.map((sample) => [sample.label, sample.split])).toEqual([
      ["", "extra"],
      ["", "train"],
    ]);
    const people = ["0001/1.png", "0002/1.png", "0003/1.png"];
    expect((await failure(read(people, {}))).message).toMatch(/as the patient: --patient folder_1/);
    expect((await read(people, {}, { patient: "folder_1" })).samples[0]).toMatchObject({ label: "", patient: "0001" });
  });

  test.each([
    ["validate", "holdout"],
    ["Validation", "hold-out"],
    ["dev", "TEST"],
    ["train_images", "test_images"],
  ])("splits called %s and %s", async (one, other) => {
    const { samples, classes } = await read([`${one}/a/1.png`, `${other}/a/2.png`, `${other}/b/2.png`], {});
    expect(classes).toEqual(["a", "b"]);
    expect(new Set(samples.map(({ split }) => split)).size).toBe(2);
  });

  test("splits within the classes; folds are kept in a column", async () => {
    const { classes, samples } = await read(["a/train/1.png", "a/test/2.png", "b/train/3.png"], {});
    expect([classes, samples.map(({ split }) => split)]).toEqual([
      ["a", "b"],
      ["test", "train", "train"],
    ]);
    const folds = await read(["fold_1/a/1.png", "fold_2/a/2.png", "fold_2/b/3.png"], {});
    expect(folds.samples[0]).toMatchObject({ label: "a", attributes: { folder_1: "fold_1" } });
    expect(folds.columns.split).toBeUndefined();
  });

  test("a table in each split, names from its folder", async () => {
    const { samples } = await read(["train/1.png", "test/1.png"], {
      "train/metadata.csv": "file_name,label\n1.png,a\n",
      "test/metadata.jsonl": '{"file_name":"1.png","label":"b"}\n',
    });
    expect(samples.map(({ fileName, label, split }) => [fileName, label, split])).toEqual([
      ["test/1.png", "b", "test"],
      ["train/1.png", "a", "train"],
    ]);
  });

  test("images in one folder without classes are a set without labels", async () => {
    const { classes, columns } = await read(["seed0001.png", "seed0002.png"], {});
    expect([classes, columns]).toEqual([[""], {}]);
  });

  test("an empty image among class folders is named, with the flag that leaves it out", async () => {
    const root = join(folder, String(made++));
    await writeFiles(root, { "a/1.png": png, "b/2.png": "" });
    expect((await failure(readDataset(root))).message).toMatch(
      /b\/2\.png: the file is empty.*--skip-damaged leaves it out/,
    );
    expect((await readDataset(root, { skipDamaged: true })).samples).toHaveLength(1);
  });

  test("people with masks are no masks", async () => {
    const { classes } = await read(["with_mask/1.png", "without_mask/1.png"], {});
    expect(classes).toEqual(["with_mask", "without_mask"]);
  });
});
