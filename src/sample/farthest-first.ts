/**
 * Greedy k-centre (Gonzalez 1985, Theor. Comput. Sci. 38:293-306): begins with `start`, then always takes the point that
 * is farthest (Euclidean) from all points taken, the earlier of equal ones. The largest distance of any point to its
 * nearest centre is at most twice the least possible.
 * @param points Row-major [n, width]
 * @returns Places of `wanted` different points in the order of choice
 */
export function farthestFirst(points: Float32Array, width: number, wanted: number, start: number): number[] {
  const count = points.length / width;
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  let next = start;
  while (chosen.length < wanted) {
    chosen.push(next);
    const centre = points.subarray(next * width, (next + 1) * width);
    let farthest = -1;
    nearest[next] = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      if (nearest[i] === Number.NEGATIVE_INFINITY) continue;
      let sum = 0;
      for (let j = 0, k = i * width; j < width; j++, k++) sum += (points[k]! - centre[j]!) ** 2;
      if (sum < nearest[i]!) nearest[i] = sum;
      if (farthest < 0 || nearest[i]! > nearest[farthest]!) farthest = i;
    }
    if (farthest < 0) break;
    next = farthest;
  }
  return chosen;
}
