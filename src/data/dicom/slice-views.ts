import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { statedWindows } from "../../dicom/read/grey.ts";
import { withoutPixels } from "../../dicom/read/image-layout.ts";
import { type ImageReader, openImages, type ValueRange } from "../../dicom/read/open-images.ts";
import { decodeSmall, encodePng } from "../image.ts";
import type { GreyWindow } from "../types.ts";
import { dicomBelow } from "./find-files.ts";
import { readDicomFile } from "./instance.ts";

/** A grey picture that a window can be chosen on. */
interface Slice {
  /** Lowest and highest value, in units of the modality, e.g. Hounsfield units. */
  readonly range: ValueRange;
  /** Windows that the file offers. */
  readonly windows: readonly (GreyWindow & { readonly name: string })[];
  readonly modality: string;
}

/** Some grey pictures of a source. */
export interface Slices {
  /** Names them for {@link SliceViews.picture}. */
  readonly id: string;
  /** DICOM files of the source, by their names or first bytes. */
  readonly files: number;
  readonly slices: readonly Slice[];
}

/** Slices that are shown of a folder, and files that are opened at most to find them. */
const SHOWN = { slices: 6, tries: 40 } as const;
/** Folders whose slices stay open, and decoded files of them. */
const KEPT = { folders: 3, files: 3 } as const;
const MODALITY = 0x00080060;

interface Place {
  readonly path: string;
  readonly frame: number;
}

/** Grey pictures of DICOM files, opened to choose a window by. */
export class SliceViews {
  readonly #folders = new Map<string, { readonly root: string; readonly places: readonly Place[] }>();
  readonly #files = new Map<string, Promise<ImageReader>>();
  /** Pictures are made one after the other: a slider asks for many, and each takes the memory of a frame. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Looks for grey pictures at even distances over the files of a folder, or in one file.
   * @param source Real path.
   * @returns null where there is none
   */
  async open(source: string): Promise<Slices | null> {
    const single = !(await stat(source)).isDirectory();
    const root = single ? dirname(source) : source;
    const paths = single ? [basename(source)] : await dicomBelow(source);
    const places: Place[] = [];
    const slices: Slice[] = [];
    for (const path of spread(paths, SHOWN.tries)) {
      if (slices.length === SHOWN.slices) break;
      const found = await sliceOf(root, path);
      if (found === null) continue;
      places.push({ path, frame: found.frame });
      slices.push(found.slice);
    }
    if (slices.length === 0) return null;
    const id = sha256(source).slice(0, 12);
    this.#folders.delete(id);
    this.#folders.set(id, { root, places });
    for (const old of [...this.#folders.keys()].slice(0, -KEPT.folders)) this.#folders.delete(old);
    return { id, files: paths.length, slices };
  }

  /**
   * A slice as an import makes it with a window.
   * @param size Longer side in pixels at most.
   * @returns PNG; null where there is no such slice
   * @throws GanglionError `image`
   */
  picture(id: string, index: number, window: GreyWindow | undefined, size: number): Promise<Uint8Array | null> {
    const made = this.#last.then(() => this.#picture(id, index, window, size));
    this.#last = made.catch(() => undefined);
    return made;
  }

  async #picture(id: string, index: number, window: GreyWindow | undefined, size: number): Promise<Uint8Array | null> {
    const folder = this.#folders.get(id);
    const place = folder?.places[index];
    if (folder === undefined || place === undefined) return null;
    const picture = await (await this.#reader(folder.root, place.path)).render(place.frame, { window });
    const png = await encodePng(picture);
    if (Math.max(picture.width, picture.height) <= size) return png;
    return encodePng(await decodeSmall(png, { size, kernel: "lanczos3" }));
  }

  /** A file stays open while its window is moved. */
  #reader(root: string, path: string): Promise<ImageReader> {
    const key = `${root}\0${path}`;
    const found = this.#files.get(key) ?? readDicomFile(root, path).then(openImages);
    this.#files.delete(key);
    this.#files.set(key, found);
    found.catch(() => this.#files.delete(key));
    for (const old of [...this.#files.keys()].slice(0, -KEPT.files)) this.#files.delete(old);
    return found;
  }
}

/** At most so many of a list, at even distances, those first that tell most: the middle before the ends. */
function spread<T>(list: readonly T[], most: number): T[] {
  const count = Math.min(most, list.length);
  const even = Array.from({ length: count }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / count)]!);
  const stride = Math.max(1, Math.floor(count / SHOWN.slices));
  const first = even.filter((_, i) => i % stride === Math.floor(stride / 2));
  return [...first, ...even.filter((one) => !first.includes(one))];
}

/** The middle frame of a file of grey pictures; null for others and for files that cannot be read, which an import names. */
async function sliceOf(root: string, path: string): Promise<{ frame: number; slice: Slice } | null> {
  try {
    const file = await readDicomFile(root, path);
    if (withoutPixels(file.dataset) !== undefined) return null;
    const images = openImages(file);
    const frame = Math.floor(images.layout.frames / 2);
    if (!images.layout.photometric.startsWith("MONOCHROME")) return null;
    const range = await images.valueRange(frame);
    if (range === null) return null;
    const windows = statedWindows(images.attributes, frame).map(({ name, center, width }) => ({ name, center, width }));
    return { frame, slice: { range, windows, modality: file.dataset.text(MODALITY) ?? "" } };
  } catch (cause) {
    if (cause instanceof GanglionError && cause.code !== "internal") return null;
    throw cause;
  }
}
