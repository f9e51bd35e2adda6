import type { Volume } from "./volume.ts";

/**
 * Recursive approximations of a Gaussian and of its second derivative (Deriche 1993, "Recursively implementing the
 * Gaussian and its derivatives"; coefficients of Farnebäck and Westin 2006, "Improving Deriche-style recursive Gaussian
 * filters", J. Math. Imaging Vision 26, table 2): sums of two damped waves
 * (a cos(w x / s) + b sin(w x / s)) e^(l x / s), one set of amplitudes for each order.
 */
const FREQUENCY = [0.6681, 2.0787] as const;
const DECAY = [-1.3932, -1.3732] as const;
const COSINE = { smooth: [1.353, -0.3531], second: [-1.3563, 0.3446] } as const;
const SINE = { smooth: [1.8151, 0.0902], second: [5.2318, -2.2355] } as const;

/** Coefficients of a filter that runs forwards (`ahead`, on x[n-k]) and backwards (`behind`, on x[n+k]). */
interface Recursion {
  /** Weights of x[n], x[n-1], x[n-2], x[n-3]. */
  readonly ahead: readonly number[];
  /** Weights of x[n+1] to x[n+4]. */
  readonly behind: readonly number[];
  /** Weights of the four results before. */
  readonly feedback: readonly number[];
}

/** Numerator of the z-transform of the causal half. */
function numerator(scale: number, order: "smooth" | "second"): number[] {
  const [a1, a2] = COSINE[order];
  const [b1, b2] = SINE[order];
  const [c1, c2] = FREQUENCY.map((w) => Math.cos(w / scale));
  const [s1, s2] = FREQUENCY.map((w) => Math.sin(w / scale));
  const [e1, e2] = DECAY.map((l) => Math.exp(l / scale));
  return [
    a1 + a2,
    e2! * (b2 * s2! - (a2 + 2 * a1) * c2!) + e1! * (b1 * s1! - (a1 + 2 * a2) * c1!),
    2 * e1! * e2! * ((a1 + a2) * c2! * c1! - b1 * c2! * s1! - b2 * c1! * s2!) + a2 * e1! * e1! + a1 * e2! * e2!,
    e2! * e1! * e1! * (b2 * s2! - a2 * c2!) + e1! * e2! * e2! * (b1 * s1! - a1 * c1!),
  ];
}

/** Denominator of the z-transform: weights of the four results before. */
function denominator(scale: number): number[] {
  const [c1, c2] = FREQUENCY.map((w) => Math.cos(w / scale));
  const [e1, e2] = DECAY.map((l) => Math.exp(l / scale));
  return [
    -2 * (e2! * c2! + e1! * c1!),
    4 * c2! * c1! * e1! * e2! + e1! * e1! + e2! * e2!,
    -2 * c1! * e1! * e2! * e2! - 2 * c2! * e2! * e1! * e1!,
    e1! * e1! * e2! * e2!,
  ];
}

/** Σ n_k, Σ k n_k, Σ k² n_k, k from `first`. */
const momentsOf = (weights: readonly number[], first: number): [number, number, number] => [
  weights.reduce((sum, w) => sum + w, 0),
  weights.reduce((sum, w, k) => sum + (k + first) * w, 0),
  weights.reduce((sum, w, k) => sum + (k + first) ** 2 * w, 0),
];

/** The mirrored half of a symmetric filter, without the middle. */
function mirrored(ahead: readonly number[], feedback: readonly number[]): Recursion {
  const behind = [0, 1, 2].map((k) => ahead[k + 1]! - feedback[k]! * ahead[0]!);
  return { ahead, behind: [...behind, -feedback[3]! * ahead[0]!], feedback };
}

/** Gaussian of sum 1. */
function smoothing(scale: number): Recursion {
  const ahead = numerator(scale, "smooth");
  const feedback = denominator(scale);
  const [sn] = momentsOf(ahead, 0);
  const sd = 1 + momentsOf(feedback, 1)[0];
  const total = (2 * sn) / sd - ahead[0]!;
  return mirrored(
    ahead.map((w) => w / total),
    feedback,
  );
}

