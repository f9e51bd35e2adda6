import type { ProgressListener } from "../../core/progress.ts";
import type { ImageSource } from "../../features/extractor.ts";
import { COARSE_SIDE, HALF_SIDE } from "../../likeness/likeness.ts";
import type { Candidate } from "../../likeness/match.ts";
import { IDENTITY, type Similarity, transformed } from "../../likeness/similarity.ts";
import { greyOf, normalisedTiles, shrunk, structureOf } from "../../likeness/structure.ts";
import { type SurroundRule, shownPart, surroundRule } from "../../likeness/surround.ts";
import { Float32Products, type Matrix32 } from "../../math/linear/float32-products.ts";

/** Side in pixels of the tiles whose correlations are summed. */
const TILE = 4;
/** Candidates kept of the search in the eight positions of a square, and of the search over turned and scaled images. */
const [KEPT_STRAIGHT, KEPT_TURNED] = [6, 10];
/** Queries that are searched at a time. */
const BLOCK = 2048;
/** A quarter of the pixels of a coarse pixel may lie outside. */
const LEAST_INSIDE = 0.75;

const DEGREE = Math.PI / 180;
/** The eight flips and quarter turns of a square. */
const STRAIGHT: readonly Similarity[] = [false, true].flatMap((mirrored) =>
  [0, 90, 180, 270].map((turn) => ({ ...IDENTITY, mirrored, angle: turn * DEGREE })),
);
/** Every tenth degree about each of them, and images of which a part was enlarged. */
const TURNED: readonly Similarity[] = STRAIGHT.flatMap((straight) => [
  ...[0, 10, -10, 20, -20, 30, -30, 40, -40].map((turn) => ({ ...straight, angle: straight.angle + turn * DEGREE })),
  { ...straight, scale: 0.85 },
]);

/** Grey planes of images at most {@link HALF_SIDE} px wide, `[n, side²]`, 0..255. */
function halfPlanes(images: ImageSource): { readonly side: number; readonly planes: readonly Float32Array[] } {
  const { count, resolution, channels } = images;
  const side = Math.min(HALF_SIDE, resolution);
  const bytes = new Uint8Array(channels * resolution ** 2);
  const planes = Array.from({ length: count }, (_, i) => {
    images.readInto([i], bytes);
    return shrunk(greyOf(bytes, channels), resolution, side);
  });
  return { side, planes };
}

/** What of each plane is compared. */
const shownParts = (planes: readonly Float32Array[], side: number, rule: SurroundRule): Float32Array[] =>
  planes.map((plane) => shownPart(plane, side, rule));

/** Rows of normalised tiles of structure, `[n, side²]`; their products are sums of the tiles' correlations. */
function rowsOf(
  planes: readonly Float32Array[],
  from: number,
  similarity: Similarity | null,
  coarse: boolean,
): Matrix32 {
  const side = coarse ? Math.min(COARSE_SIDE, from) : from;
  const data = new Float32Array(planes.length * side * side);
  for (const [i, plane] of planes.entries()) {
    const { values, inside } =
      similarity === null ? { values: plane, inside: null } : transformed(plane, from, similarity);
    const structure = structureOf(shrunk(values, from, side), side, !coarse);
    if (inside !== null) {
      shrunk(inside, from, side).forEach((share, p) => {
        if (share < LEAST_INSIDE) structure[p] = 0;
      });
    }
    normalisedTiles(structure, side, TILE, data.subarray(i * side * side, (i + 1) * side * side));
  }
  return { rows: planes.length, columns: side * side, data };
}

/** The best targets of each query, each once. */
class Best {
  readonly #kept: number;
  readonly #score: Float32Array;
  readonly #target: Int32Array;
  readonly #position: Uint8Array;

  constructor(queries: number, kept: number) {
    this.#kept = kept;
    this.#score = new Float32Array(queries * kept).fill(Number.NEGATIVE_INFINITY);
    this.#target = new Int32Array(queries * kept).fill(-1);
    this.#position = new Uint8Array(queries * kept);
  }

