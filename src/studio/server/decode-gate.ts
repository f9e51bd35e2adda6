import { readStartInside, statInside } from "../../core/inside-folder.ts";
import { MAX_IMAGE_PIXELS, readImageHeader } from "../../data/image.ts";
import type { Dataset } from "../../data/types.ts";

const MIB = 2 ** 20;

/** How much of one kind may be decoded at once. */
interface LaneLimits {
  /** Bytes announced by headers, of all decodes under way together; a larger one is decoded alone. */
  readonly bytes: number;
  /** Decodes at once: libuv has four threads, and some must stay for small pictures and for files. */
  readonly decodes: number;
}

/** Limits of the studio: what waits for a large picture does not keep small ones waiting. */
const LIMITS = {
  small: { bytes: 128 * MIB, decodes: 2 },
  large: { bytes: 1024 * MIB, decodes: 2 },
} as const satisfies Record<string, LaneLimits>;

/** Bytes from which a decode is large: about ten million pixels in colour. */
const LARGE_BYTES = 32 * MIB;

/** Decodes of one kind, first come first served. */
class Lane {
  readonly #limits: LaneLimits;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  #bytes = 0;
  #decodes = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting.push({ bytes, start });
      this.#startSome();
    });
    try {
      return await work();
    } finally {
      this.#bytes -= bytes;
      this.#decodes--;
      this.#startSome();
    }
  }

  #startSome(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const fits = this.#decodes < this.#limits.decodes && this.#bytes + next.bytes <= this.#limits.bytes;
      if (!fits && this.#decodes > 0) return;
      this.#waiting.shift();
      this.#bytes += next.bytes;
      this.#decodes++;
      next.start();
    }
  }
}

/** Limits what is decoded at once by the bytes that it takes, small pictures beside large ones. */
export class DecodeGate {
  readonly #small: Lane;
  readonly #large: Lane;

  constructor({ small, large }: Readonly<Record<"small" | "large", LaneLimits>> = LIMITS) {
    this.#small = new Lane(small);
    this.#large = new Lane(large);
  }

  /** Does work that takes so many bytes once there is room for it. */
  run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    return (bytes < LARGE_BYTES ? this.#small : this.#large).run(bytes, work);
  }
}

/** The one gate of a process: its memory is shared by all that it serves. */
const gate = new DecodeGate();

/** Bytes of a file that are read to learn the size of its image. */
const HEADER_BYTES = 64 * 2 ** 10;

/**
 * Does work that decodes files of a dataset, once there is room for them. Only headers are read before.
 * @param names Image and perhaps mask. Files that cannot be read count as nothing; the work finds out and says so.
 * @param copies Copies of the decoded image that the work holds at once.
 */
export async function gated<T>(
  dataset: Dataset,
  names: readonly string[],
  copies: number,
  work: () => Promise<T>,
): Promise<T> {
  if (!dataset.reader.imageFiles) return work();
  let bytes = 0;
  for (const name of names) bytes += await bytesOf(dataset.root, name, copies).catch(() => 0);
  return gate.run(bytes, work);
}

/** Bytes of a file and of so many copies of its decoded image, the most there may be where its header lies far inside. */
async function bytesOf(root: string, name: string, copies: number): Promise<number> {
  const size = Number((await statInside(root, name))?.size ?? 0);
  const start = await readStartInside(root, name, HEADER_BYTES);
  const header = await readImageHeader(start, name).catch(() => null);
  if (header === null) return size <= HEADER_BYTES ? size : size + copies * 3 * MAX_IMAGE_PIXELS;
  const { width, height, grey, alpha, bits } = header;
  return size + copies * width * height * ((grey ? 1 : 3) + (alpha ? 1 : 0)) * (bits / 8);
}
