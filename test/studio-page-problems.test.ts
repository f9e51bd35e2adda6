// Each problem that a reader finds in a folder of images is shown beside its picture or its row, with what mends it.
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { encodePng } from "../src/data/image.ts";
import { npyBytes, npzBytes } from "../src/data/testing/fixtures.ts";
import { nifti } from "../src/data/volumes/testing/build-nifti.ts";
import { checkPage } from "./testing/check-page.ts";
import { missingBrowser } from "./testing/chromium.ts";
import { dicomSlice } from "./testing/dicom-folder.ts";
import { openStudio, type StudioVisits } from "./testing/studio-browser.ts";

const JOB = 180_000;
const SIDE = 16;
/** More than the ten that are shown first, so that a damaged one at the end is not among them. */
const IMAGES = 12;
/** The image of the row that is wrong. */
const WRONG = 3;

interface Flaw {
  readonly name: string;
  /** Columns after file_name and label. */
  readonly columns?: readonly string[];
  /** Cells after the file's name, of image `i`. */
  readonly cells?: (i: number) => readonly string[];
  /** A further row. */
  readonly row?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What is said, with its remedy. */
  readonly says: RegExp;
  /** Beside what: cells of the row, the picture, or that there is none. */
  readonly beside: RegExp | "picture" | "no picture";
}

const picture = (side: number, channels: 1 | 3, seed: number) =>
  encodePng({
    width: side,
    height: side,
    channels,
    data: Uint8Array.from({ length: side * side * channels }, (_, i) => (i * 37 + seed * 91) % 256),
  });
const classOf = (i: number) => ["nevus", "melanoma"][i % 2]!;
const boxed = (x: string): Pick<Flaw, "columns" | "cells"> => ({
  columns: ["x_min", "y_min", "x_max", "y_max"],
  cells: (i) => ["2", "2", i === WRONG ? x : "9", "9"],
});
const masked: Pick<Flaw, "columns" | "cells"> = { columns: ["mask_file_name"], cells: (i) => [`masks/${i}.png`] };

/** Found when the folder is opened. */
const OF_ROWS: readonly Flaw[] = [
  { name: "missing-image", row: "images/gone.png,nevus", says: /does not exist; add the file/, beside: /gone\.png/ },
  {
    name: "empty-file",
    row: "images/e.png,nevus",
    files: { "images/e.png": "" },
    says: /is empty \(0 bytes\); restore it/,
    beside: /e\.png[\s\S]*nevus/,
  },
  {
    name: "image-format",
    row: "images/e.svg,nevus",
    files: { "images/e.svg": "<svg/>" },
    says: /convert it to PNG or JPEG/,
    beside: /e\.svg/,
  },
  { name: "path-outside", row: "../../x.png,nevus", says: /leads out of the dataset folder; use/, beside: /x\.png/ },
  {
    name: "ambiguous-file",
    row: "77.png,nevus",
    files: { "p/77.png": "one", "q/77.png": "another" },
    says: /fits 2 files alike[\s\S]*write the path/,
    beside: /77\.png/,
  },
  { name: "no-file-name", row: ",nevus", says: /file_name is empty; name the image/, beside: /label[\s\S]*nevus/ },
  { name: "csv-ragged", row: "images/5.png", says: /has 1 cells where the header has 2[\s\S]*add/, beside: /5\.png/ },
  {
    name: "csv-quote",
    row: '"images/5.png"x,nevus',
    says: /text follows a closing quote[\s\S]*quote the whole cell/,
    beside: /5\.png[\s\S]*nevus/,
  },
  {
    name: "csv-open-quote",
    row: 'images/5.png,"nevus',
    says: /opens here and never closes; close it/,
    beside: /5\.png[\s\S]*nevus/,
  },
];
/** Found when all images are looked at. */
const OF_IMAGES: readonly Flaw[] = [
  {
    name: "foreign",
    row: "images/e.png,nevus",
    files: { "images/e.png": "no picture" },
    says: /images\/e\.png this is not PNG[\s\S]*convert/,
    beside: "no picture",
  },
  {
    name: "tone",
    columns: ["tone"],
    cells: (i) => [i === WRONG ? "IX" : "II"],
    says: /"IX"[\s\S]*give/,
    beside: "picture",
  },
  { name: "box-outside", ...boxed("40"), says: /leaves the image of 16 x 16 pixels; move/, beside: "picture" },
  { name: "box-number", ...boxed("wide"), says: /x_max is "wide"; give/, beside: "picture" },
  {
    name: "mask-damaged",
    ...masked,
    files: { [`masks/${WRONG}.png`]: "no picture" },
    says: /masks\/3\.png this is not PNG[\s\S]*convert/,
    beside: "picture",
  },
];

