import { add, input, matmul, mul, reshape, type Tensor, transpose } from "../graph/index.ts";

/**
 * Differentiable augmentation (Karras et al. 2020, arXiv 2006.06676; Zhao et al. 2020, arXiv 2006.10738) as products
 * with matrices that are inputs of the graph: exact gradients, no new kernels. One row of matrices an image.
 */
export interface AugmentInputs {
  /** [N, 1, H, H]: output row from input rows (flip, translation, scaling). */
  readonly rows: Tensor;
  /** [N, 1, W, W]: output column from input columns. */
  readonly columns: Tensor;
  /** [N, 1, 1, 1]: 1 swaps rows and columns first, which with flips gives the rotations by 90 degrees. */
  readonly swap: Tensor;
  /** [N, C, C]: colour transform. */
  readonly colour: Tensor;
  /** [N, C, 1]: colour offset. */
  readonly offset: Tensor;
}

/** Names and shapes of the inputs for a batch. */
export function augmentInputs(prefix: string, count: number, channels: number, size: number): AugmentInputs {
  return {
    rows: input(`${prefix}.rows`, [count, 1, size, size]),
    columns: input(`${prefix}.columns`, [count, 1, size, size]),
    swap: input(`${prefix}.swap`, [count, 1, 1, 1]),
    colour: input(`${prefix}.colour`, [count, channels, channels]),
    offset: input(`${prefix}.offset`, [count, channels, 1]),
  };
}

/** Moves images [N, C, S, S] as `augment` does and leaves their values: for masks and maps that go with an image. */
export function place(
  images: Tensor,
  { rows, columns, swap }: Pick<AugmentInputs, "rows" | "columns" | "swap">,
): Tensor {
  const swapped = add(images, mul(swap, add(transpose(images, [0, 1, 3, 2]), mul(images, -1))));
  return matmul(matmul(rows, swapped), columns, { transposeB: true });
}

/** images [N, C, S, S] => augmented images of the same shape. */
export function augment(images: Tensor, inputs: AugmentInputs): Tensor {
  const [count, channels, size] = images.shape;
  const { colour, offset } = inputs;
  const flat = reshape(place(images, inputs), [count!, channels!, size! * size!]);
  return reshape(add(matmul(colour, flat), offset), images.shape);
}
