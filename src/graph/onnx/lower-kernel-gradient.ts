import type { ConvGeometry, Shape } from "../tensor.ts";
import type { OnnxBuilder } from "./builder.ts";
import { type ConvolutionForm, convolutionKey, kernelGradientForms } from "./convolution-plans.ts";
import { type Named, pads } from "./lower-convolution.ts";
import { lowerProduct } from "./lower-product.ts";

/**
 * Maps of at most this many pixels go through one matrix product over the whole batch (docs/decisions/5-convolution-forms.md);
 * those of a kernel of one element need no unfolding and pay for their transposition sooner.
 */
const SMALL_MAP = 256;
const SMALL_POINTWISE_MAP = 64;

/** Unfolded maps of larger sizes are made and used in groups of images that take at most so many bytes: they stay in cache. */
const GROUP_BYTES = 6 * 2 ** 20;

/** The form that was planned, where this gradient can take it, else the one that copies least. */
function formOf(b: OnnxBuilder, x: Named, dy: Named, kernel: Shape, geometry: ConvGeometry): ConvolutionForm {
  const possible = kernelGradientForms(kernel, geometry);
  const planned = b.plans[convolutionKey("conv2dWeightGradient", x.shape, kernel, geometry)]!;
  if (possible.includes(planned)) return planned;
  if (possible.length === 1) return possible[0]!;
  // On WebGPU one product over the batch is one node, where one for each image needs transposed copies.
  const [features, channels, height, width] = kernel;
  const pointwise = height! * width! === 1;
  const small = pointwise ? SMALL_POINTWISE_MAP : SMALL_MAP;
  const overBatch = b.device === "webgpu" || dy.shape[2]! * dy.shape[3]! <= small;
  const { bySharing, byUnfolding } = mapsCopied([height!, width!], channels!, features!);
  const side = bySharing < byUnfolding ? "both" : !pointwise && features! < channels! ? "cotangent" : "image";
  return `${side}/${overBatch ? "batch" : "images"}`;
}

/** Gradient to the kernel, [O,C,KH,KW]. */
export function lowerConv2dWeightGradient(
  b: OnnxBuilder,
  [x, dy]: readonly Named[],
  { stride, padding }: ConvGeometry,
  kernel: readonly [number, number],
): string {
  const form = formOf(b, x!, dy!, [dy!.shape[1]!, x!.shape[1]!, ...kernel], { stride, padding });
  if (form === "dilated") return byDilatedConv(b, x!, dy!, { stride, padding }, kernel);
  const overBatch = form.endsWith("/batch");
  if (form.startsWith("both")) return sharedUnfold(b, x!, dy!, kernel, padding, overBatch);
  const unfoldsOutput = form.startsWith("cotangent");
  const wide = unfoldsOutput ? dy! : x!;
  const flat = unfoldsOutput ? x! : dy!;
  const taps = kernelTaps(kernel, unfoldsOutput);
  const border = unfoldsOutput ? [kernel[0] - 1 - padding, kernel[1] - 1 - padding] : [padding, padding];
  const bytes = 4 * dy!.shape[2]! * dy!.shape[3]! * (flat.shape[1]! + taps.length * wide.shape[1]!);
  const product = overBatch
    ? unfoldedOverBatch(b, wide, flat, taps, border)
    : sumOverGroups(b, wide, flat, bytes, (some, others) => unfoldedPerImage(b, some, others, taps, border));
  // product is [flat channels, KH, KW, wide channels]
  const shaped = b.node("Reshape", [product, b.integers([flat.shape[1]!, kernel[0], kernel[1], wide.shape[1]!])]);
  return b.transpose(shaped, unfoldsOutput ? [3, 0, 1, 2] : [0, 3, 1, 2]);
}

/** How many maps each form writes for an image: every window is cut once and joined once. */
function mapsCopied(
  [height, width]: readonly [number, number],
  channels: number,
  features: number,
): { byUnfolding: number; bySharing: number } {
  return {
    byUnfolding: height * width === 1 ? 0 : (1 + 2 * height * width) * Math.min(channels, features),
    bySharing: 2 * width * channels + 2 * height * features,
  };
}

/**
 * The image shifted by columns against the cotangent shifted by rows: the product of the two holds every tap of the
 * kernel, while only KW + KH maps are written for what takes KH * KW when one side is unfolded alone.
 */