/** Damage of a file that is no picture of its own. */
interface DamagedFile {
  readonly name: string;
  readonly files: () => Promise<Readonly<Record<string, string | Uint8Array>>> | Readonly<Record<string, Uint8Array>>;
  /** An archive that is chosen. Defaults to the folder. */
  readonly archive?: string;
  /** The file, and what else says where in it. */
  readonly place: RegExp;
  readonly says: RegExp;
}

const pictures = async (): Promise<Record<string, Uint8Array>> =>
  Object.fromEntries(await Promise.all([1, 2, 3, 4, 5, 6].map(async (i) => [`${i}.png`, await picture(SIDE, 3, i)])));
const beside = (text: (i: number) => string, ending: string) => async () => ({
  ...(await pictures()),
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((i) => [`${i}.${ending}`, text(i)])),
});
const rows = (count: number) =>
  npyBytes(
    "|u1",
    [count],
    Uint8Array.from({ length: count }, (_, i) => i % 2),
  );
const grey = (shape: readonly number[]) => npyBytes("|u1", shape, new Uint8Array(shape.reduce((a, b) => a * b, 1)));
const archiveOf = (images: Uint8Array, labels: Uint8Array) =>
  npzBytes({ "train_images.npy": images, "train_labels.npy": labels });
const npz = (name: string, bytes: Uint8Array, place: RegExp, says: RegExp): DamagedFile => ({
  name,
  files: () => ({ "set.npz": bytes }),
  archive: "set.npz",
  place,
  says,
});
const coco = (width: number) =>
  JSON.stringify({
    images: [1, 2, 3, 4, 5, 6].map((id) => ({
      id,
      file_name: `${id}.png`,
      width: id === WRONG ? width : SIDE,
      height: SIDE,
    })),
    annotations: [1, 2, 3, 4, 5, 6].map((id) => ({ id, image_id: id, category_id: id % 2, bbox: [2, 2, 5, 5] })),
    categories: [
      { id: 0, name: "nevus" },
      { id: 1, name: "melanoma" },
    ],
  });
const voc = (i: number, box: readonly number[]) => {
  const corners = ["xmin", "ymin", "xmax", "ymax"].map((name, k) => `<${name}>${box[k]}</${name}>`).join("");
  return `<annotation><filename>${i}.png</filename><object><name>${classOf(i)}</name><bndbox>${corners}</bndbox></object></annotation>`;
};
const labelMe = (i: number) =>
  JSON.stringify({
    imagePath: `${i}.png`,
    imageWidth: SIDE,
    imageHeight: SIDE,
    shapes: [
      {
        label: classOf(i),
        shape_type: "rectangle",
        points: [
          [2, 2],
          [9, 9],
        ],
      },
    ],
  });
const jsonLine = (i: number) => JSON.stringify({ file_name: `${i}.png`, label: classOf(i) });

/** Found when the folder or archive is opened. */
const OF_FILES: readonly DamagedFile[] = [
  npz(
    "npz-labels",
    archiveOf(grey([6, 8, 8]), rows(5)),
    /set\.npz: train_images/,
    /6 images and 5 labels; there must be/,
  ),
  npz("npz-shape", archiveOf(grey([6, 8, 4, 2]), rows(6)), /set\.npz: train_images/, /\(6, 8, 4, 2\)[\s\S]*reshape/),
  npz(
    "npz-cut",
    archiveOf(grey([6, 8, 8]), rows(6)).subarray(0, 90),
    /set\.npz$/,
    /cut short[\s\S]*write the archive again/,
  ),
  npz(
    "npz-page",
    Buffer.from("<!doctype html><html>"),
    /set\.npz$/,
    /a web page \(HTML\)[\s\S]*download the file again/,
  ),
  npz(
    "npz-range",
    archiveOf(
      npyBytes(
        "<f4",
        [6, 8, 8],
        Float32Array.from({ length: 384 }, (_, i) => (i === 70 ? 900 : i % 200)),
      ),
      rows(6),
    ),
    /set\.npz: train_images\[1\]/,
    /is 900; pixels must be[\s\S]*replace or rescale/,
  ),
  {
    name: "json-line",
    files: async () => ({
      ...(await pictures()),
      "metadata.jsonl": `${[1, 2].map(jsonLine).join("\n")}\n{"file_name": "3.png"\n`,
    }),
    place: /metadata\.jsonl:3/,
    says: /not a JSON object[\s\S]*3\.png[\s\S]*write one object a line/,
  },
  {
    name: "not-text",
    files: async () => ({ ...(await pictures()), "metadata.csv": Uint8Array.of(0, 1, 2, 255, 3, 0, 9, 8) }),
    place: /metadata\.csv/,
    says: /not text[\s\S]*saved as UTF-8/,
  },
  {
    name: "coco-size",
    files: async () => ({ ...(await pictures()), "coco.json": coco(99) }),
    place: /coco\.json:3/,
    says: /are of 99 x 16 pixels, and 3\.png has 16 x 16; give/,
  },
  {
    name: "coco-cut",
    files: async () => ({ ...(await pictures()), "coco.json": coco(SIDE).slice(0, 300) }),
    place: /coco\.json/,
    says: /cut short or damaged; restore/,
  },
  {
    name: "labelme-cut",
    files: beside((i) => labelMe(i).slice(0, i === WRONG ? 70 : undefined), "json"),
    place: /3\.json/,
    says: /cut short or damaged; restore/,
  },
  {
    name: "voc-cut",
    files: beside((i) => voc(i, [2, 2, 9, 9]).slice(0, i === WRONG ? 80 : undefined), "xml"),
    place: /3\.xml/,
    says: /cut short or damaged; restore/,
  },
  {
    name: "voc-box",
    files: beside((i) => voc(i, i === WRONG ? [9, 9, 2, 2] : [2, 2, 9, 9]), "xml"),
    place: /3\.xml:1/,
    says: /nothing that is drawn in 3\.png can be read[\s\S]*without a box[\s\S]*correct/,
  },
  {
    name: "yolo-line",
    files: beside((i) => (i === WRONG ? "nevus 2 2 9 9" : `${i % 2} 0.5 0.5 0.2 0.2`), "txt"),
    place: /3\.txt:1/,
    says: /nothing that is drawn in 3 can be read[\s\S]*not of YOLO[\s\S]*correct/,
  },
];

