import { meanAll, reduceMean, square, sub, type Tensor } from "../graph/index.ts";

/** Variance over the batch, mean over channels and pixels: images [N,C,S,S] => scalar. */
export function batchVariance(images: Tensor): Tensor {
  const deviation = sub(images, reduceMean(images, [0]));
  return meanAll(reduceMean(square(deviation), [0]));
}
