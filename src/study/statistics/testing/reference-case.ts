import type { TestSet } from "../test-set.ts";

/** Scores with many ties that any language can draw again: x = (1103515245 x + 12345) mod 2^31, number x >> 16. */
export function referenceCase(): { set: TestSet; scores: Float32Array; weights: Float64Array } {
  let x = 12345;
  const next = () => {
    x = (Math.imul(1103515245, x) + 12345) & 0x7fffffff;
    return x >> 16;
  };
  const [images, classes] = [80, 3];
  const labels = new Int32Array(images);
  const scores = new Float32Array(images * classes);
  const weights = new Float64Array(images);
  for (let i = 0; i < images; i++) {
    labels[i] = [0, 0, 0, 0, 1, 1, 2][next() % 7]!;
    const raw = Array.from({ length: classes }, () => 1 + (next() % 12));
    raw[labels[i]!]! += 4;
    const total = raw.reduce((a, b) => a + b, 0);
    raw.forEach((value, c) => {
      scores[i * classes + c] = value / total;
    });
    weights[i] = next() % 4;
  }
  const patients = Int32Array.from({ length: images }, (_, i) => i >> 1);
  return { set: { name: "reference", classes: ["a", "b", "c"], labels, patients }, scores, weights };
}
