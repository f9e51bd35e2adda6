import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { openStore, type PackedMaps } from "../../data/index.ts";
import { readCheckpoint, writeCheckpoint } from "../../model/checkpoint.ts";
import { modelFamily } from "../../model/index.ts";
import { RunFolder, type TrainingMaps, train } from "../../train/index.ts";
import { readPackedArtefact } from "../data/packed-images.ts";
import { readPackedMaps, selectMaps } from "../data/packed-maps.ts";
import { RUN_BEST, RUN_GENERATOR } from "../data/run-source.ts";
import { learntImages, selectPacked } from "../data/select-images.ts";
import { readStartArtefact } from "../data/start-artefact.ts";
import { handlerOf } from "../job-schemas.ts";
import { resolveGenerator } from "../resolve-generator.ts";
import { EXTRACTOR } from "./local-handlers.ts";

/** Images of each class whose maps a grid shows. */
const SHOWN = 8;

function trainingMaps(maps: PackedMaps, pixels: Uint8Array, shape: Shape, labels: Uint16Array): TrainingMaps {
  const shown = shape.classes.flatMap((_, c) => [...labels.keys()].filter((i) => labels[i] === c).slice(0, SHOWN));
  const size = shape.channels * shape.resolution ** 2;
  const source = new Uint8Array(shown.length * size);
  shown.forEach((i, place) => {
    source.set(pixels.subarray(i * size, (i + 1) * size), place * size);
  });
  const store = openStore({ ...shape, source, labels: Uint16Array.from(shown, (i) => labels[i]!) });
  return { training: maps, shown: { store, maps: selectMaps(maps, shown) } };
}

interface Shape {
  readonly resolution: number;
  readonly channels: 1 | 3;
  readonly classes: readonly string[];
}

/**
 * Trains a generator on the images of a share that are learnt from. The forms of convolutions are the usual ones and the last
 * state is kept, so that another machine of the kind writes the same bytes. Goes on from the last checkpoint after a kill.
 * Writes `generator.onnx` and the discriminator's state, without times.
 */
export const trainGenerator = handlerOf("train-generator", async (parameters, context, job) => {
  const { inputs, out, scratch, threads, onProgress, signal } = context;
  const { model, share, seed } = parameters;
  const whole = await readPackedArtefact(inputs.images!);
  const chosen = learntImages(whole, share);
  const { pixels, labels: classOf, resolution, channels, classes } = selectPacked(whole, chosen);
  const labels = Uint16Array.from(classOf);
  const maps =
    modelFamily(model, job.title).input === "maps" ? selectMaps(await readPackedMaps(inputs.maps!), chosen) : undefined;
  const counts = classes.map((_, c) => classOf.filter((label) => label === c).length);
  const split = `share ${share} of the training images of a study`;
  const data = { resolution, channels, classes, counts, hash: job.inputs.images, split, maps };
  const start = inputs.start === undefined ? null : await readStartArtefact(inputs.start);
  const frozen = inputs.frozen === undefined ? null : join(inputs.frozen, EXTRACTOR);
  const { config, weights } = await resolveGenerator(parameters, data, { seed, threads, start, frozen });
  const run = new RunFolder(join(scratch, "run"));
  const resume = await run.latestCheckpoint().then((checkpoint) => checkpoint !== null);
  if (!resume) {
    await mkdir(run.path, { recursive: true });
    await run.writeConfig(config);
  }
  const shape = { resolution, channels, classes };
  const store = openStore({ ...shape, source: pixels, labels });
  const learnt = maps === undefined ? undefined : trainingMaps(maps, pixels, shape, labels);
  const { outcome, ended } = await train({ config, run, store, weights, maps: learnt, resume, onProgress, signal });
  if (outcome !== "complete") throw new GanglionError("training", `${job.title}: ${ended}`);
  await copyFile(run.generatorPath, join(out, RUN_GENERATOR)).catch((cause) => {
    throw fileError("write", join(out, RUN_GENERATOR), cause);
  });
  const { progress, ...state } = await readCheckpoint(run.bestPath);
  await mkdir(dirname(join(out, RUN_BEST)), { recursive: true });
  await writeCheckpoint(join(out, RUN_BEST), { ...state, progress: { ...progress, seconds: 0 } });
});