/** Second derivative: sum 0, and the value 2 on x². */
function secondDerivative(scale: number): Recursion {
  const feedback = denominator(scale);
  const smooth = numerator(scale, "smooth");
  const raw = numerator(scale, "second");
  const [d0, d1, d2] = momentsOf(feedback, 1);
  const sd = 1 + d0;
  const [s0] = momentsOf(smooth, 0);
  const [r0] = momentsOf(raw, 0);
  const beta = -(2 * r0 - sd * raw[0]!) / (2 * s0 - sd * smooth[0]!);
  const ahead = raw.map((w, k) => w + beta * smooth[k]!);
  const [n0, n1, n2] = momentsOf(ahead, 0);
  const total = (n2 * sd * sd - d2 * n0 * sd - 2 * n1 * d1 * sd + 2 * d1 * d1 * n0) / sd ** 3;
  return mirrored(
    ahead.map((w) => w / total),
    feedback,
  );
}

/** One line in place; beyond its ends it goes on with its first and last value for ever. */
function filterLine(x: Float64Array, n: number, { ahead, behind, feedback }: Recursion, out: Float64Array): void {
  const [n0, n1, n2, n3] = ahead;
  const [m1, m2, m3, m4] = behind;
  const [d1, d2, d3, d4] = feedback;
  const gain = 1 + d1! + d2! + d3! + d4!;
  const first = x[0]!;
  const last = x[n - 1]!;
  // Results of the constant before the line.
  let y1 = (first * (n0! + n1! + n2! + n3!)) / gain;
  let [y2, y3, y4] = [y1, y1, y1];
  let [x1, x2, x3] = [first, first, first];
  for (let i = 0; i < n; i++) {
    const value = x[i]!;
    const y = n0! * value + n1! * x1! + n2! * x2! + n3! * x3! - d1! * y1 - d2! * y2 - d3! * y3 - d4! * y4;
    [x3, x2, x1] = [x2, x1, value];
    [y4, y3, y2, y1] = [y3, y2, y1, y];
    out[i] = y;
  }
  y1 = (last * (m1! + m2! + m3! + m4!)) / gain;
  [y2, y3, y4] = [y1, y1, y1];
  let x4 = last;
  [x1, x2, x3] = [last, last, last];
  for (let i = n - 1; i >= 0; i--) {
    const y = m1! * x1! + m2! * x2! + m3! * x3! + m4! * x4 - d1! * y1 - d2! * y2 - d3! * y3 - d4! * y4;
    [x4, x3, x2, x1] = [x3, x2, x1, x[i]!];
    [y4, y3, y2, y1] = [y3, y2, y1, y];
    out[i]! += y;
  }
}

/** Filters every line along an axis. */
function filterAxis({ size, data }: Volume, axis: number, recursion: Recursion): Float64Array {
  const n = size[axis]!;
  const stride = axis === 0 ? 1 : axis === 1 ? size[0] : size[0] * size[1];
  const out = new Float64Array(data.length);
  const line = new Float64Array(n);
  const result = new Float64Array(n);
  for (let start = 0; start < data.length; start++) {
    if (Math.floor(start / stride) % n !== 0) continue;
    for (let i = 0; i < n; i++) line[i] = data[start + i * stride]!;
    filterLine(line, n, recursion, result);
    for (let i = 0; i < n; i++) out[start + i * stride] = result[i]!;
  }
  return out;
}

/**
 * Laplacian of Gaussian times sigma², the response that does not fall with the scale (PyRadiomics' `LoG`): along each axis
 * the second derivative of the image that is smoothed along the others, in mm, summed.
 * @param sigma Scale in mm.
 * @param axes Axes along which the image is looked at.
 */
export function laplacianOfGaussian(volume: Volume, sigma: number, axes: readonly number[]): Volume {
  const sum = new Float64Array(volume.data.length);
  for (const axis of axes) {
    let current = volume;
    for (const other of axes) {
      const scale = sigma / volume.spacing[other]!;
      const recursion = other === axis ? secondDerivative(scale) : smoothing(scale);
      current = { ...volume, data: filterAxis(current, other, recursion) };
    }
    const factor = (sigma / volume.spacing[axis]!) ** 2;
    for (let i = 0; i < sum.length; i++) sum[i]! += factor * current.data[i]!;
  }
  return { ...volume, data: sum };
}
