import type { ConvGeometry, Shape } from "../tensor.ts";
import type { AttributeValue, OnnxBuilder } from "./builder.ts";
import { lowerProduct } from "./lower-product.ts";

/** Maps of at most this many pixels go through one matrix product over the whole batch (docs/decisions/5-convolution-forms.md). */
const SMALL_MAP = 256;

/** Unfolded maps of larger sizes are made and used in groups of images that take at most so many bytes: they stay in cache. */
const GROUP_BYTES = 6 * 2 ** 20;

interface Named {
  readonly name: string;
  readonly shape: Shape;
}

const pads = (padding: number): number[] => [padding, padding, padding, padding];

/**
 * A convolution into few maps is faster spread out of its input (ConvTranspose) than gathered (Conv): the runtime
 * unfolds one map for each tap and channel of the gathered side (docs/decisions/5-convolution-forms.md).
 */
const narrows = (from: number, to: number): boolean => to * 8 <= from;

/** A convolution, in float16 where the target asks for that; sums over the batch (gradients to kernels) never are. */
function convolve(
  b: OnnxBuilder,
  op: "Conv" | "ConvTranspose",
  operands: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>>,
): string {
  if (!b.halfConvolutions) return b.node(op, operands, attributes);
  const halves = operands.map((name) => b.cast(name, "float16"));
  return b.cast(b.node(op, halves, attributes), b.type);
}

/** conv2d as ONNX Conv, the bias inside. */
export function lowerConv2d(b: OnnxBuilder, [x, w, bias]: readonly Named[], { stride, padding }: ConvGeometry): string {
  const [features, channels, ...kernel] = w.shape;
  const outer = kernel[0] - 1 - padding;
  if (stride === 1 && kernel[0] > 1 && kernel[0] === kernel[1] && outer >= 0 && narrows(channels, features)) {
    const operands = [x.name, turnKernel(b, w), ...(bias === undefined ? [] : [bias.name])];
    return convolve(b, "ConvTranspose", operands, { kernel_shape: kernel, pads: pads(outer), strides: [1, 1] });
  }
  return convolution(b, x.name, w, bias?.name, { stride, padding });
}

/**
 * Conv, in the runtime's blocked layout where that is allowed and the channels fill whole blocks.
 * @param turned Convolves with the kernel turned by 180 degrees and its channel axes swapped.
 */
function convolution(
  b: OnnxBuilder,
  x: string,
  w: Named,
  bias: string | undefined,
  { stride, padding }: ConvGeometry,
  turned = false,
): string {
  const [features, channels, kernelHeight, kernelWidth] = w.shape;
  const attributes = { kernel_shape: [kernelHeight, kernelWidth], pads: pads(padding), strides: [stride, stride] };
  const more = bias === undefined ? [] : [bias];
  const block = b.channelBlock;
  const whole = block !== undefined && features % block === 0 && channels % block === 0;
  // A kernel of one element does too little work to pay for the reordering.
  if (!whole || kernelHeight * kernelWidth === 1) {
    return convolve(b, "Conv", [x, turned ? turnKernel(b, w) : w.name, ...more], attributes);
  }
  const kernel = turned
    ? turnedBlocks(b, w, block)
    : b.node("Reshape", [kernelBlocks(b, w, block), b.integers(w.shape)]);
  const image = b.node("com.microsoft.nchwc.ReorderInput", [x]);
  const y = b.node("com.microsoft.nchwc.Conv", [image, kernel, ...more], attributes);
  return b.node("com.microsoft.nchwc.ReorderOutput", [y], { channels: turned ? channels : features });
}

/**
 * Kernel [O,C,KH,KW] in blocks: [O/k, C/k, KH, KW, k of C, k of O]. Read from where the kernel was transposed from, so
 * that one stored with O last moves in runs of k.
 */
