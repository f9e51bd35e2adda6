import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Progress } from "../core/progress.ts";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { phantomPlan } from "../phantom/plan.ts";
import { renderPhantom } from "../phantom/render.ts";
import { readDataset } from "./dataset.ts";
import { encodePng } from "./image.ts";
import { inspectDataset } from "./inspect.ts";
import { classMontage, montage } from "./montage.ts";
import { medmnist, npzBytes, writeFiles } from "./testing/fixtures.ts";
import type { RawImage } from "./types.ts";

const folder = await temporaryFolder();
const specs = phantomPlan(12, 1);
const pictures = specs.map((spec) => renderPhantom(spec, 64).image);

async function write(name: string, rows: readonly string[], images: Record<string, RawImage | Uint8Array>) {
  const files: Record<string, string | Uint8Array> = { "metadata.csv": `${rows.join("\n")}\n` };
  for (const [file, image] of Object.entries(images)) {
    files[file] = image instanceof Uint8Array ? image : await encodePng(image);
  }
  return writeFiles(join(folder, name), files);
}

describe("inspectDataset", () => {
  test("counts classes, splits, sizes, patients and empty cells, and finds planted copies and leaks", async () => {
    const shifted: RawImage = { ...pictures[2]!, data: pictures[2]!.data.map((value) => Math.min(255, value + 3)) };
    const grey: RawImage = { width: 5, height: 4, channels: 1, data: new Uint8Array(20).fill(9) };
    const path = await write(
      "planted",
      [
        "file_name,label,patient_id,split,age",
        "0.png,nevus,p0,train,40",
        "1.png,nevus,p0,val,",
        "2.png,nevus,p1,train,nan",
        "3.png,fibroma,p2,val,50",
        "4.png,nevus,p3,val,51",
        "5.png,nevus,,test,52",
      ],
      {
        "0.png": pictures[0]!,
        "1.png": pictures[1]!,
        "2.png": pictures[2]!,
        "3.png": pictures[0]!,
        "4.png": shifted,
        "5.png": grey,
      },
    );
    const seen: Progress[] = [];
    const found = await inspectDataset(await readDataset(path), {
      onProgress: (progress) => seen.push({ ...progress }),
    });
    expect(found).toMatchObject({
      images: 6,
      classes: [
        { name: "nevus", count: 5, bySplit: { train: 2, val: 2, test: 1 } },
        { name: "fibroma", count: 1, bySplit: { val: 1 } },
      ],
      imbalance: 5,
      splits: { train: 2, val: 3, test: 1 },
      sizes: [
        { width: 64, height: 64, count: 5 },
        { width: 5, height: 4, count: 1 },
      ],
      channels: { grey: 1, colour: 5 },
      flat: ["5.png"],
      masks: 0,
      patients: { count: 4, imagesPerPatient: { least: 1, median: 1, most: 2 } },
      patientLeaks: [{ patient: "p0", splits: ["train", "val"] }],
      nearDuplicateCount: 1,
    });
    expect(found.missing).toEqual([
      { column: "age", count: 2 },
      { column: "patient_id", count: 1 },
    ]);
    expect(found.exactDuplicates).toEqual([
      {
        images: [
          { fileName: "0.png", label: "nevus", split: "train", patient: "p0" },
          { fileName: "3.png", label: "fibroma", split: "val", patient: "p2" },
        ],
        acrossSplits: true,
        labelsDiffer: true,
      },
    ]);
    expect(found.nearDuplicates).toHaveLength(1);
    expect(found.nearDuplicates[0]!.images.map(({ fileName }) => fileName)).toEqual(["2.png", "4.png"]);
    expect(found.nearDuplicates[0]).toMatchObject({ acrossSplits: true, labelsDiffer: false, samePatient: false });
    expect(found.warnings).toEqual([
      "class fibroma has one image: it can neither be learned nor held out; add images or leave the class out",
      "1 patient is in more than one split",
      "1 image has an exact copy in another split",
      "1 pair of near duplicates is across splits",
      "1 set of duplicates carries different classes",
      "1 image has one single value",
      "grey and colour images are mixed: 1 grey, 5 colour",
    ]);
    const inspected = seen.filter(({ stage }) => stage === "inspect");
    expect(inspected.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seen[0]).toMatchObject({ stage: "inspect", total: 6, unit: "images" });
  });

  test("says nothing about a clean dataset, and names a class that a split lacks", async () => {
    const images = Object.fromEntries(pictures.slice(0, 6).map((picture, n) => [`${n}.png`, picture]));
    const clean = await write(
      "clean",
      ["file_name,label", ...[0, 1, 2, 3, 4, 5].map((n) => `${n}.png,${n % 2}`)],
      images,
    );
    const found = await inspectDataset(await readDataset(clean));
    expect(found).toMatchObject({ warnings: [], exactDuplicates: [], nearDuplicates: [], splits: {}, patients: null });
    const splits = ["train", "train", "train", "train", "val", "train"];
    const lacking = await write(
      "lacking",
      ["file_name,label,split", ...splits.map((split, n) => `${n}.png,${n % 2},${split}`)],
      images,
    );
    expect((await inspectDataset(await readDataset(lacking))).warnings).toEqual(["split val has no image of 1"]);
  });

  test("reads an npz in the MedMNIST layout, and images without any label", async () => {
    const npz = join(await writeFiles(join(folder, "npz"), { "small.npz": npzBytes(medmnist(4)) }), "small.npz");
    const found = await inspectDataset(await readDataset(npz));
    expect(found).toMatchObject({
      images: 12,
      kind: "npz",
      splits: { train: 4, val: 4, test: 4 },
      channels: { grey: 12 },
    });
    expect(found.sizes).toEqual([{ width: 5, height: 6, count: 12 }]);
    expect(found.exactDuplicates).toEqual([]);
    const plain = await write("plain", ["file_name", "0.png", "1.png"], {
      "0.png": pictures[0]!,
      "1.png": pictures[1]!,
    });
    expect(await inspectDataset(await readDataset(plain))).toMatchObject({ images: 2, imbalance: 1, warnings: [] });
  });

  test("lists every image that cannot be read", async () => {
    const whole = await encodePng(pictures[0]!);
    const path = await write("broken", ["file_name,label", "a.png,x", "b.png,x", "c.png,x"], {
      "a.png": whole.subarray(0, whole.length >> 1),
      "b.png": whole,
      "c.png": new Uint8Array(40),
    });
    const dataset = await readDataset(path).catch((error) => error);
    // Whoever finds the damage first, both files are named at once.
    const error = dataset instanceof Error ? dataset : await inspectDataset(dataset).catch((cause) => cause);
    expect(error.problems.map((problem: { path: string }) => problem.path)).toEqual(
      expect.arrayContaining([expect.stringContaining("a.png"), expect.stringContaining("c.png")]),
    );
    expect(error.problems).toHaveLength(2);
  });
});

