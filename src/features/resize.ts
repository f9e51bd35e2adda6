/** Source rows (or columns) and weights of one output row (or column). */
interface LinearTaps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Weight of `high`; `low` has the rest. */
  readonly weight: Float32Array;
}

/** Half-pixel centres, edges clamped, no antialiasing: source = (i + 0.5) * from / to - 0.5. */
function linearTaps(from: number, to: number): LinearTaps {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const weight = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    low[i] = Math.floor(at);
    high[i] = Math.min(from - 1, low[i]! + 1);
    weight[i] = at - low[i]!;
  }
  return { low, high, weight };
}

/**
 * Bilinear resize of square planes, uint8 0..255 => float32 0..1: half-pixel centres, no antialiasing (the rule that
 * PyTorch calls `bilinear, align_corners=False` and ONNX `linear, half_pixel`).
 * @param planes `[count, from, from]`
 * @param out `[count, to, to]`
 */
export function resizeBilinear(planes: Uint8Array, count: number, from: number, to: number, out: Float32Array): void {
  const taps = linearTaps(from, to);
  const row = new Float32Array(from);
  for (let plane = 0; plane < count; plane++) {
    const source = plane * from * from;
    for (let i = 0; i < to; i++) {
      const low = source + taps.low[i]! * from;
      const high = source + taps.high[i]! * from;
      const down = taps.weight[i]! / 255;
      const up = (1 - taps.weight[i]!) / 255;
      for (let j = 0; j < from; j++) row[j] = planes[low + j]! * up + planes[high + j]! * down;
      const target = (plane * to + i) * to;
      for (let j = 0; j < to; j++) {
        const first = row[taps.low[j]!]!;
        out[target + j] = first + (row[taps.high[j]!]! - first) * taps.weight[j]!;
      }
    }
  }
}

/**
 * Area average of square planes, uint8 0..255 => float64 0..1: each output pixel is the mean of the source area it covers.
 * @param planes `[count, from, from]`
 * @returns `[count, to, to]`, to <= from
 */
export function resizeArea(planes: Uint8Array, count: number, from: number, to: number): Float64Array {
  const out = new Float64Array(count * to * to);
  if (from === to) return out.map((_, i) => planes[i]! / 255);
  const overlap = (i: number, j: number) =>
    Math.max(0, Math.min(((i + 1) * from) / to, j + 1) - Math.max((i * from) / to, j)) * (to / from);
  const spans = Array.from({ length: to }, (_, i) => {
    const start = Math.floor((i * from) / to);
    const end = Math.min(from, Math.ceil(((i + 1) * from) / to));
    return { start, weights: Array.from({ length: end - start }, (_, t) => overlap(i, start + t)) };
  });
  const rows = new Float64Array(to * from);
  for (let plane = 0; plane < count; plane++) {
    const source = plane * from * from;
    rows.fill(0);
    spans.forEach((span, i) => {
      span.weights.forEach((weight, t) => {
        const at = source + (span.start + t) * from;
        for (let j = 0; j < from; j++) rows[i * from + j]! += (weight / 255) * planes[at + j]!;
      });
    });
    for (let i = 0; i < to; i++) {
      spans.forEach((span, j) => {
        let sum = 0;
        for (let t = 0; t < span.weights.length; t++) sum += span.weights[t]! * rows[i * from + span.start + t]!;
        out[(plane * to + i) * to + j] = sum;
      });
    }
  }
  return out;
}

/** Planes `[n,1,area]` repeated to `[n,3,area]`; three-channel input is returned as it is. */
export function greyToRgb(pixels: Uint8Array, channels: 1 | 3, area: number): Uint8Array {
  if (channels === 3) return pixels;
  const out = new Uint8Array(pixels.length * 3);
  for (let plane = 0; plane * area < pixels.length; plane++) {
    const one = pixels.subarray(plane * area, (plane + 1) * area);
    for (let c = 0; c < 3; c++) out.set(one, (plane * 3 + c) * area);
  }
  return out;
}
