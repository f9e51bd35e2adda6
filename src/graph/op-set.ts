import type { Shape } from "./shape.ts";

/**
 * The closed set of operations with the attributes of each. Shape rules, gradient rules, the interpreter and the ONNX
 * lowering are mapped types over this interface: an operation that one of them forgets does not compile.
 */
export interface OpAttributes {
  /** Value given at run time. */
  input: { readonly name: string; readonly shape: Shape };
  /** Value known when the graph is built; row-major, length = product of the shape. */
  constant: { readonly shape: Shape; readonly data: Float64Array };

  neg: NoAttributes;
  exp: NoAttributes;
  log: NoAttributes;
  sqrt: NoAttributes;
  tanh: NoAttributes;
  /** 1 / (1 + e^-x). */
  sigmoid: NoAttributes;
  /** log(1 + e^x). */
  softplus: NoAttributes;
  /** x where x > 0, else slope * x; slope >= 0. */
  leakyRelu: { readonly slope: number };
  /** 1 where x > 0, else slope: the derivative of leakyRelu, itself flat almost everywhere. */
  leakySlope: { readonly slope: number };
  /** log softmax over the last axis. */
  logSoftmax: NoAttributes;

  /** Elementwise with NumPy broadcasting, like the next three. */
  add: NoAttributes;
  sub: NoAttributes;
  mul: NoAttributes;
  div: NoAttributes;

  reshape: { readonly shape: Shape };
  /** Output axis i is input axis perm[i]. */
  transpose: { readonly perm: readonly number[] };
  /** Block of `sizes` that begins at `starts`. */
  slice: { readonly starts: readonly number[]; readonly sizes: readonly number[] };
  /** Zeros around; the adjoint of slice. */
  pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  concat: { readonly axis: number };
  broadcastTo: { readonly shape: Shape };
  /** Sum over `axes`, which stay with extent 1; the adjoint of broadcastTo. */
  reduceSum: { readonly axes: readonly number[] };

  /** [..., M, K] x [..., K, N] with broadcasting of the leading axes; either matrix may be read transposed. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** x [N,C,H,W], w [O,C,KH,KW] (and bias [O]) => [N,O,H',W'], cross-correlation as in ONNX Conv. */
  conv2d: ConvGeometry;
  /** dy [N,O,H',W'], w [O,C,KH,KW] => [N,C,H,W]: adjoint of conv2d in x. */
  conv2dInputGradient: ConvGeometry & { readonly height: number; readonly width: number };
  /** x [N,C,H,W], dy [N,O,H',W'] => [O,C,KH,KW]: adjoint of conv2d in w. */
  conv2dWeightGradient: ConvGeometry & { readonly kernelHeight: number; readonly kernelWidth: number };

  /**
   * Each map of [N,C,H,W] by itself, correlated with `taps` along both axes, with zeros around: [N,C,H',W'], extents as of a
   * convolution of stride 1. 0 <= padding < taps, so that the adjoint, with the taps turned around, is a filter too.
   */
  filter: { readonly taps: readonly number[]; readonly padding: number };
  /** Nearest-neighbour enlargement of [N,C,H,W] by a whole factor. */
  upsample: { readonly factor: number };
  /** Sum over factor x factor blocks of [N,C,H,W]: the adjoint of upsample. */
  sumPool: { readonly factor: number };
}

type NoAttributes = Readonly<Record<never, never>>;

/** Same stride in both directions and the same zero padding on all four sides. */
export interface ConvGeometry {
  readonly stride: number;
  readonly padding: number;
}

export type OpName = keyof OpAttributes;
