import { TRANSFORMS, transformSource } from "../../features/pixel-vectors.ts";
import { compile, exp, input, logSoftmax } from "../../graph/index.ts";
import { toSignedRange, viewWeights } from "../../model/index.ts";
import { type ResidualArchitecture, residualLayout, residualLogits } from "./residual-network.ts";

/** A network whose weights are given with the images. Close it: it holds native memory. */
export interface ResidualReader {
  /**
   * @param weights Flat, as `residualLayout` lays them out.
   * @param images uint8 [n, C, S, S]
   * @param views The first so many of the 8 turns and flips (`TRANSFORMS`), of which the probabilities are averaged.
   * @returns probabilities [n, classes], row-major
   */
  read(weights: Float32Array, images: Uint8Array, views: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Images read at a time. */
const BATCH = 64;

/** Compiles a network for reading. @throws GanglionError `graph` */
export async function openResidualReader(a: ResidualArchitecture, threads: number): Promise<ResidualReader> {
  const layout = residualLayout(a);
  const views = viewWeights(layout, input("weights", [layout.length]));
  const logits = residualLogits(a, views, input("images", [BATCH, a.channels, a.resolution, a.resolution]));
  const program = await compile({ probabilities: exp(logSoftmax(logits)) }, { threads });
  const size = a.channels * a.resolution ** 2;
  const pixels = new Float32Array(BATCH * size);
  return {
    async read(weights, images, views) {
      const count = images.length / size;
      const used = Math.min(TRANSFORMS.length, Math.max(1, views));
      const out = new Float32Array(count * a.classes);
      for (let start = 0; start < count; start += BATCH) {
        const n = Math.min(BATCH, count - start);
        const bytes = images.subarray(start * size, (start + n) * size);
        for (let view = 0; view < used; view++) {
          pixels.fill(0);
          toSignedRange(transformed(bytes, transformSource(view, a.resolution)), pixels);
          const { probabilities } = await program.run({ weights, images: pixels });
          for (let i = 0; i < n * a.classes; i++) out[start * a.classes + i]! += probabilities![i]! / used;
        }
      }
      return out;
    },
    close: () => program.close(),
  };
}

/** Images whose pixels come from elsewhere in the same plane: out[p] = in[source[p]]. */
function transformed(images: Uint8Array, source: Int32Array): Uint8Array {
  const out = new Uint8Array(images.length);
  for (let plane = 0; plane < images.length; plane += source.length) {
    for (let p = 0; p < source.length; p++) out[plane + p] = images[plane + source[p]!]!;
  }
  return out;
}
