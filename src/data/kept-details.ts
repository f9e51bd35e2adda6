import { detail, type MeasuredDetail, measured } from "./perceptual-hash.ts";
import { RecentlyUsed } from "./recently-used.ts";
import { ThumbnailStore } from "./thumbnails.ts";

/** Details that stay in memory, 4 kB each: those asked for last. */
const IN_MEMORY = 2048;

/**
 * Details of pictures by their place, each made once, when it is first asked for; of more than 2,048 pictures all but those asked for
 * last are in a file. Close it.
 */
export class KeptDetails {
  readonly #thumbnail: (index: number) => Float32Array;
  readonly #recent: RecentlyUsed<MeasuredDetail>;
  /** 1 for each that is in the file; null where all stay in memory. */
  readonly #made: Uint8Array | null;
  #file: ThumbnailStore | null = null;
  readonly #count: number;

  /** @param thumbnail That of a picture, see `Fingerprint`. */
  constructor(count: number, thumbnail: (index: number) => Float32Array, inMemory = IN_MEMORY) {
    this.#count = count;
    this.#thumbnail = thumbnail;
    this.#recent = new RecentlyUsed(inMemory);
    this.#made = count > inMemory ? new Uint8Array(count) : null;
  }

  /** @throws GanglionError `files` */
  at(index: number): MeasuredDetail {
    return this.#recent.get(index, () => measured(this.#valuesOf(index)));
  }

  #valuesOf(index: number): Float32Array {
    if (this.#made?.[index] === 1) return this.#file!.at(index);
    const values = detail(this.#thumbnail(index));
    if (this.#made !== null) {
      this.#file ??= new ThumbnailStore(values.length, this.#count, 0);
      this.#file.set(index, values);
      this.#made[index] = 1;
    }
    return values;
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }
}
