import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { sha256File } from "../../core/hash.ts";
import { mapSourcesHash, packMaps } from "../../data/index.ts";
import { writePackedArtefact } from "../data/packed-images.ts";
import { writePackedMaps } from "../data/packed-maps.ts";
import { RUN_BEST, RUN_GENERATOR } from "../data/run-source.ts";
import { packSource } from "../data/source-images.ts";
import { startHash, writeStartArtefact } from "../data/start-artefact.ts";
import type { StudySources } from "../data/study-sources.ts";
import { handlerOf } from "../job-schemas.ts";
import type { JobHandlers } from "../jobs/perform-job.ts";

/** Name of the extractor in the artefact of `take-extractor`. */
export const EXTRACTOR = "extractor.onnx";

/** Copies a file that must be what it was when the study was planned. */
async function take(from: string, to: string, hash: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to).catch((cause) => {
    throw fileError("copy", from, cause);
  });
  if ((await sha256File(to)) !== hash) throw changed(from);
}

const changed = (what: string) =>
  new GanglionError("files", `${what}: not what it was when the study began; give the same command again`);

/** Jobs that read the user's files. The coordinator does them; from then on the store holds all that others read. */
export function localHandlers(sources: StudySources): JobHandlers {
  const { real, testSets, runs, starts, networks } = sources;
  return {
    "pack-images": handlerOf("pack-images", async (parameters, { out, scratch, onProgress, signal }) => {
      const { hash, resolution, channels, classes, validation } = parameters;
      const options = { classes, resolution, channels, folder: scratch, onProgress, signal };
      if (validation !== undefined) {
        if (real.training.hash !== hash) throw changed("the training images");
        const packed = await packSource(real.training, options);
        const division = { validation: [...real.division.validation], ranks: [...real.division.ranks] };
        return writePackedArtefact(out, { ...packed, ...division });
      }
      const source = Object.values(testSets).find(({ images }) => images.hash === hash);
      if (source === undefined) throw changed("the images of a test set");
      return writePackedArtefact(out, await packSource(source.images, options));
    }),
    "pack-maps": handlerOf("pack-maps", async ({ maps: sources, resolution, kind }, { out, onProgress, signal }) => {
      if ((await mapSourcesHash(real.training.dataset)) !== sources) throw changed("masks, boxes or tones");
      const { maps } = await packMaps(real.training.dataset, { kind, resolution, onProgress, signal });
      await writePackedMaps(out, maps);
    }),
    "take-generator": handlerOf("take-generator", async ({ generator }, { out }) => {
      const run = Object.values(runs).find((own) => own.generator === generator);
      if (run === undefined) throw changed("the generators of runs");
      await take(join(run.folder, RUN_GENERATOR), join(out, RUN_GENERATOR), run.generator);
      if (run.judge !== null) await take(join(run.folder, RUN_BEST), join(out, RUN_BEST), run.judge);
    }),
    "take-start": handlerOf("take-start", async ({ start: hash }, { out }) => {
      const start = Object.values(starts).find((own) => startHash(own) === hash);
      if (start === undefined) throw changed("the starts of generators");
      await writeStartArtefact(out, start);
    }),
    "take-extractor": handlerOf("take-extractor", async ({ extractor: hash }, { out }) => {
      const path = networks[hash];
      if (path === undefined) throw changed("the networks of a probe and of generators");
      await take(path, join(out, EXTRACTOR), hash);
    }),
  };
}
