import { GanglionError } from "../core/errors.ts";
import { emitOnnx, input, openModel, prepare } from "../graph/index.ts";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { familyOf } from "./known-families.ts";
import { splitFlat } from "./parameters.ts";
import { toSignedRange } from "./signed-range.ts";

/** Images that are scored at once; also the last ones, so that a score does not depend on its neighbours. */
const SCORER_BATCH = 16;

/** The discriminator of a run, ready to score images. It stays in the run folder. Close it: it holds native memory. */
export interface ImageScorer {
  /** Class names in the order of the class indices. */
  readonly classNames: readonly string[];
  /** Numbers of a feature vector. */
  readonly featureLength: number;
  /**
   * Logit of each image given its class: higher is taken for more real. Comparable within a class only.
   * @param images uint8 [n, channels, resolution, resolution].
   * @param classes Class index of each image, length n.
   * @returns [n]
   */
  logits(images: Uint8Array, classes: ArrayLike<number>): Promise<Float32Array>;
  /**
   * Features behind the last block, before any class is taken into account.
   * @param images uint8 [n, channels, resolution, resolution].
   * @returns Row-major [n, featureLength].
   */
  features(images: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** How a scorer runs. */
export interface ScorerOptions {
  /** Threads inside one operator. Defaults to 2. */
  readonly threads?: number | undefined;
}

/**
 * Opens the discriminator of a checkpoint.
 * @throws GanglionError `files` when it cannot be read, `checkpoint` when it is damaged
 */
export async function openScorer(checkpointPath: string, options: ScorerOptions = {}): Promise<ImageScorer> {
  return scorerOf(await readCheckpoint(checkpointPath), options);
}

/** The discriminator of a checkpoint that has been read. */
export async function scorerOf(checkpoint: Checkpoint, options: ScorerOptions = {}): Promise<ImageScorer> {
  const { architecture: a, classNames, state } = checkpoint;
  const family = familyOf(a);
  if (family.input === "maps" || family.score === undefined) {
    const judges = family.input === "maps" ? "judges patches beside their map, not whole images" : "ranks no images";
    const message = `the discriminator of ${a.model} ${judges}; choose another sampler`;
    throw new GanglionError("run", message);
  }
  const layout = family.layouts(a).discriminator;
  const weightName = (name: string) => `discriminator.${name}`;
  const named = Object.fromEntries(layout.parameters.map((p) => [p.name, input(weightName(p.name), p.shape)]));
  const imageShape = [SCORER_BATCH, a.channels, a.resolution, a.resolution];
  const images = input("images", imageShape);
  const classes = input("classes", [SCORER_BATCH, a.classes]);
  const { logits, features } = family.score(a, named, images, classes);
  const outputs = prepare({ logits, features });
  const values = Object.entries(splitFlat(layout, state.discriminator));
  const bytes = emitOnnx(outputs, {
    name: "discriminator",
    weights: Object.fromEntries(values.map(([name, data]) => [weightName(name), data])),
  });
  const model = await openModel(bytes, { threads: options.threads ?? 2 });
  const size = a.channels * a.resolution * a.resolution;
  const [, width] = features.shape;
  const pixels = new Float32Array(SCORER_BATCH * size);
  const labels = new Float32Array(SCORER_BATCH * a.classes);

  const score = async (output: "logits" | "features", width: number, all: Uint8Array, of: ArrayLike<number>) => {
    const count = of.length;
    if (all.length !== count * size) {
      throw new GanglionError("internal", `internal: ${count} images to score have ${all.length} bytes`);
    }
    const out = new Float32Array(count * width);
    for (let at = 0; at < count; at += SCORER_BATCH) {
      const some = Math.min(SCORER_BATCH, count - at);
      pixels.fill(0);
      toSignedRange(all.subarray(at * size, (at + some) * size), pixels);
      labels.fill(0);
      for (let i = 0; i < some; i++) labels[i * a.classes + of[at + i]!] = 1;
      const results = await model.run({
        images: { data: pixels, shape: imageShape },
        classes: { data: labels, shape: [SCORER_BATCH, a.classes] },
      });
      out.set((results[output]!.data as Float32Array).subarray(0, some * width), at * width);
    }
    return out;
  };
  return {
    classNames,
    featureLength: width!,
    logits: (all, of) => score("logits", 1, all, of),
    features: (all) => score("features", width!, all, new Uint8Array(all.length / size)),
    close: () => model.close(),
  };
}