function sharedUnfold(
  b: OnnxBuilder,
  x: Named,
  dy: Named,
  [kernelHeight, kernelWidth]: readonly [number, number],
  padding: number,
  overBatch: boolean,
): string {
  const [, features, , columns] = dy.shape;
  const [, channels, height] = x.shape;
  // Tap (ky, kx) pairs row r of the image with row r + padding - ky of dy, and column c of dy with c + kx - padding.
  const across = Array.from({ length: kernelWidth }, (_, kx) => kx - padding);
  const down = Array.from({ length: kernelHeight }, (_, ky) => padding - ky);
  const product = (image: Named, cotangent: Named) => {
    const axis = overBatch ? 0 : 1;
    const [count] = image.shape;
    const join = (t: Named, along: 2 | 3, starts: readonly number[], length: number) => {
      const [, maps] = t.shape;
      const source = overBatch ? b.transpose(t.name, [1, 0, 2, 3]) : t.name;
      const area = height! * columns!;
      const shifted = { name: source, shape: overBatch ? [maps!, count!, ...t.shape.slice(2)] : t.shape };
      const windows = starts.map((start) => window(b, shifted, along, start, length));
      const shape = overBatch ? [starts.length * maps!, count! * area] : [count!, starts.length * maps!, area];
      const joined = windows.length === 1 ? windows[0]! : b.node("Concat", windows, { axis });
      return b.node("Reshape", [joined, b.integers(shape)]);
    };
    return productTransposed(b, join(image, 3, across, columns!), join(cotangent, 2, down, height!), overBatch ? 2 : 3);
  };
  const bytes = 4 * height! * columns! * (kernelWidth * channels! + kernelHeight * features!);
  const summed = overBatch ? product(x, dy) : sumOverGroups(b, x, dy, bytes, product);
  const shaped = b.node("Reshape", [summed, b.integers([kernelWidth, channels!, kernelHeight, features!])]);
  return b.transpose(shaped, [3, 1, 2, 0]);
}

/** `length` numbers from `start` along one axis of a map [A,B,H,W], zeros outside of it. */
function window(b: OnnxBuilder, { name, shape }: Named, axis: 2 | 3, start: number, length: number): string {
  const after = start + length - shape[axis]!;
  if (start === 0 && after === 0) return name;
  if (length === shape[axis] && b.device === "cpu") return shifted(b, { name, shape }, axis, start);
  const widths = [...[0, 0, 0, 0].with(axis, -start), ...[0, 0, 0, 0].with(axis, after)];
  return b.node("Pad", [name, b.integers(widths)], { mode: "constant" });
}

/**
 * Maps [A,B,H,W] moved by so many rows or columns, zeros where nothing was. The runtime's Pad copies run by run on one
 * thread, and the runs of a column's move are a few numbers long: all maps move as one run instead, and what has come in
 * from a neighbouring row or map is multiplied by zero. Rows of a large map are a run long enough.
 */
function shifted(b: OnnxBuilder, { name, shape }: Named, axis: 2 | 3, by: number): string {
  const [first, second, height, width] = shape;
  const area = height! * width!;
  const step = axis === 2 ? by * width! : by;
  const mapByMap = axis === 2 && area > SMALL_MAP;
  const runs = mapByMap ? [first! * second!, area] : [first! * second! * area];
  const flat = b.node("Reshape", [name, b.integers(runs)]);
  const widths = mapByMap ? [0, -step, 0, step] : [-step, step];
  const moved = b.node("Pad", [flat, b.integers(widths)], { mode: "constant" });
  const shaped = b.node("Reshape", [moved, b.integers(shape)]);
  if (mapByMap) return shaped;
  const inside = Array.from({ length: area }, (_, i) => {
    const from = by + (axis === 2 ? Math.floor(i / width!) : i % width!);
    return Number(from >= 0 && from < shape[axis]!);
  });
  return b.node("Mul", [shaped, b.constant(inside, [height!, width!])]);
}

/**
 * Sum over all images of products [k, M, N] that are made for k images at a time.
 * @param bytes What a product's operands take for one image.
 */