function kernelBlocks(b: OnnxBuilder, w: Named, block: number): string {
  const { source, perm } = b.transposedFrom(w.name, 4);
  const [O, C, KH, KW] = [0, 1, 2, 3];
  // Axes of the source, the two of channels split in outer and inner.
  const axes = perm
    .map((_, at) => perm.indexOf(at))
    .flatMap((axis) => (axis === O || axis === C ? [{ axis }, { axis, inner: true }] : [{ axis }]));
  const split = axes.map(({ axis, inner }) => {
    if (axis === KH || axis === KW) return w.shape[axis];
    return inner ? block : w.shape[axis] / block;
  });
  const at = (axis: number, inner?: true) => axes.findIndex((a) => a.axis === axis && a.inner === inner);
  const order = [at(O), at(C), at(KH), at(KW), at(C, true), at(O, true)];
  return b.transpose(b.node("Reshape", [source, b.integers(split)]), order);
}

/** The turned kernel in blocks, made of the kernel's blocks: each is transposed, then whole blocks change places. */
function turnedBlocks(b: OnnxBuilder, w: Named, block: number): string {
  const [features, channels, height, width] = w.shape;
  const [outer, inner, taps] = [features / block, channels / block, height * width];
  const blocks = b.node("Reshape", [kernelBlocks(b, w, block), b.integers([outer * inner * taps, block, block])]);
  const order: number[] = [];
  for (let c = 0; c < inner; c++) {
    for (let o = 0; o < outer; o++) {
      for (let tap = taps - 1; tap >= 0; tap--) order.push((o * inner + c) * taps + tap);
    }
  }
  const placed = b.node("Gather", [b.transpose(blocks, [0, 2, 1]), b.integers(order)], { axis: 0 });
  return b.node("Reshape", [placed, b.integers([channels, features, height, width])]);
}

/** Kernel turned by 180 degrees with its channel axes swapped: [O,C,KH,KW] => [C,O,KH,KW]. */
function turnKernel(b: OnnxBuilder, w: Named): string {
  const swapped = b.transpose(w.name, [1, 0, 2, 3]);
  if (w.shape[2] === 1 && w.shape[3] === 1) return swapped;
  const before = -(2 ** 31);
  return b.node("Slice", [
    swapped,
    b.integers([-1, -1]),
    b.integers([before, before]),
    b.integers([2, 3]),
    b.integers([-1, -1]),
  ]);
}

/** Gradient to the image: at stride 1 and into many maps a Conv with the turned kernel, else ConvTranspose. */
export function lowerConv2dInputGradient(
  b: OnnxBuilder,
  [dy, w]: readonly Named[],
  { stride, padding }: ConvGeometry,
  [height, width]: readonly [number, number],
): string {
  const [kernelHeight, kernelWidth] = [w.shape[2], w.shape[3]];
  const outer = kernelHeight - 1 - padding;
  const narrow = kernelHeight > 1 && narrows(w.shape[0], w.shape[1]);
  if (stride === 1 && kernelHeight === kernelWidth && outer >= 0 && !narrow) {
    return convolution(b, dy.name, w, undefined, { stride: 1, padding: outer }, true);
  }
  const missing = (extent: number, out: number, kernel: number) => extent - ((out - 1) * stride + kernel - 2 * padding);
  return convolve(b, "ConvTranspose", [dy.name, w.name], {
    kernel_shape: [kernelHeight, kernelWidth],
    pads: pads(padding),
    strides: [stride, stride],
    output_padding: [missing(height, dy.shape[2], kernelHeight), missing(width, dy.shape[3], kernelWidth)],
  });
}

