import { execFileSync } from "node:child_process";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { columnNames, columnValue, datasetHash, readDataset } from "./dataset.ts";
import { encodePng } from "./image.ts";
import { imageChannels, readImage, readMask } from "./pixels.ts";
import { medmnist, noiseMask, npzBytes, pngOf, writeFiles } from "./testing/fixtures.ts";

const folder = await temporaryFolder();
const png = await pngOf(1);
let made = 0;

/** A new folder with the given table and the images `a.png`, `b.png`, `c.png`. */
const withTable = (table: string | Uint8Array, more: Record<string, string | Uint8Array> = {}) =>
  writeFiles(join(folder, String(made++)), {
    "metadata.csv": table,
    "a.png": png,
    "b.png": png,
    "c.png": png,
    ...more,
  });

describe("image folder", () => {
  test("rows become samples, roles are guessed and said, the rest are attributes", async () => {
    const root = await withTable(
      "file_name,dx,patient_id,split,age,mask_file_name\n./a.png,nv,p1,Training,55,m.png\nb.png, mel ,p2,validation,,\nc.png,nv,,TEST,7,\n",
      { "m.png": await encodePng(noiseMask(1, 8, 8)) },
    );
    const dataset = await readDataset(root);
    expect(dataset.samples).toEqual([
      { fileName: "a.png", label: "nv", patient: "p1", split: "train", mask: "m.png", attributes: { age: "55" } },
      { fileName: "b.png", label: "mel", patient: "p2", split: "val", attributes: { age: "" } },
      { fileName: "c.png", label: "nv", split: "test", attributes: { age: "7" } },
    ]);
    expect(dataset).toMatchObject({ reader: { name: "imagefolder" }, root, classes: ["mel", "nv"] });
    expect(dataset.columns).toEqual({ label: "dx", patient: "patient_id", split: "split", mask: "mask_file_name" });
    expect(dataset.notes).toHaveLength(5);
    expect(dataset.notes[4]).toContain("1 row has no patient_id");
    expect(columnNames(dataset)).toEqual(["file_name", "dx", "patient_id", "split", "mask_file_name", "age"]);
    expect(columnValue(dataset, dataset.samples[0]!, "age")).toBe("55");
  });

  test("dataset.json names columns, so that nothing is guessed, and states the licence", async () => {
    const description = JSON.stringify({ label: "kind", license: "CC0-1.0", name: "x" });
    const root = await withTable("file_name,label,kind\na.png,1,x\n", { "dataset.json": description });
    const dataset = await readDataset(root);
    expect(dataset).toMatchObject({ classes: ["x"], license: "CC0-1.0", notes: [] });
    expect(dataset.samples[0]!.attributes).toEqual({ label: "1" });
  });

  test("filters keep the rows for which all hold", async () => {
    const root = await withTable("file_name,dx,sex,split\na.png,nv,f,valid\nb.png,mel,f,train\nc.png,nv,m,train\n");
    const names = async (...where: string[]) => (await readDataset(root, { where })).samples.map((s) => s.fileName);
    expect(await names("sex=f")).toEqual(["a.png", "b.png"]);
    expect(await names("sex=f", "split=train")).toEqual(["b.png"]);
    expect(await names("split=validation")).toEqual(["a.png"]);
    expect((await readDataset(root, { where: ["dx=nv"] })).classes).toEqual(["nv"]);
    expect((await failure(readDataset(root, { where: ["sex=x"] }))).message).toContain('values of sex are "f", "m"');
    expect((await failure(readDataset(root, { where: ["age=x"] }))).message).toContain("the columns are file_name, dx");
    expect((await failure(readDataset(root, { where: ["sex"] }))).code).toBe("usage");
  });

  test("images that a file names are left out, before filters; a line that names none is an error", async () => {
    const root = await withTable("file_name,dx,sex\na.png,nv,f\nb.png,mel,f\nc.png,nv,m\n");
    const leaveOut = join(root, "out.txt");
    await writeFile(leaveOut, "b.png\r\n\n a.png \n");
    const dataset = await readDataset(root, { leaveOut });
    expect([dataset.samples.map((s) => s.fileName), dataset.classes]).toEqual([["c.png"], ["nv"]]);
    expect(dataset.notes.at(-1)).toBe(`left out 2 of 3 images (${leaveOut})`);
    const none = await failure(readDataset(root, { leaveOut, where: ["sex=f"] }));
    expect([none.code, none.message]).toEqual(["dataset", expect.stringContaining("no image is left")]);
    await writeFile(leaveOut, "b.png\nd.png\n../a.png\n");
    const unknown = await failure(readDataset(root, { leaveOut }));
    expect([unknown.code, unknown.problems.map(({ path }) => path)]).toEqual([
      ...["usage", [`${leaveOut}:2`, `${leaveOut}:3`]],
    ]);
    await writeFile(leaveOut, "a.png\nb.png\nc.png\n");
    expect((await failure(readDataset(root, { leaveOut }))).message).toContain("it names all 3");
    expect((await failure(readDataset(root, { leaveOut: join(root, "none.txt") }))).code).toBe("files");
  });

  test("a set without a label has one class without a name, and says so", async () => {
    const dataset = await readDataset(await withTable("file_name,age\na.png,5\n"));
    expect(dataset.classes).toEqual([""]);
    expect(dataset.notes.join()).toContain("no column looks like a label");
  });
});

