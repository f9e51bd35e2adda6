import { GanglionError, invariant } from "../../core/errors.ts";
import { type RawImage, resizeSquare, toPlanes, withChannels } from "../../data/index.ts";
import {
  type ClassCount,
  type DatasetMap,
  drawMaps,
  drawRequests,
  imageOfPlanes,
  type Labeller,
  needsLabeller,
  openMapRun,
  openRun,
  parseSampler,
  psiOf,
  type Run,
  runFamily,
  type Sampler,
  synthesise,
} from "../../sample/index.ts";
import { openLabeller } from "../classifier/labeller.ts";
import { readClassifier } from "../data/classifier-file.ts";
import { readImageIndex, writePackedArtefact } from "../data/packed-images.ts";
import { readPackedMaps } from "../data/packed-maps.ts";
import { learntImages } from "../data/select-images.ts";
import { handlerOf, type JobParameters } from "../job-schemas.ts";
import type { JobContext } from "../jobs/perform-job.ts";

interface Drawn {
  readonly name: string;
  readonly image: RawImage;
}

/** Images of a generator that draws from noise. */
async function* fromNoise(counts: readonly ClassCount[], sampler: Sampler, seed: number, context: JobContext) {
  const { inputs, threads, onProgress, signal } = context;
  const run = await openRun(inputs.generator!, { threads });
  let labeller: Labeller | undefined;
  try {
    if (needsLabeller(sampler)) labeller = await labellerFor(run, context);
    const { images } = synthesise(run, { counts, sampler, seed, onProgress, signal, labeller });
    for await (const { record, image } of images) yield { name: record.class, image } as Drawn;
  } finally {
    await labeller?.close();
    await run.close();
  }
}

/** The classifier of the real images that a job is given. */
async function labellerFor({ generator }: Run, { inputs, threads }: JobContext): Promise<Labeller> {
  const trained = await readClassifier(inputs.labeller!);
  invariant(trained.kind === "network", "images are labelled by a network");
  const { classes } = await readImageIndex(inputs.images!);
  return openLabeller(trained, classes, generator.description, threads);
}

/** Maps that are filled at a time. */
const MAPS_AT_A_TIME = 64;

/** Images of a generator that fills maps: those of the arm's own real images, their lesions moved. */
async function* fromMaps(
  counts: readonly ClassCount[],
  sampler: Sampler,
  { share, seed }: JobParameters<"sample">,
  { inputs, threads, onProgress, signal }: JobContext,
) {
  const real = await readImageIndex(inputs.images!);
  const packed = await readPackedMaps(inputs.maps!);
  const area = packed.resolution ** 2;
  const byClass = new Map<string, DatasetMap[]>(real.classes.map((name) => [name, []]));
  for (const i of learntImages(real, share)) {
    const region = packed.regions.subarray(i * area, (i + 1) * area);
    if (!region.includes(255)) continue;
    const tone = packed.tones[i] as DatasetMap["tone"];
    const map = { boxes: packed.boxes[i]!, region, tone, source: `image ${i + 1}` };
    byClass.get(real.classes[real.labels[i]!]!)?.push(map);
  }
  const lacking = counts.filter(({ name, count }) => count > 0 && byClass.get(name)?.length === 0);
  if (lacking.length > 0) {
    const names = lacking.map(({ name }) => name).join(", ");
    throw new GanglionError(
      "dataset",
      `no real image of ${names} shows a lesion to take a map from; leave the arm out`,
    );
  }
  const run = await openMapRun(inputs.generator!, { threads });
  try {
    const requests = drawRequests({ byClass, notes: [], warnings: [] }, counts, run, seed);
    const { resolution, channels, classes } = run.generator.description;
    const size = channels * resolution ** 2;
    for (let start = 0; start < requests.length; start += MAPS_AT_A_TIME) {
      signal.throwIfAborted();
      const batch = requests.slice(start, start + MAPS_AT_A_TIME);
      const planes = await drawMaps(run, batch, psiOf(sampler));
      for (const [i, { condition }] of batch.entries()) {
        const own = planes.subarray(i * size, (i + 1) * size);
        yield { name: classes[condition], image: imageOfPlanes(own, resolution, channels) } as Drawn;
      }
      onProgress({ stage: "generate", done: start + batch.length, total: requests.length, unit: "images" });
    }
  } finally {
    await run.close();
  }
}

/** Draws the synthetic images of an arm at the study's size. */
export const sample = handlerOf("sample", async (parameters, context) => {
  const { labels: labelOf, seed } = parameters;
  const { resolution, channels, classes } = await readImageIndex(context.inputs.images!);
  const counts = Object.entries(parameters.counts).map(([name, count]) => ({ name, count }));
  const sampler = parseSampler(parameters.sampler);
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const size = channels * resolution ** 2;
  const pixels = new Uint8Array(total * size);
  const labels: number[] = [];
  const mapped = (await runFamily(context.inputs.generator!)).input === "maps";
  const images = mapped ? fromMaps(counts, sampler, parameters, context) : fromNoise(counts, sampler, seed, context);
  for await (const { name, image } of images) {
    const fitted = withChannels(await resizeSquare(image, resolution), channels);
    toPlanes(fitted, pixels, labels.length * size);
    labels.push(classes.indexOf(labelOf?.[name] ?? name));
  }
  await writePackedArtefact(context.out, { resolution, channels, classes, labels, pixels });
});