/** Gradient to the kernel, [O,C,KH,KW], in the form that is fastest for the shape. */
export function lowerConv2dWeightGradient(
  b: OnnxBuilder,
  [x, dy]: readonly Named[],
  { stride, padding }: ConvGeometry,
  kernel: readonly [number, number],
): string {
  if (stride !== 1 || padding > kernel[0] - 1 || padding > kernel[1] - 1) {
    return byDilatedConv(b, x, dy, { stride, padding }, kernel);
  }
  // On WebGPU one product over the batch is one node, where one for each image needs transposed copies.
  const small = b.device === "webgpu" || dy.shape[2] * dy.shape[3] <= SMALL_MAP;
  const { bySharing, byUnfolding } = mapsCopied(kernel, x.shape[1], dy.shape[1]);
  if (bySharing < byUnfolding) {
    return sharedUnfold(b, x, dy, kernel, padding, small);
  }
  const pointwise = kernel[0] === 1 && kernel[1] === 1 && padding === 0;
  // Unfolding the side with fewer channels copies less.
  const unfoldsOutput = !pointwise && dy.shape[1] < x.shape[1];
  const wide = unfoldsOutput ? dy : x;
  const flat = unfoldsOutput ? x : dy;
  const taps = kernelTaps(kernel, unfoldsOutput);
  const border = unfoldsOutput ? [kernel[0] - 1 - padding, kernel[1] - 1 - padding] : [padding, padding];
  const bytes = 4 * dy.shape[2] * dy.shape[3] * (flat.shape[1] + taps.length * wide.shape[1]);
  const product = small
    ? unfoldedOverBatch(b, wide, flat, taps, border)
    : sumOverGroups(b, wide, flat, bytes, (some, others) => unfoldedPerImage(b, some, others, taps, border));
  // product is [flat channels, KH, KW, wide channels]
  const shaped = b.node("Reshape", [product, b.integers([flat.shape[1], kernel[0], kernel[1], wide.shape[1]])]);
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
      const windows = starts.map((start) => window(b, source, along, start, length, t.shape[along]));
      const area = height * columns;
      const shape = overBatch ? [starts.length * maps, count * area] : [count, starts.length * maps, area];
      const joined = windows.length === 1 ? windows[0] : b.node("Concat", windows, { axis });
      return b.node("Reshape", [joined, b.integers(shape)]);
    };
    return productTransposed(b, join(image, 3, across, columns), join(cotangent, 2, down, height), overBatch ? 2 : 3);
  };
  const bytes = 4 * height * columns * (kernelWidth * channels + kernelHeight * features);
  const summed = overBatch ? product(x, dy) : sumOverGroups(b, x, dy, bytes, product);
  const shaped = b.node("Reshape", [summed, b.integers([kernelWidth, channels, kernelHeight, features])]);
  return b.transpose(shaped, [3, 1, 2, 0]);
}

/** `length` numbers from `start` along one axis of a map [A,B,H,W], zeros outside of it. */
function window(b: OnnxBuilder, name: string, axis: 2 | 3, start: number, length: number, extent: number): string {
  const after = start + length - extent;
  if (start === 0 && after === 0) return name;
  const widths = [...[0, 0, 0, 0].with(axis, -start), ...[0, 0, 0, 0].with(axis, after)];
  return b.node("Pad", [name, b.integers(widths)], { mode: "constant" });
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
  let size = Math.max(1, Math.min(count, Math.floor(GROUP_BYTES / bytes)));
  while (count % size > 0) size--;
  const group = ({ name, shape }: Named, start: number): Named =>
    size === count
      ? { name, shape }
      : {
          name: b.node("Slice", [name, b.integers([start]), b.integers([start + size]), b.integers([0])]),
          shape: [size, ...shape.slice(1)],
        };
  const products: string[] = [];
  for (let start = 0; start < count; start += size) products.push(product(group(x, start), group(dy, start)));
  const all = products.length === 1 ? products[0] : b.node("Concat", products, { axis: 0 });
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
    : b.node("Pad", [name, b.integers([0, 0, borderY, borderX, 0, 0, borderY, borderX])], { mode: "constant" });
  if (none && taps.length === 1) return name;
  const windows = taps.map(([y, x]) =>
    b.node("Slice", [padded, b.integers([y, x]), b.integers([y + flat[2], x + flat[3]]), b.integers([2, 3])]),
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
  const area = height * width;
  const columns = b.node("Reshape", [
    unfold(b, wide.name, flat.shape, taps, border, 1),
    b.integers([count, taps.length * wide.shape[1], area]),
  ]);
  const rows = b.node("Reshape", [flat.name, b.integers([count, features, area])]);
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
  const length = count * height * width;
  const columns = b.node("Reshape", [
    unfold(b, channelsFirst(wide), flat.shape, taps, border, 0),
    b.integers([taps.length * wide.shape[1], length]),
  ]);
  const rows = b.node("Reshape", [channelsFirst(flat), b.integers([features, length])]);
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
