import { trainProbe } from "../classifier/linear-probe.ts";
import { trainResidual } from "../classifier/train-residual.ts";
import { writeNetwork, writeProbe } from "../data/classifier-file.ts";
import { type ImageIndex, readFeatureArtefact, readPackedArtefact } from "../data/packed-images.ts";
import { learntImages, repeatedImages, validationImages } from "../data/select-images.ts";
import { handlerOf, type JobParameters } from "../job-schemas.ts";
import type { JobContext } from "../jobs/perform-job.ts";

type Parameters = JobParameters<"train-classifier">;

/** Which images are learnt from and stopped on, by index in the real ones followed by the synthetic ones. */
function choose(real: ImageIndex, synthetic: ImageIndex | null, shown: Parameters) {
  const repeated = repeatedImages(real.labels, learntImages(real, shown.share), shown, shown.seed);
  const drawn = synthetic === null ? [] : synthetic.labels.map((_, i) => real.labels.length + i);
  return {
    labels: synthetic === null ? real.labels : [...real.labels, ...synthetic.labels],
    train: [...repeated, ...drawn],
    validation: validationImages(real, shown.share),
  };
}

/** Rows of the real images followed by those of the synthetic ones. */
function joined<T extends Uint8Array | Float32Array>(
  real: T,
  synthetic: T | undefined,
  make: (length: number) => T,
): T {
  if (synthetic === undefined) return real;
  const out = make(real.length + synthetic.length);
  out.set(real);
  out.set(synthetic, real.length);
  return out;
}

async function network(parameters: Extract<Parameters, { kind: "network" }>, context: JobContext): Promise<void> {
  const { inputs, out, threads, onProgress } = context;
  const real = await readPackedArtefact(inputs.real!);
  const synthetic = inputs.synthetic === undefined ? null : await readPackedArtefact(inputs.synthetic);
  const { resolution, channels, classes } = real;
  const pixels = joined(real.pixels, synthetic?.pixels, (n) => new Uint8Array(n));
  const size = channels * resolution ** 2;
  const { labels, train, validation } = choose(real, synthetic, parameters);
  const images = {
    ...{ resolution, channels, classes, labels },
    readInto(indices: ArrayLike<number>, into: Uint8Array) {
      for (let n = 0; n < indices.length; n++) {
        into.set(pixels.subarray(indices[n]! * size, (indices[n]! + 1) * size), n * size);
      }
    },
  };
  const { epochs, patience, balanced, augment, seed } = parameters;
  const options = { train, validation, epochs, patience, balanced, augment, seed, threads, onProgress };
  const trained = await trainResidual(images, options);
  await writeNetwork(out, trained, train.length * trained.validation.length);
}

/** Trains the classifier of an arm on its real and synthetic images. */
export const trainClassifier = handlerOf("train-classifier", async (parameters, context) => {
  if (parameters.kind === "network") return network(parameters, context);
  const { inputs, out } = context;
  const real = await readFeatureArtefact(inputs.real!);
  const synthetic = inputs.synthetic === undefined ? null : await readFeatureArtefact(inputs.synthetic);
  const chosen = choose(real, synthetic, parameters);
  const features = joined(real.features, synthetic?.features, (n) => new Float32Array(n));
  await writeProbe(out, trainProbe({ ...chosen, features, classes: real.classes }), chosen.train.length);
});
