import { greyOf, STRUCTURE_SIDE, shrunk, structureOf, viewsOf } from "./structure.ts";
import { type SurroundRule, shownPart } from "./surround.ts";

/** Structure at one side. */
export interface Plane {
  readonly side: number;
  /** `[side²]`, -1..1. */
  readonly structure: Float32Array;
}

/** Side in pixels at which two images are laid on each other. */
export const HALF_SIDE = 32;
/** Side in pixels at which they are found. */
export const COARSE_SIDE = 16;

/** Structure of one image at the sizes at which it is compared, each made when it is asked for. */
export class Likeness {
  /** At most {@link STRUCTURE_SIDE}. */
  readonly side: number;
  readonly #grey: Float32Array;
  #views: readonly Float32Array[] | null = null;
  #half: Plane | null = null;
  #coarse: Plane | null = null;

  /** @param grey `[side²]`, 0..255 */
  constructor(grey: Float32Array, side: number, surround: SurroundRule = "left out") {
    this.#grey = shownPart(grey, side, surround);
    this.side = side;
  }

  /** One plane for each of {@link viewsOf} the side. */
  get views(): readonly Float32Array[] {
    this.#views ??= viewsOf(this.side).map(({ smooth }) => structureOf(this.#grey, this.side, smooth));
    return this.#views;
  }

  /** Smoothed structure at {@link HALF_SIDE} or the side. */
  get half(): Plane {
    this.#half ??= this.#plane(HALF_SIDE, true);
    return this.#half;
  }

  /** Structure at {@link COARSE_SIDE}. */
  get coarse(): Plane {
    this.#coarse ??= this.#plane(COARSE_SIDE, false);
    return this.#coarse;
  }

  #plane(most: number, smooth: boolean): Plane {
    const side = Math.min(this.side, most);
    return { side, structure: structureOf(shrunk(this.#grey, this.side, side), side, smooth) };
  }
}

/** The structures of an image. @param bytes uint8 `CHW`, square */
export function likenessOf(bytes: Uint8Array, channels: number, surround: SurroundRule): Likeness {
  const resolution = Math.sqrt(bytes.length / channels);
  const side = Math.min(STRUCTURE_SIDE, resolution);
  return new Likeness(shrunk(greyOf(bytes, channels), resolution, side), side, surround);
}
