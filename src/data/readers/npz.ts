import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { counted } from "../../core/counted.ts";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { quoted } from "../../core/quoted.ts";
import { type ColumnOptions, listColumns } from "../columns.ts";
import { pixelHash } from "../image.ts";
import { leftOutDamaged } from "../image-problems.ts";
import { checkClasses, normaliseSplit, sortClasses } from "../names.ts";
import type { Dataset, RawImage, Sample, SampleReader } from "../types.ts";
import { type NpyArray, npyNumbers } from "./npy.ts";
import { findLayout, imageShape, readArray, readLabels, type SplitImages } from "./npz-arrays.ts";
import type { DatasetReader } from "./reader.ts";
import { openZip } from "./zip.ts";

const ENDING = /\.npz$/i;

/** Arrays of images and labels in one archive of NumPy, in the layout of MedMNIST. */
export const npz: DatasetReader = {
  file: "an .npz in the MedMNIST layout",
  async recognise({ root, isFolder }) {
    if (isFolder || !ENDING.test(root)) return null;
    return {
      certainty: "marked",
      evidence: ["a file name that ends in .npz"],
      read: (options) => readNpz(root, options),
    };
  },
};

/**
 * Reads the layout of MedMNIST: `train_images` `[N, H, W]` or `[N, H, W, 3]`, `train_labels` `[N]` or `[N, 1]`, the
 * same for `val` and `test`. Labels are read, of images only the headers unless they need a look at every value.
 * @throws GanglionError `archive` or `dataset`
 */
async function readNpz(root: string, options: ColumnOptions): Promise<Dataset> {
  const notes: string[] = [];
  const problems: Problem[] = [];
  for (const role of ["label", "patient", "table", "file", "split", "mask", "boxes"] as const) {
    const name = options[role];
    if (name === undefined || ((role === "label" || role === "split") && name === role)) continue;
    const message = `there is no column ${quoted(name)} (--${role}) in an .npz; ${listColumns(["label", "split"])}`;
    problems.push({ code: "missing-column", path: root, message });
  }
  const headline = `${root} cannot be read as a dataset`;
  throwIfProblems("dataset", headline, problems);
  const archive = await openZip(root);
  const samples: Sample[] = [];
  let first: { name: string; text: string } | undefined;
  let needsValues = false;
  try {
    for (const { split, images, labels: labelEntry } of findLayout(archive, root, notes)) {
      const name = `${root}: ${split}_images`;
      const { header } = await readArray(archive, images, name, true);
      const shape = imageShape(header, name, problems);
      const labels = readLabels(
        await readArray(archive, labelEntry!, `${root}: ${split}_labels`),
        `${root}: ${split}_labels`,
        problems,
      );
      if (shape === null) continue;
      needsValues ||= header.kind !== "u" || header.itemBytes !== 1;
      const text = `${shape.height} x ${shape.width} x ${shape.channels}`;
      first ??= { name: `${split}_images`, text };
      if (first.text !== text) {
        const message = `images are ${text} where those of ${first.name} are ${first.text}; all splits must have one size`;
        problems.push({ code: "image-shape", path: name, message });
      }
      if (labels.length !== shape.count && !problems.some((p) => p.code === "label-shape")) {
        const message = `${counted(shape.count, "image", "images")} and ${counted(labels.length, "label", "labels")}; there must be one label for each image`;
        problems.push({ code: "label-count", path: name, message });
      }
      for (let i = 0; i < Math.min(shape.count, labels.length); i++) {
        samples.push({ fileName: `${split}/${i}`, label: labels[i]!, split: normaliseSplit(split), attributes: {} });
      }
    }
    if (samples.length === 0 && problems.length === 0) {
      problems.push({ code: "no-images", path: root, message: "the arrays hold no image; save at least one" });
    }
  } finally {
    await archive.close();
  }
  problems.push(...checkClasses(sortClasses(samples.map((sample) => sample.label)), root));
  throwIfProblems("dataset", headline, problems);
  if (needsValues) {
    const { problems: bad } = await loadSplits(root);
    if (bad.length > 0) {
      const rows = new Set(bad.map(({ row }) => row));
      const left = samples.filter(({ fileName }) => !rows.has(fileName));
      const found = bad.map(({ problem }) => problem);
      if (options.skipDamaged !== true || left.length === 0)
        throwIfProblems("dataset", "pixels of the archive cannot be read", found);
      samples.splice(0, samples.length, ...left);
      notes.push(leftOutDamaged(found)!);
    }
    notes.push("images are not uint8 and were converted to 0..255 (docs/images.md has the rule)");
  }
  const classes = sortClasses(samples.map((sample) => sample.label));
  return { root, reader: SAMPLES, columns: { label: "label", split: "split" }, classes, samples, notes };
}

/** An image whose pixels cannot be read, `<split>/<row>`. */
interface BadImage {
  readonly row: string;
  readonly problem: Problem;
}

/**
 * Scale to 0..255 of image arrays that are not uint8: 255 where all values lie in [0, 1] and they are floats, else 1; images
 * of other values do not count and are problems.
 */
