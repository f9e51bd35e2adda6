/** The data-copying test on three samples. */
export interface ThreeSamples {
  /** Mean of the cells' Z, weighted by their held-out images; far below 0 is copying, far above 0 underfitting. */
  readonly z: number;
  /** The smallest Z of a cell, and its cell. */
  readonly worst: { readonly z: number; readonly cell: number };
  /** Cells that took part. */
  readonly cells: number;
}

/** Fewest images of each side in a cell. */
const MIN_IN_CELL = 10;

/** Z of the Mann-Whitney count of pairs in which `a` is above `b`, ties half. */
export function mannWhitneyZ(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [n, m] = [a.length, b.length];
  const all = [
    ...Array.from(a, (value) => ({ value, first: true })),
    ...Array.from(b, (value) => ({ value, first: false })),
  ].sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end]!.value === all[start]!.value) end++;
    const t = end - start;
    ties += t ** 3 - t;
    for (let i = start; i < end; i++) if (all[i]!.first) rankSum += (start + end + 1) / 2;
    start = end;
  }
  const total = n + m;
  const u = rankSum - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance > 0 ? (u - (n * m) / 2) / Math.sqrt(variance) : 0;
}

/**
 * Meehan, Chaudhuri and Dasgupta 2020 (arXiv 2004.05675, section 3.2): in each cell of the space the distances of
 * synthetic images to their nearest training image are compared with those of held-out images by Mann and Whitney's Z.
 * @param distance Distance to the nearest training image.
 * @param cell Cell of each image.
 * @returns null where no cell has {@link MIN_IN_CELL} images of both
 */
export function threeSamples(
  distance: { readonly synthetic: Float64Array; readonly holdout: Float64Array },
  cell: { readonly synthetic: Int32Array; readonly holdout: Int32Array },
): ThreeSamples | null {
  const cells = new Set([...cell.synthetic, ...cell.holdout]);
  let [sum, weights, used] = [0, 0, 0];
  let worst = { z: Number.POSITIVE_INFINITY, cell: -1 };
  for (const c of [...cells].sort((a, b) => a - b)) {
    const own = distance.synthetic.filter((_, i) => cell.synthetic[i] === c);
    const held = distance.holdout.filter((_, i) => cell.holdout[i] === c);
    if (Math.min(own.length, held.length) < MIN_IN_CELL) continue;
    const z = mannWhitneyZ(own, held);
    sum += held.length * z;
    weights += held.length;
    used++;
    if (z < worst.z) worst = { z, cell: c };
  }
  return used === 0 ? null : { z: sum / weights, worst, cells: used };
}
