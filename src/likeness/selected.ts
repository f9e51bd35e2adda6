/**
 * The value that would be at place `k` if the first `count` values were sorted, ascending (Hoare 1961, Communications of the ACM
 * 4:321); they are moved about. Without NaN.
 */
export function selected(values: Float32Array, k: number, count = values.length): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const pivot = values[k]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (pivot < values[j]!) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (j < k) low = i;
    if (k < i) high = j;
  }
  return values[k]!;
}
