import type { ConvGeometry, Shape } from "../tensor.ts";

/**
 * Ways to write a convolution. Forward and to the image: gathered (Conv), gathered in the runtime's blocked layout, or
 * spread (ConvTranspose). To the kernel: which side is unfolded (both, one along each axis; the image; the cotangent), in
 * one product over the batch or image by image; or a dilated Conv. `usual` is what a rule chooses by the shapes.
 */
export const CONVOLUTION_FORMS = [
  "usual",
  "gather",
  "blocked",
  "spread",
  "both/batch",
  "both/images",
  "image/batch",
  "image/images",
  "cotangent/batch",
  "cotangent/images",
  "dilated",
] as const;
export type ConvolutionForm = (typeof CONVOLUTION_FORMS)[number];

/** Forms that were found fastest, by {@link convolutionKey}; a convolution that is not among them takes the usual one. */
export type ConvolutionPlans = Readonly<Record<string, ConvolutionForm>>;

/** Names a convolution by its operation, image [N,C,H,W], kernel [O,C,KH,KW] and geometry. */
export function convolutionKey(
  op: "conv2d" | "conv2dInputGradient" | "conv2dWeightGradient",
  image: Shape,
  kernel: Shape,
  { stride, padding }: ConvGeometry,
): string {
  return `${op} ${image.join("x")} ${kernel.join("x")} stride ${stride} padding ${padding}`;
}

/** True where a convolution of this geometry can be turned around: its adjoint is one too. */
const turns = ([, , height, width]: Shape, { stride, padding }: ConvGeometry): boolean =>
  stride === 1 && height === width && height! - 1 - padding >= 0;

/** True where both channel counts fill whole blocks. A kernel of one element does too little work to pay for the reordering. */
const fillsBlocks = ([features, channels, height, width]: Shape, block: number | undefined): boolean =>
  block !== undefined && features! % block === 0 && channels! % block === 0 && height! * width! > 1;

/** Every form that a convolution, or the gradient to its image, can take. */
export function convolutionForms(
  op: "conv2d" | "conv2dInputGradient",
  kernel: Shape,
  geometry: ConvGeometry,
  block: number | undefined,
): ("gather" | "blocked" | "spread")[] {
  const gathers = op === "conv2d" || turns(kernel, geometry);
  const canSpread = op === "conv2dInputGradient" || (turns(kernel, geometry) && kernel[2]! > 1);
  return [
    ...(gathers ? (["gather"] as const) : []),
    ...(gathers && fillsBlocks(kernel, block) ? (["blocked"] as const) : []),
    ...(canSpread ? (["spread"] as const) : []),
  ];
}

/** Every form that the gradient to a kernel can take. */
export function kernelGradientForms([, , height, width]: Shape, geometry: ConvGeometry): ConvolutionForm[] {
  const { stride, padding } = geometry;
  if (stride !== 1 || padding > height! - 1 || padding > width! - 1) return ["dilated"];
  // One element unfolds to itself.
  if (height! * width! === 1) return ["image/batch", "image/images"];
  return ["both/batch", "both/images", "image/batch", "image/images", "cotangent/batch", "cotangent/images", "dilated"];
}