const volume = (dims: readonly number[] = [12, 10, 4]) => nifti({ dims, value: (i, j, k) => i * 7 + j * 3 + k });
/** Found by the import, which makes images of them. */
const OF_IMPORTS: readonly DamagedFile[] = [
  {
    name: "nifti-cut",
    files: () => ({ "1.nii": volume(), "2.nii": volume().subarray(0, 500) }),
    place: /2\.nii/,
    says: /needs 960 bytes of voxels and 148 are there; the file is cut short, restore/,
  },
  {
    name: "nifti-other",
    files: () => ({ "1.nii": volume(), "2.nii": Buffer.from("no volume") }),
    place: /2\.nii/,
    says: /no NIfTI volume of one file; convert/,
  },
  {
    name: "nifti-mask",
    files: () => ({ "images/1.nii": volume(), "labels/1.nii": volume([6, 10, 4]) }),
    place: /labels\/1\.nii/,
    says: /mask has 6 x 10 x 4 voxels, its volume 12 x 10 x 4; bring them to one grid/,
  },
  {
    name: "dicom-cut",
    files: () => ({ "1.dcm": dicomSlice(1), "2.dcm": dicomSlice(2).subarray(0, 600) }),
    place: /2\.dcm/,
    says: /cut short|ends before[\s\S]*restore/,
  },
  {
    name: "dicom-other",
    files: () => ({ "1.dcm": dicomSlice(1), "2.dcm": Buffer.from("no picture") }),
    place: /2\.dcm/,
    says: /not DICOM[\s\S]*remove it or restore/,
  },
];

/** A mask of another size than its image: maps can be made of it, an import wants one size. */
const SMALL_MASK: Flaw = {
  name: "mask-size",
  ...masked,
  files: { [`masks/${WRONG}.png`]: await picture(SIDE / 2, 1, 0) },
  says: /masks\/3\.png the mask has 8 x 8 pixels[\s\S]*make them one size/,
  beside: "picture",
};

