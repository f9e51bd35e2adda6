import type { OpAttributes } from "../op-set.ts";
import { type ConvGeometry, inversePermutation, type Shape } from "../tensor.ts";
import type { AttributeValue, OnnxBuilder } from "./builder.ts";
import { convolutionForms, convolutionKey } from "./convolution-plans.ts";

/** A value with its shape. */
export interface Named {
  readonly name: string;
  readonly shape: Shape;
}

export const pads = (padding: number): number[] => [padding, padding, padding, padding];

/**
 * A convolution into few maps is faster spread out of its input (ConvTranspose) than gathered (Conv): the runtime
 * unfolds one map for each tap and channel of the gathered side (docs/decisions/5-convolution-forms.md). Not with a
 * kernel that the file holds: there the runtime fills the few maps up to whole blocks when it loads the model.
 */
const narrows = (from: number, to: number): boolean => to * 5 <= from;

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

/** The form that was planned, where this convolution can take it, else the usual one. */
function formOf(
  b: OnnxBuilder,
  op: "conv2d" | "conv2dInputGradient",
  image: Shape,
  { name, shape: kernel }: Named,
  geometry: ConvGeometry,
): "gather" | "blocked" | "spread" {
  const possible = convolutionForms(op, kernel, geometry, b.channelBlock);
  const planned = possible.find((form) => form === b.plans[convolutionKey(op, image, kernel, geometry)]);
  if (planned !== undefined) return planned;
  const [from, to] = op === "conv2d" ? [kernel[1], kernel[0]] : [kernel[0], kernel[1]];
  if (possible.includes("spread") && narrows(from!, to!) && kernel[2]! > 1 && !b.holds(name)) return "spread";
  if (possible.includes("blocked")) return "blocked";
  return possible.includes("gather") ? "gather" : "spread";
}

/** conv2d, the bias inside. */
export function lowerConv2d(b: OnnxBuilder, [x, w, bias]: readonly Named[], geometry: ConvGeometry): string {
  const form = formOf(b, "conv2d", x!.shape, w!, geometry);
  if (form !== "spread") return gather(b, x!.name, w!, bias?.name, geometry, form);
  const operands = [x!.name, turnKernel(b, w!), ...(bias === undefined ? [] : [bias.name])];
  const kernel = w!.shape.slice(2);
  const outer = kernel[0]! - 1 - geometry.padding;
  return convolve(b, "ConvTranspose", operands, { kernel_shape: kernel, pads: pads(outer), strides: [1, 1] });
}

/** Conv, plain or in the runtime's blocked layout. @param turned Convolves with the kernel that is turned around. */
function gather(
  b: OnnxBuilder,
  x: string,
  w: Named,
  bias: string | undefined,
  { stride, padding }: ConvGeometry,
  form: "gather" | "blocked",
  turned = false,
): string {
  const [features, channels, kernelHeight, kernelWidth] = w.shape;
  const attributes = { kernel_shape: [kernelHeight!, kernelWidth!], pads: pads(padding), strides: [stride, stride] };
  const more = bias === undefined ? [] : [bias];
  const block = b.channelBlock;
  if (form === "gather" || block === undefined) {
    return convolve(b, "Conv", [x, turned ? turnKernel(b, w) : w.name, ...more], attributes);
  }
  const kernel = turned
    ? turnedBlocks(b, w, block)
    : b.node("Reshape", [kernelBlocks(b, w, block), b.integers(w.shape)]);
  const y = b.node(BLOCKED_CONV, [inBlocks(b, x, turned ? features! : channels!), kernel, ...more], attributes);
  return b.node(OUT_OF_BLOCKS, [y], { channels: turned ? channels! : features! });
}

const BLOCKED_CONV = "com.microsoft.nchwc.Conv";
const OUT_OF_BLOCKS = "com.microsoft.nchwc.ReorderOutput";

/** A map in blocks; one that has just come out of them goes back as it was. */
function inBlocks(b: OnnxBuilder, x: string, channels: number): string {
  const producer = b.producer(x);
  const known = producer?.op === OUT_OF_BLOCKS && producer.attributes.channels === channels;
  return known ? producer.inputs[0]! : b.node("com.microsoft.nchwc.ReorderInput", [x]);
}

/**
 * A leaky rectifier as part of the blocked convolution that made its input; null where none did. The convolution without
 * it is left out of the model when nothing else reads it, so this pays only there.
 */
export function rectifiedByConvolution(b: OnnxBuilder, x: string, slope: number): string | null {
  const reorder = b.producer(x);
  if (reorder?.op !== OUT_OF_BLOCKS) return null;
  const convolution = b.producer(reorder.inputs[0]!);
  if (convolution?.op !== BLOCKED_CONV) return null;
  const activation = { activation: "LeakyRelu", activation_params: { floats: [slope] } };
  const y = b.node(BLOCKED_CONV, convolution.inputs, { ...convolution.attributes, ...activation });
  return b.node(OUT_OF_BLOCKS, [y], reorder.attributes);
}