describe("class folders", () => {
  const files = { "mel/1.png": png, "mel/deep/2.PNG": png, "nv/1.jpg": png, "nv/notes.txt": "", ".hidden/1.png": png };

  test("sub-folders are classes", async () => {
    const dataset = await readDataset(await writeFiles(join(folder, "classes"), files));
    expect(dataset).toMatchObject({
      reader: { name: "class-folders" },
      classes: ["mel", "nv"],
      columns: { label: "label" },
    });
    expect(dataset.samples.map((s) => s.fileName)).toEqual(["mel/1.png", "mel/deep/2.PNG", "nv/1.jpg"]);
    expect(dataset.notes.join()).toContain("documents (1)");
  });

  test("within splits", async () => {
    const root = join(folder, "splits");
    await writeFiles(root, { "train/a/1.png": png, "valid/a/1.png": png, "test/b/1.png": png });
    const dataset = await readDataset(root);
    expect(dataset.samples.map((s) => [s.fileName, s.label, s.split])).toEqual([
      ["test/b/1.png", "b", "test"],
      ["train/a/1.png", "a", "train"],
      ["valid/a/1.png", "a", "val"],
    ]);
  });

  test("images beside the folders, empty images and a named column are problems", async () => {
    const root = await writeFiles(join(folder, "loose"), { "a/1.png": png, "a/2.png": "", "x.png": png });
    const error = await failure(readDataset(root));
    expect(error.problems.map((p) => [p.code, p.path])).toEqual([
      ["no-label", root],
      ["empty-file", "a/2.png"],
    ]);
    expect((await failure(readDataset(root, { label: "dx" }))).message).toContain("the columns are label, split");
  });
});

