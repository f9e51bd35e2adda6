import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { GanglionError, invariant } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import type { PackedImages, PackedStore } from "./types.ts";

/** Opens packed images for reading by index. @throws GanglionError `files` when a packed file cannot be opened */
export function openStore(images: PackedImages): PackedStore {
  const { source, resolution, channels, classes, labels } = images;
  const bytes = channels * resolution ** 2;
  const whole = typeof source === "string" ? new PackedFile(source) : new PackedMemory(source);
  const count = labels.length;
  invariant(whole.size === count * bytes, `${count} packed images take ${count * bytes} bytes, not ${whole.size}`);
  return {
    source,
    resolution,
    channels,
    classes,
    labels,
    count,
    readInto(indices, out) {
      invariant(out.length === indices.length * bytes, `${indices.length} images need ${indices.length * bytes} bytes`);
      for (let i = 0; i < indices.length; ) {
        const first = indices[i]!;
        let run = 1;
        while (i + run < indices.length && indices[i + run] === first + run) run++;
        const inside = Number.isInteger(first) && first >= 0 && first + run <= count;
        invariant(inside, `image ${first} of a store of ${count} is read`);
        whole.read(out.subarray(i * bytes, (i + run) * bytes), first * bytes);
        i += run;
      }
    },
    close: () => whole.close(),
  };
}

class PackedMemory {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read(out: Uint8Array, at: number): void {
    out.set(this.#bytes.subarray(at, at + out.length));
  }

  close(): void {}
}

/** A packed file read by position; only what is asked for enters memory. */
class PackedFile {
  readonly size: number;
  readonly #path: string;
  #file: number | null;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
      this.size = fstatSync(this.#file).size;
    } catch (cause) {
      throw fileError("open", path, cause);
    }
  }

  read(out: Uint8Array, at: number): void {
    invariant(this.#file !== null, "a closed store is read");
    for (let got = 0; got < out.length; ) {
      let read: number;
      try {
        read = readSync(this.#file, out, got, out.length - got, at + got);
      } catch (cause) {
        throw fileError("read", this.#path, cause);
      }
      if (read === 0) {
        throw new GanglionError("files", `${this.#path}: the packed file was cut short; remove it and run again`);
      }
      got += read;
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}
