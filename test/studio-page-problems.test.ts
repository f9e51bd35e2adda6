// Each problem that a reader finds in a folder of images is shown beside its picture or its row, with what mends it.
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { encodePng } from "../src/data/image.ts";
import { checkPage } from "./testing/check-page.ts";
import { missingBrowser } from "./testing/chromium.ts";
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

  beforeAll(async () => {
    root = await realpath(await temporaryFolder());
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
