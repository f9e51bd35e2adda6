import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import { formatCsvRow } from "../csv.ts";
import { readDataset } from "../dataset.ts";
import { encodePng } from "../image.ts";
import { medmnist, npzBytes, pngOf, writeFiles } from "../testing/fixtures.ts";
import type { RawImage } from "../types.ts";
import { drawSplit } from "./draw-split.ts";
import { groupImages } from "./image-groups.ts";
import { writeSplit } from "./write-split.ts";

/** Forty-eight images of noise in three classes, two of each patient, with sex and age. */
async function tabled(columns: readonly string[] = []): Promise<string> {
  const root = await temporaryFolder();
  const files: Record<string, Uint8Array> = {};
  const rows = [["file_name", "dx", "patient_id", "sex", "age", ...columns]];
  for (let i = 0; i < 48; i++) {
    files[`images/${i}.png`] = await pngOf(i);
    const patient = i >> 1;
    const label = patient < 16 ? "nevus" : patient < 21 ? "melanoma" : "scar";
    const sex = patient % 2 ? "male" : "female";
    rows.push([
      `images/${i}.png`,
      label,
      `p${patient}`,
      sex,
      String(20 + patient),
      ...columns.map((name) => `${name}${i}`),
    ]);
  }
  return writeFiles(root, { ...files, "metadata.csv": rows.map(formatCsvRow).join("") });
}

describe("a split that is drawn", () => {
  test("of six images says that few images, and no groups, are why more are held out than asked for", async () => {
    const files = await Promise.all(Array.from({ length: 6 }, async (_, i) => [`c${i % 3}/${i}.png`, await pngOf(i)]));
    const root = await writeFiles(await temporaryFolder(), Object.fromEntries(files));
    const { notes } = await drawSplit(await readDataset(root));
    expect(notes.join("\n")).toMatch(
      /holdout has 50 % of the images .*: there are so few images that one of each class/,
    );
    expect(notes.join("\n")).not.toContain("groups are not divided");
  });

  test("keeps patients whole, has each class in every part in its share, and counts what it did", async () => {
    const dataset = await readDataset(await tabled());
    const drawn = await drawSplit(dataset, { holdout: 0.25, val: 0.2 });
    const sides = new Map<string, Set<string>>();
    dataset.samples.forEach(({ patient }, i) => {
      sides.set(patient!, (sides.get(patient!) ?? new Set()).add(drawn.parts[i]!));
    });
    expect([...sides.values()].every((parts) => parts.size === 1)).toBe(true);
    expect(drawn.total).toEqual({
      train: { images: 26, patients: 13, groups: 13 },
      val: { images: 10, patients: 5, groups: 5 },
      holdout: { images: 12, patients: 6, groups: 6 },
    });
    for (const counts of Object.values(drawn.classes)) {
      for (const part of ["train", "val", "holdout"] as const) expect(counts[part]!.images).toBeGreaterThan(0);
    }
    expect(drawn.how).toMatch(
      /^drawn with seed 0: 20 % for validation, 25 % held out, stratified by class; no patient/,
    );
  });

  test("depends on the seed alone", async () => {
    const dataset = await readDataset(await tabled());
    const parts = async (seed: number) => (await drawSplit(dataset, { seed, alike: "none" })).parts.join();
    expect(await parts(1)).toBe(await parts(1));
    expect(await parts(1)).not.toBe(await parts(2));
  });

  test("spreads the values of further columns, numbers in quarters", async () => {
    const dataset = await readDataset(await tabled());
    const drawn = await drawSplit(dataset, { holdout: 0.25, by: ["sex", "age"] });
    const held = dataset.samples.filter((_, i) => drawn.parts[i] === "holdout");
    const females = held.filter(({ attributes }) => attributes.sex === "female").length;
    expect(Math.abs(females - held.length / 2)).toBeLessThanOrEqual(2);
    const ages = held.map(({ attributes }) => Number(attributes.age));
    expect([Math.min(...ages) < 26, Math.max(...ages) >= 38]).toEqual([true, true]);
    expect(drawn.notes).toContain("column age is taken in quarters, at 26, 32, 38");
    const unknown = await failure(drawSplit(dataset, { by: ["tone"] }));
    expect(unknown.message).toMatch(/^--by tone: there is no such column; the columns are file_name, dx/);
  });

  test("in folds, every training image is in one and no patient in two", async () => {
    const dataset = await readDataset(await tabled());
    const drawn = await drawSplit(dataset, { holdout: 0.25, folds: 3 });
    expect(drawn.folds!.every((fold, i) => fold > 0 === (drawn.parts[i] === "train"))).toBe(true);
    const folds = new Map(dataset.samples.map(({ patient }, i) => [`${patient} ${drawn.folds![i]}`, patient]));
    expect(folds.size).toBe(24);
    expect(drawn.foldCounts.map(({ images }) => images)).toEqual([12, 12, 12]);
  });

  test.each([
    [{ holdout: 0.5, val: 0.5 }, /leave nothing to train on/],
    [{ holdout: 0 }, /makes no split/],
    [{ holdout: -1 }, /--holdout -1: give a share/],
    [{ val: 0.1, folds: 3 }, /leave one of them out/],
    [{ folds: 1 }, /--folds 1: give a whole number from 2/],
  ])("%j is wrong usage", async (options, message) => {
    const error = await failure(drawSplit(await readDataset(await tabled()), options));
    expect([error.code, error.message]).toEqual(["usage", expect.stringMatching(message)]);
  });

  test("says what it could not do: a class of one patient, a group that is not divided", async () => {
    const root = await tabled();
    const path = join(root, "metadata.csv");
    await writeFile(path, (await readFile(path, "utf8")).replace(/,p\d+,/g, ",one,"));
    const { notes, total } = await drawSplit(await readDataset(root));
    expect(total.holdout!.images).toBe(0);
    expect(notes.join("\n")).toMatch(/holdout has no image of melanoma, nevus, scar/);
    expect(notes.join("\n")).toMatch(/0 % of the images where 15 % .* the largest has 48 images/);
  });
});

