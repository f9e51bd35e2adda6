import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { invariant } from "../../core/errors.ts";
import type { RawImage } from "../../data/types.ts";

/** Images of one size, kept in a file of a temporary folder so that a large set does not fill the memory. */
export class DrawnImages {
  readonly #file: FileHandle;
  /** Place in the file by name. */
  readonly #places = new Map<string, number>();
  #shape: Omit<RawImage, "data"> | null = null;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(folder: string): Promise<DrawnImages> {
    return new DrawnImages(await open(join(folder, "drawn"), "wx+"));
  }

  async add(name: string, { width, height, channels, data }: RawImage): Promise<void> {
    this.#shape ??= { width, height, channels };
    const { length } = data;
    invariant(length === this.#bytes(), `${name} is of another size than the images drawn before it`);
    const place = this.#places.size;
    await this.#file.write(data, 0, length, place * length);
    this.#places.set(name, place);
  }

  /** The image of a name; null where none was added. */
  async read(name: string): Promise<RawImage | null> {
    const place = this.#places.get(name);
    if (place === undefined || this.#shape === null) return null;
    const data = new Uint8Array(this.#bytes());
    const { bytesRead } = await this.#file.read(data, 0, data.length, place * data.length);
    invariant(bytesRead === data.length, "the images that were drawn again are cut short");
    return { ...this.#shape, data };
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #bytes(): number {
    const { width, height, channels } = this.#shape!;
    return width * height * channels;
  }
}