describe("bad input: datasets", () => {
  test("all problems are collected: rows, files, paths, labels", async () => {
    const rows = [
      "a.png,x,",
      "gone.png,x,",
      "../a.png,x,",
      "/etc/passwd.png,x,",
      "a.png,x,",
      "b.png, ,",
      ",x,",
      "c.png,x",
      "t.txt,x,",
      "c.png,x,../../m.png",
      "empty.png,x,",
    ];
    const root = await withTable(`file_name,label,mask\n${rows.join("\n")}\n`, { "t.txt": "t", "empty.png": "" });
    const error = await failure(readDataset(root));
    expect(error.code).toBe("dataset");
    expect(error.problems.map((p) => `${p.path} ${p.code}`)).toEqual([
      "metadata.csv:3 missing-image",
      "metadata.csv:4 path-outside",
      "metadata.csv:5 path-outside",
      "metadata.csv:8 no-file-name",
      "metadata.csv:9 csv-ragged",
      "metadata.csv:10 image-format",
      "metadata.csv:11 path-outside",
      "metadata.csv:12 empty-file",
    ]);
    expect(error.message).toMatch(
      /metadata\.csv:3: the image "gone\.png" does not exist; add the file.*\[missing-image\]/,
    );
    expect(error.message).toMatch(
      /metadata\.csv:4: the image path "\.\.\/a\.png" leads out.*use a path relative to it/,
    );
  });

  test("the first twenty of many problems are shown in full, the rest counted", async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `no${i}.png,x`);
    const error = await failure(readDataset(await withTable(`file_name,label\n${rows.join("\n")}\n`)));
    expect(error.problems).toHaveLength(50);
    expect(error.message.match(/\[missing-image\]/g)).toHaveLength(20);
    expect(error.message).toContain("... and 30 more");
  });

  test("a column that is not there lists those that are", async () => {
    const root = await withTable("file_name,dx\na.png,x\n");
    const error = await failure(readDataset(root, { label: "diagnosis", patient: "who" }));
    expect(error.problems).toHaveLength(2);
    expect(error.message).toMatch(
      /metadata\.csv: there is no column "diagnosis" for the label \(named by --label\); the columns are file_name, dx/,
    );
    const nameless = await failure(readDataset(await withTable("image,dx\nelsewhere.png,x\n")));
    expect(nameless.message).toContain("no column names the images that are there (as file_name does)");
    expect(nameless.message).toContain("--file COL");
    expect(nameless.message).toContain("the columns are image, dx");
  });

  test("empty things: folder, table, rows, folder of other files", async () => {
    const says = async (files: Record<string, string>) =>
      (await failure(readDataset(await writeFiles(join(folder, String(made++)), files)))).message;
    expect(await says({})).toMatch(/the folder is empty; give a folder with metadata\.csv/);
    expect(await says({ "metadata.csv": "" })).toContain("has no header line");
    expect(await says({ "metadata.csv": "file_name,label\n" })).toContain("the table has no rows");
    expect(await says({ "readme.txt": "x" })).toContain(
      "no PNG, JPEG, TIFF, WebP, BMP, GIF or PGM/PPM image was found; give a folder",
    );
    expect(await says({ "a/1.jp2": "x" })).toContain(
      "it holds 1 JPEG 2000 images, which are not read: convert them to PNG",
    );
    expect(await says({ "a.dcm": "x" })).toContain("1 DICOM files; make a dataset of them first with ganglion import");
  });

  test("paths that are nothing or something else", async () => {
    expect((await failure(readDataset(join(folder, "nowhere")))).message).toContain("no such file or folder");
    const root = await withTable("file_name\na.png\n");
    expect((await failure(readDataset(join(root, "a.png")))).message).toContain("a file of a kind that is not read");
  });

  test("a table that is not text, a dataset.json that is not one", async () => {
    const binary = Buffer.from([0x66, 0xff, 0x01, 0x02, 0x0a]);
    expect((await failure(readDataset(await withTable(binary)))).message).toContain("metadata.csv: this is not text");
    const table = "file_name,label\na.png,x\n";
    const broken = await withTable(table, { "dataset.json": "{" });
    expect((await failure(readDataset(broken))).message).toContain("is not valid JSON");
    const wrong = await withTable(table, { "dataset.json": '{"label": 3}' });
    expect((await failure(readDataset(wrong))).message).toContain("dataset.json does not describe a dataset");
  });
});

