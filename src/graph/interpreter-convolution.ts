import { type ConvGeometry, type Shape, sizeOf } from "./tensor.ts";

/** Calls `visit` with the offsets of image, kernel and output for each product of a convolution. */
function forEachProduct(
  image: Shape,
  kernel: Shape,
  output: Shape,
  { stride, padding }: ConvGeometry,
  visit: (x: number, w: number, y: number) => void,
): void {
  const [count, channels, height, width] = image;
  const [features, , kernelHeight, kernelWidth] = kernel;
  const [, , rows, columns] = output;
  for (let n = 0; n < count!; n++)
    for (let o = 0; o < features!; o++)
      for (let c = 0; c < channels!; c++)
        for (let ky = 0; ky < kernelHeight!; ky++)
          for (let kx = 0; kx < kernelWidth!; kx++)
            for (let row = 0; row < rows!; row++) {
              const y = row * stride + ky - padding;
              if (y < 0 || y >= height!) continue;
              for (let column = 0; column < columns!; column++) {
                const x = column * stride + kx - padding;
                if (x < 0 || x >= width!) continue;
                visit(
                  ((n * channels! + c) * height! + y) * width! + x,
                  ((o * channels! + c) * kernelHeight! + ky) * kernelWidth! + kx,
                  ((n * features! + o) * rows! + row) * columns! + column,
                );
              }
            }
}

/** image [N,C,H,W] and kernel [O,C,KH,KW] => output [N,O,H',W']. */
export function convolve(
  image: Float64Array,
  imageShape: Shape,
  kernel: Float64Array,
  kernelShape: Shape,
  geometry: ConvGeometry,
  outputShape: Shape,
): Float64Array {
  const out = new Float64Array(sizeOf(outputShape));
  forEachProduct(imageShape, kernelShape, outputShape, geometry, (x, w, y) => {
    out[y]! += image[x]! * kernel[w]!;
  });
  return out;
}

/** cotangent [N,O,H',W'] and kernel [O,C,KH,KW] => image [N,C,H,W]. */
export function convolveInputGradient(
  cotangent: Float64Array,
  cotangentShape: Shape,
  kernel: Float64Array,
  kernelShape: Shape,
  geometry: ConvGeometry,
  imageShape: Shape,
): Float64Array {
  const out = new Float64Array(sizeOf(imageShape));
  forEachProduct(imageShape, kernelShape, cotangentShape, geometry, (x, w, y) => {
    out[x]! += cotangent[y]! * kernel[w]!;
  });
  return out;
}

/** image [N,C,H,W] and cotangent [N,O,H',W'] => kernel [O,C,KH,KW]. */
export function convolveWeightGradient(
  image: Float64Array,
  imageShape: Shape,
  cotangent: Float64Array,
  cotangentShape: Shape,
  geometry: ConvGeometry,
  kernelShape: Shape,
): Float64Array {
  const out = new Float64Array(sizeOf(kernelShape));
  forEachProduct(imageShape, kernelShape, cotangentShape, geometry, (x, w, y) => {
    out[w]! += image[x]! * cotangent[y]!;
  });
  return out;
}
