import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { listed, quoted } from "../../core/quoted.ts";
import { type ColumnOptions, listColumns } from "../columns.ts";
import { pixelHash } from "../image.ts";
import { checkClasses, normaliseSplit, sortClasses } from "../names.ts";
import type { Dataset, RawImage, Sample, SampleReader } from "../types.ts";
import { inCOrder, type NpyArray, type NpyHeader, npyError, npyNumbers, npyText, parseNpyHeader } from "./npy.ts";
import type { DatasetReader } from "./reader.ts";
import { openZip, type ZipArchive, type ZipEntry } from "./zip.ts";

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

/** Most images of one split. */
const MAX_SAMPLES = 5_000_000;

/** Images of one split: uint8, `NHWC`. */
interface SplitImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** Unpacks one array, or only its header; memory is reserved once the header agrees with the size of the entry. */
async function readArray(archive: ZipArchive, entry: ZipEntry, name: string, headerOnly = false): Promise<NpyArray> {
  let prefix = new Uint8Array(0);
  let header: NpyHeader | null = null;
  let data = new Uint8Array(0);
  let filled = 0;
  await archive.unpack(entry, (piece) => {
    let rest = piece;
    if (header === null) {
      const joined = new Uint8Array(prefix.length + piece.length);
      joined.set(prefix);
      joined.set(piece, prefix.length);
      prefix = joined;
      header = parseNpyHeader(prefix, name);
      if (header === null) return true;
      const wanted = header.count * header.itemBytes;
      const there = entry.bytes - header.dataAt;
      if (wanted !== there) {
        throw npyError(name, `the array has ${there} bytes where its shape needs ${wanted}; write it again`);
      }
      if (headerOnly) return false;
      data = new Uint8Array(wanted);
      rest = prefix.subarray(header.dataAt);
    }
    data.set(rest, filled);
    filled += rest.length;
    return true;
  });
  if (header === null) throw npyError(name, "the array is cut short within its header; write it again");
  return headerOnly ? { header, data } : inCOrder(header, data);
}

/** Class names of a label array `[N]` or `[N, 1]`: whole numbers or text. */
function readLabels(array: NpyArray, name: string, problems: Problem[]): string[] {
  const { shape, kind, count } = array.header;
  const flat = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!flat) {
    const several = shape.length === 2 && shape[1] > 1 ? " (several labels an image)" : "";
    const message = `labels have the shape (${shape.join(", ")})${several}, [N] or [N, 1] is needed; keep one class for each image`;
    problems.push({ code: "label-shape", path: name, message });
    return [];
  }
  if (count > MAX_SAMPLES) {
    const message = `there are ${count} labels, at most ${MAX_SAMPLES} are read; split the set`;
    problems.push({ code: "label-count", path: name, message });
    return [];
  }
  const labels = new Array<string>(count);
  const number = kind === "S" || kind === "U" ? null : npyNumbers(array);
  for (let i = 0; i < count; i++) {
    const value = number === null ? npyText(array, i, name).trim() : number(i);
    if (value === "" || (typeof value === "number" && !Number.isSafeInteger(value))) {
      const message = `label ${i} is ${value === "" ? "empty" : value}, a whole number or a name is needed; correct the array`;
      problems.push({ code: "bad-label", path: `${name}[${i}]`, message });
    }
    labels[i] = String(value === 0 ? 0 : value);
  }
  return labels;
}

/** Shape of an image array `[N, H, W]`, `[N, H, W, 1]` or `[N, H, W, 3]`, or a problem. */
function imageShape({ shape, kind }: NpyHeader, name: string, problems: Problem[]): Omit<SplitImages, "data"> | null {
  const [count, height, width, channels = 1] = shape;
  const sized = shape.length === 3 || (shape.length === 4 && (channels === 1 || channels === 3));
  if (kind === "S" || kind === "U" || !sized || height < 1 || width < 1 || height > 8192 || width > 8192) {
    const message = `images have the shape (${shape.join(", ")}) of kind ${kind}, [N, H, W] or [N, H, W, 3] of uint8 is needed; reshape the array`;
    problems.push({ code: "image-shape", path: name, message });
    return null;
  }
  return { count, height, width, channels: channels === 3 ? 3 : 1 };
}

interface Layout {
  readonly split: string;
  readonly images: ZipEntry;
  readonly labels?: ZipEntry | undefined;
}