describe("datasetHash", () => {
  test("names content and labels, not order, notes or further columns", async () => {
    const rows = ["a.png,x,1", "b.png,y,2"];
    const hash = async (header: string, lines: string[], more = {}) =>
      datasetHash(await readDataset(await withTable(`${header}\n${lines.join("\n")}\n`, more)));
    const first = await hash("file_name,label,age", rows);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash("file_name,label,age", [...rows].reverse())).toBe(first);
    expect(await hash("file_name,class,weight", rows)).toBe(first);
    expect(await hash("file_name,label,age", ["a.png,y,1", "b.png,y,2"])).not.toBe(first);
    expect(await hash("file_name,label,age", rows, { "b.png": await pngOf(2) })).not.toBe(first);
  });

  test("of an npz is that of its pixels", async () => {
    const root = await writeFiles(join(folder, "npz"), {
      "deflated.npz": npzBytes(medmnist(), 6),
      "stored.npz": npzBytes(medmnist(), 0),
      "other.npz": npzBytes(medmnist(5)),
    });
    const [a, b, c] = await Promise.all(
      ["deflated", "stored", "other"].map(async (name) => datasetHash(await readDataset(join(root, `${name}.npz`)))),
    );
    expect(a).toBe(b);
    expect(c).not.toBe(a);
  });
});

describe("links", () => {
  /** A dataset with a linked image, a linked folder with an image and a mask, and one image of its own. */
  async function linked(): Promise<string> {
    const root = await withTable("file_name,label,mask_file_name\na.png,x,\nb.png,y,\nmore/c.png,y,more/m.png\n");
    const elsewhere = await writeFiles(join(folder, String(made++)), { "b.png": png, "c.png": png, "m.png": png });
    await rename(join(root, "b.png"), join(root, "own.png"));
    await symlink(join(elsewhere, "b.png"), join(root, "b.png"));
    await symlink(elsewhere, join(root, "more"));
    return root;
  }

  test("of a dataset that a command reads are followed, and counted", async () => {
    const dataset = await readDataset(await linked());
    expect(dataset.notes).toContainEqual(expect.stringContaining("3 of 4 image and mask files are symbolic links"));
    for (const index of [0, 1, 2]) expect((await readImage(dataset, index)).width).toBe(8);
    expect((await readMask(dataset, 2))?.width).toBe(8);
    const plain = await readDataset(await withTable("file_name,label\na.png,x\nb.png,y\n"));
    expect(plain.notes.join()).not.toContain("link");
  });

  test("are refused where that is asked: the table, images, masks, headers, hashes", async () => {
    const dataset = await readDataset(await linked(), { links: "refuse" });
    expect(dataset.notes.join()).not.toContain("symbolic");
    expect((await readImage(dataset, 0)).width).toBe(8);
    const uses = [
      () => readImage(dataset, 1),
      () => readImage(dataset, 2),
      () => readMask(dataset, 2),
      () => datasetHash(dataset),
      () => imageChannels(dataset),
    ];
    for (const use of uses) expect((await failure(use())).message).toContain("this is a symbolic link");
    const table = await linked();
    await rename(join(table, "metadata.csv"), join(table, "table.csv"));
    await symlink(join(table, "table.csv"), join(table, "metadata.csv"));
    expect((await failure(readDataset(table, { links: "refuse" }))).message).toContain("symbolic link");
    expect((await readDataset(table)).samples).toHaveLength(3);
  });

  test("to a FIFO, and one in the place of the table or an image, do not make a command wait", async () => {
    for (const name of ["metadata.csv", "dataset.json", "a.png"]) {
      const root = await withTable("file_name,label\na.png,x\nb.png,y\n");
      await mkdir(join(root, "was"));
      if (name !== "dataset.json") await rename(join(root, name), join(root, "was", name));
      execFileSync("mkfifo", [join(root, "was/pipe")]);
      await symlink(join(root, "was/pipe"), join(root, name));
      expect((await failure(readDataset(root))).message, name).toMatch(/a FIFO|is not a file/);
    }
  }, 10_000);
});
