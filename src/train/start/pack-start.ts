import { GanglionError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { writeInside, writeJsonInside } from "../../core/inside-folder.ts";
import { Rng } from "../../core/rng.ts";
import { encodePng } from "../../data/index.ts";
import { compile, input } from "../../graph/index.ts";
import {
  type Architecture,
  generationBatch,
  noiseFamilyOf,
  START_FILE,
  toBytes,
  viewWeights,
} from "../../model/index.ts";
import { gridClasses, gridPicture } from "../grid.ts";
import { openStart } from "./open-start.ts";
import { encodeStartWeights, roundedWeights } from "./packed-start.ts";
import { weightsHash } from "./start.ts";
import type { StartFile } from "./start-file.ts";
import { withoutHeads } from "./without-heads.ts";

/** What a person says of a start that is packed. */
export interface PackRequest
  extends Pick<StartFile, "name" | "about" | "attribution" | "command" | "audit" | "quality"> {
  /** Folder of the run, or one of its checkpoints. */
  readonly run: string;
  /** What the images were that it learned from, with whom to credit. */
  readonly title: string;
  /** Licence of a run that names none. Defaults to none, which is refused. */
  readonly license?: string | undefined;
  /** Leaves the discriminator out. Defaults to false. */
  readonly withoutDiscriminator?: boolean;
}

/** Images that tell what rounding changes. */
const MEASURED = 64;

/**
 * Packs a run as a start: averaged weights and discriminator in half precision, a grid of images, and `start.json`.
 * @param folder To write; files in it are replaced.
 * @returns What was written, and its bytes in all.
 */
export async function packStart(folder: string, request: PackRequest): Promise<{ file: StartFile; bytes: number }> {
  const { run, name, about, attribution, command, title, audit, quality } = request;
  // Heads are for a file of the machine that trained them.
  const start = withoutHeads(await openStart(run, request.license));
  const { preset, architecture: a, networks } = start;
  const [own, ...before] = start.origins;
  if (start.discriminator === null) throw new GanglionError("usage", `${run}: give the folder of a run`);
  const average = roundedWeights(start.average);
  const rows = gridClasses(a.classes);
  const drawn = await draw(a, average, rows);
  const picture = await encodePng(gridPicture(drawn, a.channels, a.resolution));
  const discriminator = request.withoutDiscriminator === true ? null : start.discriminator;
  const weights = encodeStartWeights(a, average, discriminator);
  // What it began from learned from the same images, or names its own.
  const titled = before.map((origin) =>
    origin.data.hash === own!.data.hash ? { ...origin, data: { ...origin.data, title } } : origin,
  );
  const file: StartFile = {
    format: "ganglion.start/1",
    ...{ name, about, attribution, command, preset },
    networks: networks as StartFile["networks"],
    discriminator: discriminator !== null,
    origins: [{ ...own!, name, weights: weightsHash(average), data: { ...own!.data, title } }, ...titled],
    weights: { file: "weights.safetensors", sha256: sha256(weights) },
    picture: { file: "grid.png", sha256: sha256(picture) },
    rounding: await roundingOf(a, start.average, average),
    audit,
    quality,
  };
  await writeInside(folder, file.weights.file, weights);
  await writeInside(folder, file.picture.file, picture);
  await writeJsonInside(folder, START_FILE, file);
  return { file, bytes: weights.length + picture.length + JSON.stringify(file).length };
}

/** What rounded weights change in drawn images, in grey levels. */
async function roundingOf(a: Architecture, exact: Float32Array, rounded: Float32Array): Promise<StartFile["rounding"]> {
  const classes = Array.from({ length: MEASURED }, (_, i) => i % a.classes);
  const [before, after] = [await draw(a, exact, classes), await draw(a, rounded, classes)];
  let [sum, most] = [0, 0];
  before.forEach((level, i) => {
    const off = Math.abs(level - after[i]!);
    sum += off;
    most = Math.max(most, off);
  });
  return { images: MEASURED, mean: Number((sum / before.length).toPrecision(3)), most };
}

/** Draws images of classes, uint8 [n, C, S, S]; the same latents whatever the weights. */
async function draw(a: Architecture, weights: Float32Array, classes: readonly number[]): Promise<Uint8Array> {
  const family = noiseFamilyOf(a);
  const layout = family.layouts(a).generator;
  const batch = generationBatch(a.resolution);
  const named = viewWeights(layout, input("weights", [layout.length]));
  const images = family.generate(a, named, input("z", [batch, a.latent]), input("labels", [batch, a.classes]));
  const program = await compile({ images }, { threads: 1, arena: false });
  const pixels = a.channels * a.resolution ** 2;
  const out = new Uint8Array(classes.length * pixels);
  try {
    for (let start = 0; start < classes.length; start += batch) {
      const count = Math.min(batch, classes.length - start);
      const z = new Float32Array(batch * a.latent);
      const labels = new Float32Array(batch * a.classes);
      for (let i = 0; i < batch; i++) {
        new Rng(0, "start", start + i).fillNormal(z.subarray(i * a.latent, (i + 1) * a.latent));
        labels[i * a.classes + (classes[start + i] ?? 0)] = 1;
      }
      const { images: found } = await program.run({ weights, z, labels });
      out.set(toBytes(found!.subarray(0, count * pixels)), start * pixels);
    }
  } finally {
    await program.close();
  }
  return out;
}