  /** Score that a target must pass to be among the best of a query. */
  least(query: number): number {
    return this.#score[(query + 1) * this.#kept - 1]!;
  }

  add(query: number, score: number, target: number, position: number): void {
    const first = query * this.#kept;
    let place = first + this.#kept - 1;
    for (let at = first; at <= place; at++) {
      if (this.#target[at] !== target) continue;
      if (this.#score[at]! >= score) return;
      place = at;
    }
    for (; place > first && this.#score[place - 1]! < score; place--) {
      this.#score[place] = this.#score[place - 1]!;
      this.#target[place] = this.#target[place - 1]!;
      this.#position[place] = this.#position[place - 1]!;
    }
    this.#score[place] = score;
    this.#target[place] = target;
    this.#position[place] = position;
  }

  of(query: number, positions: readonly Similarity[], rough: boolean): Candidate[] {
    const out: Candidate[] = [];
    for (let at = query * this.#kept; at < (query + 1) * this.#kept; at++) {
      const target = this.#target[at]!;
      if (target >= 0) out.push({ target, similarity: positions[this.#position[at]!]!, rough });
    }
    return out;
  }
}

/** Finds for images the training images that they may be made from. Close it. */
export class StructureIndex {
  /** Whether the surrounds of pictures are compared, by what the targets have. */
  readonly surround: SurroundRule;
  readonly #half: Matrix32;
  readonly #coarse: Matrix32;
  readonly #products: Float32Products;

  constructor(targets: ImageSource, threads: number) {
    const { planes: whole, side } = halfPlanes(targets);
    this.surround = surroundRule(whole, side);
    const planes = shownParts(whole, side, this.surround);
    this.#half = rowsOf(planes, side, null, false);
    this.#coarse = rowsOf(planes, side, null, true);
    this.#products = new Float32Products(threads);
  }

  /**
   * Candidates of each query by the correlation of local structure with every target: at half the side in the eight
   * positions of a square, which finds parts and mixtures too, and at 16 px over all angles.
   */
  async candidates(queries: ImageSource, onProgress: ProgressListener, stage: string): Promise<Candidate[][]> {
    const out: Candidate[][] = [];
    const { planes: whole, side } = halfPlanes(queries);
    const planes = shownParts(whole, side, this.surround);
    for (let start = 0; start < planes.length; start += BLOCK) {
      const block = planes.slice(start, start + BLOCK);
      const straight = new Best(block.length, KEPT_STRAIGHT);
      const turned = new Best(block.length, KEPT_TURNED);
      await this.#search(block, side, false, STRAIGHT, straight);
      await this.#search(block, side, true, TURNED, turned);
      for (const query of block.keys()) {
        out.push([...straight.of(query, STRAIGHT, false), ...turned.of(query, TURNED, true)]);
      }
      onProgress({ stage, done: out.length, total: planes.length, unit: "images" });
    }
    return out;
  }

  async #search(
    block: readonly Float32Array[],
    side: number,
    coarse: boolean,
    positions: readonly Similarity[],
    best: Best,
  ): Promise<void> {
    const targets = coarse ? this.#coarse : this.#half;
    for (const [position, similarity] of positions.entries()) {
      const rows = rowsOf(block, side, similarity, coarse);
      await this.#products.innerProducts(targets, rows, (tile) => {
        const { rowStart, columnStart, columns, stride, values } = tile;
        const least = Float32Array.from({ length: columns }, (_, j) => best.least(columnStart + j));
        for (let i = 0; i < tile.rows; i++) {
          for (let j = 0, at = i * stride; j < columns; j++, at++) {
            if (values[at]! <= least[j]!) continue;
            best.add(columnStart + j, values[at]!, rowStart + i, position);
            least[j] = best.least(columnStart + j);
          }
        }
      });
    }
  }

  async close(): Promise<void> {
    await this.#products.close();
  }
}
