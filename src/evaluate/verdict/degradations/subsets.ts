import { cellCentres, cellsOf } from "../../../math/linear/k-means.ts";
import { type Linear64, type Matrix, takeRows } from "../../../math/linear/linear64.ts";
import type { RowsByClass } from "../likeness.ts";

/** Groups that images are divided into; half of them go missing. */
const GROUPS = 8;

/** The largest class gone. @returns null with fewer than two classes that have images */
export function withoutClass(pool: RowsByClass, counts: readonly number[]): RowsByClass | null {
  const present = counts.flatMap((n, c) => (n > 0 ? [c] : []));
  if (present.length < 2) return null;
  const largest = present.reduce((best, c) => (counts[c]! > counts[best]! ? c : best));
  return pool.map((rows, c) => (c === largest ? [] : rows));
}

/** Every class holds the images of the next one. @returns null with fewer than two classes that have images */
export function swappedClasses(pool: RowsByClass, counts: readonly number[]): RowsByClass | null {
  const present = counts.flatMap((n, c) => (n > 0 ? [c] : []));
  if (present.length < 2) return null;
  return pool.map((rows, c) => {
    const place = present.indexOf(c);
    return place < 0 ? rows : pool[present[(place + 1) % present.length]!]!;
  });
}

/**
 * Half of the kinds of images gone: the images are grouped by their features (k-means of {@link GROUPS} groups), and of the
 * groups, taken from the largest to the smallest, every second one is kept until half of the images are.
 * @param places Features of the images that the row numbers of the pool count.
 * @returns null where all images are of one group
 */
export async function halfOfTheModes(
  pool: RowsByClass,
  places: Matrix,
  linear: Linear64,
  seed: number,
): Promise<RowsByClass | null> {
  const rows = pool.flat();
  if (rows.length === 0) return null;
  const own = takeRows(places, rows);
  const centres = await cellCentres(own, GROUPS, linear, seed);
  const cells = await cellsOf(centres, own, linear);
  const sizes = new Int32Array(centres.rows);
  for (const cell of cells) sizes[cell]!++;
  const order = [...sizes.keys()].filter((cell) => sizes[cell]! > 0).sort((a, b) => sizes[b]! - sizes[a]!);
  if (order.length < 2) return null;
  const kept = new Set<number>();
  let held = 0;
  for (const cell of [...order.filter((_, k) => k % 2 === 1), ...order.filter((_, k) => k % 2 === 0).reverse()]) {
    if (held >= rows.length / 2) break;
    if (kept.size === order.length - 1) break;
    kept.add(cell);
    held += sizes[cell]!;
  }
  const inside = new Set(rows.filter((_, i) => kept.has(cells[i]!)));
  return pool.map((list) => list.filter((row) => inside.has(row)));
}