function sumOverGroups(
  b: OnnxBuilder,
  x: Named,
  dy: Named,
  bytes: number,
  product: (x: Named, dy: Named) => string,
): string {
  const [count] = x.shape;
  let size = Math.max(1, Math.min(count!, Math.floor(GROUP_BYTES / bytes)));
  while (count! % size > 0) size--;
  const group = ({ name, shape }: Named, start: number): Named =>
    size === count
      ? { name, shape }
      : {
          name: b.node("Slice", [name, b.integers([start]), b.integers([start + size]), b.integers([0])]),
          shape: [size, ...shape.slice(1)],
        };
  const products: string[] = [];
  for (let start = 0; start < count!; start += size) products.push(product(group(x, start), group(dy, start)));
  const all = products.length === 1 ? products[0]! : b.node("Concat", products, { axis: 0 });
  return b.node("ReduceSum", [all, b.integers([0])], { keepdims: 0 });
}

/** Offsets of the windows, in the order of the kernel's elements. */
function kernelTaps([height, width]: readonly [number, number], reversed: boolean): [number, number][] {
  const taps: [number, number][] = [];
  for (let ky = 0; ky < height; ky++) {
    for (let kx = 0; kx < width; kx++) taps.push(reversed ? [height - 1 - ky, width - 1 - kx] : [ky, kx]);
  }
  return taps;
}

/** Windows of a padded map [A,B,H,W], one for each tap, of the size of `flat`, joined along `axis`. */
function unfold(
  b: OnnxBuilder,
  name: string,
  flat: Shape,
  taps: readonly [number, number][],
  [borderY, borderX]: readonly number[],
  axis: number,
): string {
  const none = borderY === 0 && borderX === 0;
  const padded = none
    ? name
    : b.node("Pad", [name, b.integers([0, 0, borderY!, borderX!, 0, 0, borderY!, borderX!])], { mode: "constant" });
  if (none && taps.length === 1) return name;
  const windows = taps.map(([y, x]) =>
    b.node("Slice", [padded, b.integers([y, x]), b.integers([y + flat[2]!, x + flat[3]!]), b.integers([2, 3])]),
  );
  return b.node("Concat", windows, { axis });
}

/** Batch kept: one product for each image. => [N, F, taps * C] */
function unfoldedPerImage(
  b: OnnxBuilder,
  wide: Named,
  flat: Named,
  taps: readonly [number, number][],
  border: readonly number[],
): string {
  const [count, features, height, width] = flat.shape;
  const area = height! * width!;
  const columns = b.node("Reshape", [
    unfold(b, wide.name, flat.shape, taps, border, 1),
    b.integers([count!, taps.length * wide.shape[1]!, area]),
  ]);
  const rows = b.node("Reshape", [flat.name, b.integers([count!, features!, area])]);
  return productTransposed(b, rows, columns, 3);
}

/** Channels first: one product over batch and pixels together. => [F, taps * C] */
function unfoldedOverBatch(
  b: OnnxBuilder,
  wide: Named,
  flat: Named,
  taps: readonly [number, number][],
  border: readonly number[],
): string {
  const channelsFirst = (t: Named) => b.transpose(t.name, [1, 0, 2, 3]);
  const [count, features, height, width] = flat.shape;
  const length = count! * height! * width!;
  const columns = b.node("Reshape", [
    unfold(b, channelsFirst(wide), flat.shape, taps, border, 0),
    b.integers([taps.length * wide.shape[1]!, length]),
  ]);
  const rows = b.node("Reshape", [channelsFirst(flat), b.integers([features!, length])]);
  return productTransposed(b, rows, columns, 2);
}

/** a bᵀ over the last two axes. */
function productTransposed(b: OnnxBuilder, left: string, right: string, rank: 2 | 3): string {
  return lowerProduct(b, { name: left, rank }, { name: right, rank }, { transposeA: false, transposeB: true });
}

/** Any stride: Conv over swapped axes, the output's cotangent as a kernel dilated by the stride. */
function byDilatedConv(
  b: OnnxBuilder,
  x: Named,
  dy: Named,
  { stride, padding }: ConvGeometry,
  [kernelHeight, kernelWidth]: readonly [number, number],
): string {
  const channelsFirst = (t: Named) => b.transpose(t.name, [1, 0, 2, 3]);
  const full = b.node("Conv", [channelsFirst(x), channelsFirst(dy)], {
    kernel_shape: dy.shape.slice(2),
    pads: pads(padding),
    dilations: [stride, stride],
  });
  const cut = b.node("Slice", [full, b.integers([0, 0]), b.integers([kernelHeight, kernelWidth]), b.integers([2, 3])]);
  return b.transpose(cut, [1, 0, 2, 3]);
}