describe("near duplicates", () => {
  const mirrored = ({ width, height, channels, data }: RawImage): RawImage => {
    const out = new Uint8Array(data.length);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++)
          out[(y * width + x) * channels + c] = data[(y * width + width - 1 - x) * channels + c]!;
    return { width, height, channels, data: out };
  };

  /** Thirty lesions of two classes without patients; the last six are the first six again: equal, lighter or mirrored. */
  async function repeated(): Promise<string> {
    const pictures = phantomPlan(24, 3).map((spec) => renderPhantom(spec, 48).image);
    const again = pictures.slice(0, 6).map((image, i) => {
      if (i % 3 === 0) return image;
      return i % 3 === 1 ? mirrored(image) : { ...image, data: image.data.map((v) => Math.min(255, v + 12)) };
    });
    const files: Record<string, Uint8Array> = {};
    for (const [i, image] of [...pictures, ...again].entries()) {
      files[`${i % 2 ? "a" : "b"}/${String(i).padStart(2, "0")}.png`] = await encodePng(image);
    }
    return writeFiles(await temporaryFolder(), files);
  }

  test("are one group: equal, lighter and mirrored ones are on the side of their picture", {
    timeout: 60_000,
  }, async () => {
    const dataset = await readDataset(await repeated());
    const at = (i: number) =>
      dataset.samples.findIndex(({ fileName }) => fileName.endsWith(`/${String(i).padStart(2, "0")}.png`));
    const { groups, count, links } = await groupImages(dataset, "all");
    expect([count, links.length]).toEqual([24, 6]);
    for (let i = 0; i < 6; i++) expect(groups[at(i)]).toBe(groups[at(24 + i)]);
    for (const seed of [0, 1, 2]) {
      const { parts } = await drawSplit(dataset, { holdout: 0.4, seed });
      for (let i = 0; i < 6; i++) expect(parts[at(i)]).toBe(parts[at(24 + i)]);
    }
    expect((await groupImages(dataset, "none")).count).toBe(30);
  });

  test("images of one value are no duplicates of each other", async () => {
    const grey = { width: 8, height: 8, channels: 1, data: new Uint8Array(64) } as const;
    const files = { "a/1.png": await encodePng(grey), "a/2.png": await encodePng(grey), "b/1.png": await pngOf(1) };
    const dataset = await readDataset(await writeFiles(await temporaryFolder(), files));
    expect((await groupImages(dataset, "all")).count).toBe(3);
  });

  test("an image that cannot be read is named", async () => {
    const files = { "a/1.png": await pngOf(1), "b/2.png": (await pngOf(2)).slice(0, 60) };
    const error = await failure(drawSplit(await readDataset(await writeFiles(await temporaryFolder(), files))));
    expect([error.code, error.message]).toEqual(["image", expect.stringContaining("b/2.png")]);
  });
});