/**
 * Kernel [O,C,KH,KW] in blocks: [O/k, C/k, KH, KW, k of C, k of O]. Read from where the kernel was transposed from, so
 * that one stored with O last moves in runs of k.
 */
function kernelBlocks(b: OnnxBuilder, w: Named, block: number): string {
  const { source, perm } = b.transposedFrom(w.name, 4);
  const [O, C, KH, KW] = [0, 1, 2, 3];
  // Axes of the source, the two of channels split in outer and inner.
  const axes = inversePermutation(perm).flatMap((axis) =>
    axis === O || axis === C ? [{ axis }, { axis, inner: true }] : [{ axis }],
  );
  const split = axes.map(({ axis, inner }) => {
    if (axis === KH || axis === KW) return w.shape[axis]!;
    return inner ? block : w.shape[axis]! / block;
  });
  const at = (axis: number, inner?: true) => axes.findIndex((a) => a.axis === axis && a.inner === inner);
  const order = [at(O), at(C), at(KH), at(KW), at(C, true), at(O, true)];
  return b.transpose(b.node("Reshape", [source, b.integers(split)]), order);
}

/** The turned kernel in blocks, made of the kernel's blocks: each is transposed, then whole blocks change places. */
function turnedBlocks(b: OnnxBuilder, w: Named, block: number): string {
  const [features, channels, height, width] = w.shape;
  const [outer, inner, taps] = [features! / block, channels! / block, height! * width!];
  const blocks = b.node("Reshape", [kernelBlocks(b, w, block), b.integers([outer * inner * taps, block, block])]);
  const order: number[] = [];
  for (let c = 0; c < inner; c++) {
    for (let o = 0; o < outer; o++) {
      for (let tap = taps - 1; tap >= 0; tap--) order.push((o * inner + c) * taps + tap);
    }
  }
  // The runtime's Transpose of many small matrices is slower than their product with the identity, which is as exact.
  const identity = Array.from({ length: block * block }, (_, i) => (i % (block + 1) === 0 ? 1 : 0));
  const operands = [blocks, b.constant(identity, [block, block])];
  const transposed = b.node("com.microsoft.FusedMatMul", operands, { transA: 1 });
  const placed = b.node("Gather", [transposed, b.integers(order)], { axis: 0 });
  return b.node("Reshape", [placed, b.integers([channels!, features!, height!, width!])]);
}

/**
 * A filter of each map by itself: a convolution with as many groups as maps, in the runtime's blocked layout where they fill whole
 * blocks, so that a convolution before or behind it needs no reordering (docs/decisions/5-convolution-forms.md).
 */
export function lowerFilter(b: OnnxBuilder, { name, shape }: Named, { taps, padding }: OpAttributes["filter"]): string {
  const channels = shape[1]!;
  const kernel = taps.flatMap((down) => taps.map((across) => down * across));
  const attributes = { kernel_shape: [taps.length, taps.length], pads: pads(padding), group: channels };
  const extents = [channels, 1, taps.length, taps.length];
  const block = b.channelBlock;
  const repeated = (numbers: readonly number[], times: number) => Array.from({ length: times }, () => numbers).flat();
  if (block === undefined || channels % block !== 0) {
    return b.node("Conv", [name, b.constant(repeated(kernel, channels), extents)], attributes);
  }
  // [C/k, 1, KH, KW, k of C]
  const blocks = repeated(
    kernel.flatMap((tap) => repeated([tap], block)),
    channels / block,
  );
  const y = b.node(BLOCKED_CONV, [inBlocks(b, name, channels), b.constant(blocks, extents)], {
    ...attributes,
    strides: [1, 1],
  });
  return b.node(OUT_OF_BLOCKS, [y], { channels });
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

/** Gradient to the image, gathered with the kernel turned around or spread by the kernel. */
export function lowerConv2dInputGradient(
  b: OnnxBuilder,
  [dy, w]: readonly Named[],
  { stride, padding }: ConvGeometry,
  [height, width]: readonly [number, number],
): string {
  const [kernelHeight, kernelWidth] = [w!.shape[2], w!.shape[3]];
  const image = [dy!.shape[0]!, w!.shape[1]!, height, width];
  const form = formOf(b, "conv2dInputGradient", image, w!, { stride, padding });
  if (form !== "spread") {
    return gather(b, dy!.name, w!, undefined, { stride: 1, padding: kernelHeight! - 1 - padding }, form, true);
  }
  const missing = (extent: number, out: number, kernel: number) => extent - ((out - 1) * stride + kernel - 2 * padding);
  return convolve(b, "ConvTranspose", [dy!.name, w!.name], {
    kernel_shape: [kernelHeight!, kernelWidth!],
    pads: pads(padding),
    strides: [stride, stride],
    output_padding: [missing(height, dy!.shape[2]!, kernelHeight!), missing(width, dy!.shape[3]!, kernelWidth!)],
  });
}
