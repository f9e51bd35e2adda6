import { add, concat, leakyRelu, matmul, mul, sub, type Tensor } from "../../graph/index.ts";
import { declareLinear, linear, SLOPE } from "../layers.ts";
import type { LayoutBuilder, Weights } from "../parameters.ts";
import { pixelNorm } from "../pixel-norm.ts";
import type { Stylegan2Architecture } from "./architecture.ts";

/** Factor of the mapping network's learning rate (Karras et al. 2019, arXiv 1812.04948, appendix C). */
const MAPPING_RATE = 0.01;

const layerName = (layer: number): string => `mapping${layer}`;

/** Declares the mapping network. */
export function declareMapping(layout: LayoutBuilder, a: Stylegan2Architecture): void {
  declareLinear(layout, "embedding", a.classes, a.embedding, { gain: Math.sqrt(a.classes), bias: false });
  for (let layer = 0; layer < a.mapping; layer++) {
    const inputs = layer === 0 ? a.code + a.embedding : a.code;
    declareLinear(layout, layerName(layer), inputs, a.code, { rate: MAPPING_RATE });
  }
}

/**
 * z [N, code] and one-hot labels [N, classes] => w [N, code]: z and the embedding of the class, each normalised, are joined and go
 * through linear layers with rectifiers (arXiv 1912.04958, appendix B; class as in arXiv 2006.06676, appendix C).
 * @param conditioning Factor of the embedding, a scalar. Defaults to 1.
 */
export function mapping(
  a: Stylegan2Architecture,
  weights: Weights,
  z: Tensor,
  labels: Tensor,
  conditioning?: Tensor,
): Tensor {
  const embedded = pixelNorm(linear(weights, "embedding", labels));
  let w = concat([pixelNorm(z), conditioning === undefined ? embedded : mul(embedded, conditioning)], 1);
  for (let layer = 0; layer < a.mapping; layer++) w = leakyRelu(linear(weights, layerName(layer), w), SLOPE);
  return w;
}

/**
 * Truncation (arXiv 1812.04948, appendix B): w [N, code] moved to the middle of its class, which is left by psi [N, 1] of the way;
 * a middle of all classes would make an image of another class of it.
 * @param middle [classes, code]
 */
export function truncated(w: Tensor, labels: Tensor, middle: Tensor, psi: Tensor): Tensor {
  const centre = matmul(labels, middle);
  return add(centre, mul(sub(w, centre), psi));
}