describe("a split that is written", () => {
  test("is a column of metadata.csv, which the dataset then names; other cells stay as they were", async () => {
    const root = await tabled(["note"]);
    const before = await readDataset(root, { label: "dx" });
    const drawn = await drawSplit(before, { alike: "none" });
    const place = await writeSplit(before, drawn, { read: { label: "dx" } });
    expect(place).toEqual({ file: join(root, "metadata.csv"), column: "split", foldColumn: null });
    const after = await readDataset(root);
    expect(after.samples.map(({ split }) => split)).toEqual(drawn.parts);
    const without = ({ split: _, ...rest }: (typeof after.samples)[number]) => rest;
    expect(after.samples.map(without)).toEqual(before.samples);
    expect(JSON.parse(await readFile(join(root, "dataset.json"), "utf8"))).toEqual({ label: "dx", split: "split" });
  });

  test("overwrites nothing without being told to", async () => {
    const root = await tabled();
    const first = await readDataset(root);
    const drawn = await drawSplit(first, { alike: "none" });
    await writeSplit(first, drawn);
    const text = await readFile(join(root, "metadata.csv"), "utf8");
    const again = await readDataset(root);
    const error = await failure(writeSplit(again, drawn));
    expect([error.code, error.message]).toEqual([
      "usage",
      expect.stringMatching(
        /has a split already \(column "split"\); --column NAME writes another .* --overwrite replaces/,
      ),
    ]);
    for (const column of ["sex", "split", "dx"]) {
      expect((await failure(writeSplit(again, drawn, { column }))).message).toMatch(/has a column "\w+" already/);
    }
    expect(await readFile(join(root, "metadata.csv"), "utf8")).toBe(text);
    const other = await drawSplit(again, { alike: "none", seed: 5, folds: 2 });
    await writeSplit(again, other, { column: "second" });
    const both = await readDataset(root);
    expect(both.samples.map(({ split }) => split)).toEqual(other.parts);
    expect(both.samples.map(({ attributes }) => attributes.split)).toEqual(drawn.parts);
    expect(both.samples.map(({ attributes }) => attributes.second_fold)).toEqual(
      other.folds!.map((f) => String(f || "")),
    );
    expect((await readDataset(root, { where: ["second_fold!=1", "second=train"] })).samples.length).toBe(
      other.folds!.filter((fold) => fold === 2).length,
    );
    await writeSplit(both, drawn, { overwrite: true });
    expect((await readDataset(root)).samples.map(({ split }) => split)).toEqual(drawn.parts);
  });

  test.each(["class folders", "an npz", "a csv beside"])("stands in a table of its own for %s", async (kind) => {
    const folder = await temporaryFolder();
    const images = Object.fromEntries(
      await Promise.all(
        Array.from({ length: 12 }, async (_, i) => [`${i % 2 ? "a" : "b"}/${i}.png`, await pngOf(i)] as const),
      ),
    );
    let root = folder;
    if (kind === "an npz") {
      root = join(folder, "set.npz");
      await writeFile(root, npzBytes(medmnist(6)));
    } else if (kind === "class folders") await writeFiles(folder, images);
    else {
      const flat = Object.fromEntries(
        Object.entries(images).map(([name, bytes]) => [`part_1/${name.slice(2)}`, bytes]),
      );
      const table = `image_id;dx\n${Array.from({ length: 12 }, (_, i) => `${i};${i % 2 ? "a" : "b"}\n`).join("")}`;
      await writeFiles(folder, { ...flat, "HAM_metadata.csv": table });
    }
    const before = await readDataset(root);
    const drawn = await drawSplit(before, { holdout: 0.3, alike: "none" });
    const { file } = await writeSplit(before, drawn, { column: "mine" });
    expect(file).toBe(kind === "an npz" ? `${root}.split.csv` : join(root, "ganglion-split.csv"));
    const after = await readDataset(root);
    expect(after.samples.map(({ fileName, label, split }) => [fileName, label, split])).toEqual(
      before.samples.map(({ fileName, label }, i) => [fileName, label, drawn.parts[i]]),
    );
    expect([after.columns.split, after.reader.name]).toEqual(["mine", before.reader.name]);
    await writeSplit(after, await drawSplit(after, { seed: 3, alike: "none" }), { column: "other" });
    expect((await readDataset(root)).samples.map(({ attributes }) => attributes.mine)).toEqual(drawn.parts);
  });

  test("of a table that names no image is refused, and images it does not name are left out", async () => {
    const files = { "a/1.png": await pngOf(1), "b/2.png": await pngOf(2), "b/3.png": await pngOf(3) };
    const root = await writeFiles(await temporaryFolder(), files);
    await writeFile(join(root, "ganglion-split.csv"), "file_name,split\na/1.png,train\nb/2.png,holdout\n");
    const dataset = await readDataset(root);
    expect(dataset.samples.map(({ split }) => split)).toEqual(["train", "holdout"]);
    expect(dataset.notes.join()).toMatch(/1 image that it does not name is left out/);
    await writeFile(join(root, "ganglion-split.csv"), "file_name,split\nx.png,train\n");
    expect((await failure(readDataset(root))).message).toMatch(/names no image of .*ganglion split/);
    await writeFile(join(root, "ganglion-split.csv"), "name\nx.png\n");
    expect((await failure(readDataset(root))).message).toMatch(/is no table of a split/);
  });
});
