import { type Problem, throwIfProblems } from "../../core/errors.ts";
import { listed, quoted } from "../../core/quoted.ts";
import { normaliseSplit } from "../names.ts";
import { inCOrder, type NpyArray, type NpyHeader, npyError, npyNumbers, npyText, parseNpyHeader } from "./npy.ts";
import type { ZipArchive, ZipEntry } from "./zip.ts";

/** Most images of one split. */
const MAX_SAMPLES = 5_000_000;

/** Images of one split: uint8, `NHWC`. */
export interface SplitImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** Unpacks one array, or only its header; memory is reserved once the header agrees with the size of the entry. */
export async function readArray(
  archive: ZipArchive,
  entry: ZipEntry,
  name: string,
  headerOnly = false,
): Promise<NpyArray> {
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
export function readLabels(array: NpyArray, name: string, problems: Problem[]): string[] {
  const { shape, kind, count } = array.header;
  const flat = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!flat) {
    const several = shape.length === 2 && shape[1]! > 1 ? " (several labels an image)" : "";
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
export function imageShape(
  { shape, kind }: NpyHeader,
  name: string,
  problems: Problem[],
): Omit<SplitImages, "data"> | null {
  const [count, height, width, channels = 1] = shape;
  const sized = shape.length === 3 || (shape.length === 4 && (channels === 1 || channels === 3));
  if (kind === "S" || kind === "U" || !sized || height! < 1 || width! < 1 || height! > 8192 || width! > 8192) {
    const message = `images have the shape (${shape.join(", ")}) of kind ${kind}, [N, H, W] or [N, H, W, 3] of uint8 is needed; reshape the array`;
    problems.push({ code: "image-shape", path: name, message });
    return null;
  }
  return { count: count!, height: height!, width: width!, channels: channels === 3 ? 3 : 1 };
}

interface Layout {
  readonly split: string;
  readonly images: ZipEntry;
  readonly labels?: ZipEntry | undefined;
}

/** Finds `<split>_images` and `<split>_labels`; everything else is left out and noted. */
export function findLayout(archive: ZipArchive, root: string, notes: string[]): Layout[] {
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