function chooseScale(arrays: readonly { split: string; name: string; array: NpyArray }[]): {
  scale: number;
  problems: BadImage[];
} {
  const problems: BadImage[] = [];
  let highest = 0;
  let floats = true;
  for (const { split, name, array } of arrays) {
    const value = npyNumbers(array);
    const { count, shape, kind } = array.header;
    const each = count / shape[0]!;
    let reported = -1;
    floats &&= kind === "f" || kind === "b";
    for (let i = 0; i < count; i++) {
      const v = value(i);
      if (v >= 0 && v <= 255) {
        if (v > highest) highest = v;
        continue;
      }
      const image = Math.floor(i / each);
      if (image === reported) continue;
      reported = image;
      const place = [...shape]
        .reverse()
        .reduce<[number[], number]>(([at, left], n) => [[left % n, ...at], Math.floor(left / n)], [[], i])[0];
      const message = `the pixel at [${place.join(", ")}] is ${v}; pixels must be finite and in [0, 1] or 0..255, replace or rescale them`;
      const code = Number.isFinite(v) ? "pixel-range" : "pixel-not-finite";
      problems.push({ row: `${split}/${image}`, problem: { code, path: `${name}[${image}]`, message } });
    }
  }
  return { scale: floats && highest <= 1 ? 255 : 1, problems };
}

/** Pixels of an archive in memory, and the images among them that are none. */
interface Loaded {
  readonly splits: ReadonlyMap<string, SplitImages>;
  readonly problems: readonly BadImage[];
}

async function loadSplits(root: string): Promise<Loaded> {
  const archive = await openZip(root);
  try {
    const loaded = new Map<string, SplitImages>();
    const others: { split: string; name: string; array: NpyArray; shape: Omit<SplitImages, "data"> }[] = [];
    const problems: Problem[] = [];
    for (const { split, images } of findLayout(archive, root, [])) {
      const name = `${root}: ${split}_images`;
      const array = await readArray(archive, images, name);
      const shape = imageShape(array.header, name, problems);
      throwIfProblems("dataset", `${root} cannot be read as a dataset`, problems);
      if (shape === null) continue;
      if (array.header.kind === "u" && array.header.itemBytes === 1) loaded.set(split, { ...shape, data: array.data });
      else others.push({ split, name, array, shape });
    }
    const { scale, problems: bad } = others.length === 0 ? { scale: 1, problems: [] } : chooseScale(others);
    for (const { split, array, shape } of others) {
      const value = npyNumbers(array);
      const data = new Uint8ClampedArray(array.header.count);
      for (let i = 0; i < data.length; i++) data[i] = scale * value(i);
      loaded.set(split, { ...shape, data: new Uint8Array(data.buffer) });
    }
    return { splits: loaded, problems: bad };
  } finally {
    await archive.close();
  }
}

/** Archives whose pixels are in memory, newest last. */
const open = new Map<string, Promise<Loaded>>();
const MAX_OPEN = 2;

async function splitsOf(root: string): Promise<Loaded> {
  const found = await stat(root).catch((cause) => {
    throw fileError("read", root, cause);
  });
  const key = JSON.stringify([root, found.size, found.mtimeMs]);
  let splits = open.get(key);
  if (splits === undefined) {
    splits = loadSplits(root);
    open.set(key, splits);
    splits.catch(() => open.delete(key));
    for (const old of open.keys()) if (open.size > MAX_OPEN) open.delete(old);
  }
  return splits;
}

/** Image `<split>/<row>` of an archive; its pixels stay in memory for the next call. @throws GanglionError */
async function readNpzImage(root: string, fileName: string): Promise<RawImage> {
  const [split, row] = fileName.split("/");
  const images = (await splitsOf(root)).splits.get(split!);
  const index = Number(row);
  if (images === undefined || !(index >= 0 && index < images.count)) {
    throw new GanglionError(
      "image",
      `${root}: there is no image ${fileName}; the file changed since it was listed, list it again`,
    );
  }
  const { height, width, channels } = images;
  const bytes = height * width * channels;
  return { width, height, channels, data: images.data.slice(index * bytes, (index + 1) * bytes) };
}

/** Size and time of the archive, and the rows that are meant. */
async function stamps(root: string, samples: readonly Sample[]): Promise<unknown[]> {
  const { size, mtimeMs } = await stat(root).catch((cause) => {
    throw fileError("read", root, cause);
  });
  return [["", size, mtimeMs], ...samples.map(({ fileName }) => fileName)];
}

const SAMPLES: SampleReader = {
  name: "npz",
  noun: "an .npz",
  imageFiles: false,
  ownLayout: false,
  takesWindow: false,
  keepsNames: false,
  titleOf: (root) => basename(root).replace(ENDING, ""),
  readImage: ({ root }, { fileName }) => readNpzImage(root, fileName),
  readMask: async () => null,
  channels: async ({ root, samples }) =>
    samples.length === 0 ? 1 : (await readNpzImage(root, samples[0]!.fileName)).channels,
  contentHash: async ({ root }, { fileName }) => pixelHash(await readNpzImage(root, fileName)),
  stamps: ({ root }, samples) => stamps(root, samples),
  notes: async () => [],
  /** Forgets the pixels of archives read so far, to give their memory back. */
  release: () => open.clear(),
};