/** Finds `<split>_images` and `<split>_labels`; everything else is left out and noted. */
function findLayout(archive: ZipArchive, root: string, notes: string[]): Layout[] {
  const problems: Problem[] = [];
  const byName = new Map<string, ZipEntry>();
  for (const entry of archive.entries) {
    if (entry.name.endsWith(".npy")) {
      byName.set(entry.name.slice(0, -4), entry);
    } else {
      const message = "the entry is not a .npy array; an .npz holds arrays only, write it with numpy.savez";
      problems.push({ code: "not-an-array", path: `${root}: ${quoted(entry.name)}`, message });
    }
  }
  const layouts: Layout[] = [];
  for (const [name, images] of byName) {
    const split = /^([A-Za-z0-9]+)_images$/.exec(name)?.[1];
    if (split !== undefined) layouts.push({ split, images, labels: byName.get(`${split}_labels`) });
    else if (!/^([A-Za-z0-9]+)_labels$/.test(name)) notes.push(`array ${name} is left out`);
  }
  for (const { split, labels } of layouts) {
    if (labels !== undefined) continue;
    const message = `there is no array ${split}_labels for ${split}_images; add one label for each image`;
    problems.push({ code: "missing-labels", path: root, message });
  }
  if (layouts.length === 0 && problems.length === 0) {
    const message = `there is no array train_images, val_images or test_images (found ${listed([...byName.keys()]) || "none"}); save the set in the MedMNIST layout`;
    problems.push({ code: "no-images", path: root, message });
  }
  throwIfProblems("archive", `${root} cannot be read as a dataset`, problems);
  const rank = (split: string) => ["train", "val", "test"].indexOf(normaliseSplit(split)) >>> 0;
  return layouts.sort((a, b) => rank(a.split) - rank(b.split) || (a.split < b.split ? -1 : 1));
}

/**
 * Reads the layout of MedMNIST: `train_images` `[N, H, W]` or `[N, H, W, 3]`, `train_labels` `[N]` or `[N, 1]`, the
 * same for `val` and `test`. Labels are read, of images only the headers unless they need a look at every value.
 * @throws GanglionError `archive` or `dataset`
 */
async function readNpz(root: string, options: ColumnOptions): Promise<Dataset> {
  const notes: string[] = [];
  const problems: Problem[] = [];
  for (const role of ["label", "patient"] as const) {
    const name = options[role];
    if (name === undefined || (role === "label" && name === "label")) continue;
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
        const message = `${shape.count} images and ${labels.length} labels; there must be one label for each image`;
        problems.push({ code: "label-count", path: name, message });
      }
      for (let i = 0; i < Math.min(shape.count, labels.length); i++) {
        samples.push({ fileName: `${split}/${i}`, label: labels[i], split: normaliseSplit(split), attributes: {} });
      }
    }
    if (samples.length === 0 && problems.length === 0) {
      problems.push({ code: "no-images", path: root, message: "the arrays hold no image; save at least one" });
    }
  } finally {
    await archive.close();
  }
  const classes = sortClasses(samples.map((sample) => sample.label));
  problems.push(...checkClasses(classes, root));
  throwIfProblems("dataset", headline, problems);
  if (needsValues) {
    await loadSplits(root);
    notes.push("images are not uint8 and were converted to 0..255 (docs/images.md has the rule)");
  }
  return { root, reader: SAMPLES, columns: { label: "label", split: "split" }, classes, samples, notes };
}

/** Scale to 0..255 of image arrays that are not uint8: 255 where all values lie in [0, 1] and they are floats, else 1. */
function chooseScale(arrays: readonly { name: string; array: NpyArray }[]): number {
  const problems: Problem[] = [];
  let highest = 0;
  let floats = true;
  for (const { name, array } of arrays) {
    const value = npyNumbers(array);
    const { count, shape, kind } = array.header;
    const each = count / shape[0];
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
      problems.push({
        code: Number.isFinite(v) ? "pixel-range" : "pixel-not-finite",
        path: `${name}[${image}]`,
        message,
      });
    }
  }
  throwIfProblems("dataset", "pixels of the archive cannot be read", problems);
  return floats && highest <= 1 ? 255 : 1;
}

async function loadSplits(root: string): Promise<Map<string, SplitImages>> {
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
    const scale = others.length === 0 ? 1 : chooseScale(others);
    for (const { split, array, shape } of others) {
      const value = npyNumbers(array);
      const data = new Uint8ClampedArray(array.header.count);
      for (let i = 0; i < data.length; i++) data[i] = scale * value(i);
      loaded.set(split, { ...shape, data: new Uint8Array(data.buffer) });
    }
    return loaded;
  } finally {
    await archive.close();
  }
}

/** Archives whose pixels are in memory, newest last. */
const open = new Map<string, Promise<Map<string, SplitImages>>>();
const MOST_OPEN = 2;

async function splitsOf(root: string): Promise<Map<string, SplitImages>> {
  const found = await stat(root).catch((cause) => {
    throw fileError("read", root, cause);
  });
  const key = JSON.stringify([root, found.size, found.mtimeMs]);
  let splits = open.get(key);
  if (splits === undefined) {
    splits = loadSplits(root);
    open.set(key, splits);
    splits.catch(() => open.delete(key));
    for (const old of open.keys()) if (open.size > MOST_OPEN) open.delete(old);
  }
  return splits;
}

/** Image `<split>/<row>` of an archive; its pixels stay in memory for the next call. @throws GanglionError */
async function readNpzImage(root: string, fileName: string): Promise<RawImage> {
  const [split, row] = fileName.split("/");
  const images = (await splitsOf(root)).get(split);
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
    samples.length === 0 ? 1 : (await readNpzImage(root, samples[0].fileName)).channels,
  contentHash: async ({ root }, { fileName }) => pixelHash(await readNpzImage(root, fileName)),
  stamps: ({ root }, samples) => stamps(root, samples),
  notes: async () => [],
  /** Forgets the pixels of archives read so far, to give their memory back. */
  release: () => open.clear(),
};