describe.skipIf(missingBrowser("problems are not looked at"))("problems of images, in a browser", () => {
  let root: string;
  let visits: StudioVisits;

  async function write({ name, columns = [], cells = () => [], row, files = {} }: Flaw): Promise<void> {
    const folder = join(root, "home", name);
    const rows = [["file_name", "label", ...columns].join(",")];
    const all: Record<string, string | Uint8Array> = {};
    for (let i = 0; i < IMAGES; i++) {
      all[`images/${i}.png`] = await picture(SIDE, 3, i);
      if (columns.includes("mask_file_name")) all[`masks/${i}.png`] = await picture(SIDE, 1, 0);
      rows.push([`images/${i}.png`, classOf(i), ...cells(i)].join(","));
    }
    for (const [path, content] of Object.entries({ ...all, ...files })) {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await writeFile(join(folder, "metadata.csv"), `${[...rows, ...(row === undefined ? [] : [row])].join("\n")}\n`);
  }

  async function writeFiles({ name, files }: DamagedFile): Promise<void> {
    for (const [path, content] of Object.entries(await files())) {
      await mkdir(join(root, "home", name, path, ".."), { recursive: true });
      await writeFile(join(root, "home", name, path), content);
    }
  }

  beforeAll(async () => {
    root = await realpath(await temporaryFolder());
    for (const damaged of [...OF_FILES, ...OF_IMPORTS]) await writeFiles(damaged);
    for (const flaw of [...OF_ROWS, ...OF_IMAGES, SMALL_MASK]) await write(flaw);
    visits = await openStudio(join(root, "work"), [join(root, "home")]);
  });
  afterAll(() => visits?.close());

  test("beside the cells of their rows, before anything is read", { timeout: JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(JOB);
      for (const { name, says, beside } of OF_ROWS) {
        await page.getByRole("button", { name: `${name}/`, exact: true }).press("Enter");
        await page.getByRole("button", { name: "Use this folder" }).press("Enter");
        const problem = page.locator(".problem-list li").first();
        await problem.waitFor();
        expect(await problem.innerText(), name).toMatch(says);
        expect(await problem.locator(".problem-row").innerText(), name).toMatch(beside as RegExp);
        if (name === "missing-image") await checkPage(page, "rows");
        await page.getByRole("button", { name: "Choose another folder" }).press("Enter");
      }
    });
  });

  test("beside their files and places in these: archives, lines of JSON, annotations", { timeout: JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(JOB);
      for (const { name, archive, place, says } of OF_FILES) {
        await page.getByRole("button", { name: `${name}/`, exact: true }).press("Enter");
        await page.getByRole("button", { name: archive ?? "Use this folder", exact: true }).press("Enter");
        const problem = page.locator(".problem-list li");
        await problem.first().waitFor();
        expect(await problem.count(), name).toBe(1);
        expect(await problem.locator("b").innerText(), name).toMatch(place);
        expect(await problem.innerText(), name).toMatch(says);
        if (name === "npz-range") await checkPage(page, "archive");
        await page.getByRole("button", { name: "Choose another folder" }).press("Enter");
      }
    });
  });

  test("beside their files in the job, where an import makes images of them", { timeout: 2 * JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(JOB);
      for (const { name, place, says } of OF_IMPORTS) {
        await page.getByRole("button", { name: `${name}/`, exact: true }).press("Enter");
        await page.getByRole("button", { name: "Use this folder" }).press("Enter");
        await page.getByText("become images by the import").waitFor();
        expect(await page.locator(".problem-list li").count(), name).toBe(0);
        await page.getByLabel("Name of the new folder").fill(`of-${name}`);
        await page.getByRole("button", { name: "Start" }).press("Enter");
        const problem = page.locator(".job.failed", { hasText: `of-${name}` }).locator(".problem-list li");
        await problem.first().waitFor();
        expect(await problem.count(), name).toBe(1);
        expect(await problem.locator("b").innerText(), name).toMatch(place);
        expect(await problem.innerText(), name).toMatch(says);
        await page.evaluate("void (location.hash = '#/project/import')");
      }
    });
  });

  test("beside their pictures, once the images are looked at", { timeout: 2 * JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(JOB);
      for (const { name, says, beside } of OF_IMAGES) {
        await page.getByRole("button", { name: `${name}/`, exact: true }).press("Enter");
        await page.getByRole("button", { name: "Use this folder" }).press("Enter");
        await page.getByRole("button", { name: "Look at the images" }).press("Enter");
        const problem = page.locator(".problem-list li").first();
        await problem.waitFor();
        expect(await problem.innerText(), name).toMatch(says);
        expect(await problem.locator(".no-picture").count(), name).toBe(beside === "no picture" ? 1 : 0);
        if (beside === "picture") {
          await problem.locator("img").evaluate((img) => (img as unknown as { decode(): Promise<void> }).decode());
          expect(await problem.locator("img").getAttribute("src"), name).toContain(`/${WRONG}.png`);
        }
        await page.getByRole("button", { name: "Choose another folder" }).press("Enter");
      }
    });
  });

  test("beside the picture in the job, where only the import finds it", { timeout: JOB }, async () => {
    await visits.visit("#/project/import", {}, async (page) => {
      page.setDefaultTimeout(JOB);
      await page.getByRole("button", { name: `${SMALL_MASK.name}/`, exact: true }).press("Enter");
      await page.getByRole("button", { name: "Use this folder" }).press("Enter");
      await page.getByLabel("Name of the new folder").fill("masked");
      await page.getByRole("button", { name: "Start" }).press("Enter");
      const problem = page.locator(".job.failed .problem-list li").first();
      await problem.waitFor();
      expect(await problem.innerText()).toMatch(SMALL_MASK.says);
      await problem.locator("img").evaluate((img) => (img as unknown as { decode(): Promise<void> }).decode());
      expect(await problem.locator("img").getAttribute("src")).toContain(`/${WRONG}.png`);
      await checkPage(page, "job");
    });
  });
});