describe("montage", () => {
  const dot = (value: number, channels: 1 | 3): RawImage => ({
    width: 1,
    height: 1,
    channels,
    data: new Uint8Array(channels).fill(value),
  });

  test("lays images in rows on white, grey beside colour", () => {
    expect(montage([dot(1, 1), dot(2, 1), dot(3, 1)], 2, { gap: 1 })).toEqual({
      width: 3,
      height: 3,
      channels: 1,
      data: Uint8Array.of(1, 255, 2, 255, 255, 255, 3, 255, 255),
    });
    expect([...montage([dot(1, 1), dot(2, 3)], 5, { gap: 0 }).data]).toEqual([1, 1, 1, 2, 2, 2]);
    expect([...montage([], 3).data]).toEqual([255]);
  });

  test("has one row a class", async () => {
    const path = await write("rows", ["file_name,label", "0.png,a", "1.png,b", "2.png,b"], {
      "0.png": pictures[0]!,
      "1.png": pictures[1]!,
      "2.png": pictures[2]!,
    });
    const picture = await classMontage(await readDataset(path), { columns: 2, size: 16 });
    expect([picture.width, picture.height, picture.channels]).toEqual([34, 34, 3]);
    const at = (x: number, y: number) => picture.data.slice(3 * (y * 34 + x), 3 * (y * 34 + x) + 3).join(" ");
    // Class a has one image: the second cell of its row stays white.
    expect(at(25, 8)).toBe("255 255 255");
    for (const [x, y] of [
      [8, 8],
      [8, 26],
      [26, 26],
    ])
      expect(at(x!, y!)).not.toBe("255 255 255");
  });
});

describe("real collections", () => {
  const shared = process.env.GANGLION_SHARED ?? "../shared";
  const here = existsSync(join(shared, "data", "isic2017"));
  if (!here && process.env.CI !== "true")
    console.warn(`skipped: no ISIC 2017 images under ${shared} (GANGLION_SHARED)`);

  test.skipIf(!here && process.env.CI !== "true")(
    "finds the known defects of ISIC 2017 and no pair that is not one photograph",
    async () => {
      const dataset = await readDataset(join(shared, "data", "isic2017"), { label: "diagnosis" });
      const found = await inspectDataset(dataset);
      const short = (name: string) => name.replace(/^.*ISIC_00|\.jpg$/g, "");
      expect(found.exactDuplicates.map(({ images }) => images.map(({ fileName }) => short(fileName)))).toEqual([
        ["12970", "12127"],
      ]);
      expect(found.exactDuplicates[0]!.acrossSplits).toBe(true);
      // Looked at one by one: each is one photograph twice, most with other colours.
      expect(
        found.nearDuplicates.map(({ images }) => images.map(({ fileName }) => short(fileName)).join(" ")).sort(),
      ).toEqual(
        [
          "12290 13594",
          "12672 12673",
          "00171 15124",
          "12756 13184",
          "00222 14846",
          "00164 14795",
          "00204 14748",
          "00165 14788",
          "00205 14742",
          "00229 14771",
          "00206 14739",
          "00224 14791",
          "00215 15313",
          // These three lie some hundredths of the side apart.
          "00177 14657",
          "00223 14818",
          "00157 14946",
        ].sort(),
      );
      expect(found.classes.map(({ name, count }) => [name, count])).toEqual([
        ["nevus", 1450],
        ["melanoma", 404],
        ["seborrheic keratosis", 296],
      ]);
      expect(found.splits).toEqual({ train: 2000, val: 150 });
    },
    120_000,
  );
});
