import { GanglionError } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { countsOf, perClassOf } from "../class-counts.ts";
import { drawRequests, readDatasetMaps } from "./dataset-maps.ts";
import { readMapFile, unseenTones } from "./map-csv.ts";
import type { MapRequest } from "./map-request.ts";
import type { MapRun } from "./map-run.ts";
import { parseSweep, sweepBases, sweepRequests, sweepSteps } from "./sweep.ts";

/** Which maps are to be filled: those of `maps`, of `sweep` (along those of `maps` where given), or `counts` or `perClass` of a dataset. */
export interface MapsAsked {
  /** Csv of maps. */
  readonly maps?: string | undefined;
  /** This line of `maps` only, the header being line 1. Defaults to all. */
  readonly line?: number | undefined;
  /** Control that a strip of images goes along. */
  readonly sweep?: string | undefined;
  /** Images of a row of a sweep along size or place. Defaults to 6. */
  readonly steps?: number | undefined;
  /** Base maps of a sweep, each a row. Defaults to 1, with `maps` to all. */
  readonly rows?: number | undefined;
  /** Images of each class named, `a=5,b=2`. */
  readonly counts?: string | undefined;
  /** Images of every class. */
  readonly perClass?: string | undefined;
  /** Dataset whose maps are taken. Defaults to the images that the run held out. */
  readonly mapsFrom?: string | undefined;
}

export interface RequestedMapsOptions {
  /** Of every draw of maps. */
  readonly seed: number;
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
}

/** Maps in the order of their images, and what is to be said of them. */
export interface RequestedMaps {
  readonly requests: readonly MapRequest[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** Images of a row; of sweeps. */
  readonly stripColumns?: number | undefined;
}

/**
 * The maps that are asked for, read or drawn.
 * @throws GanglionError `usage` for what does not go together, `dataset` for maps that cannot be read or had
 */
export async function requestedMaps(
  run: MapRun,
  asked: MapsAsked,
  options: RequestedMapsOptions,
): Promise<RequestedMaps> {
  const { seed, onProgress, signal } = options;
  const { description } = run.generator;
  const { classes } = description;
  const { maps: file, mapsFrom: dataset, line } = asked;
  const ofFile = async (path: string) => {
    if (dataset !== undefined) {
      throw new GanglionError(
        "usage",
        "--maps and --maps-from exclude each other: maps come from a file or from a dataset",
      );
    }
    return readMapFile(path, description, { seed, line });
  };
  if (asked.sweep !== undefined) {
    const sweep = parseSweep(asked.sweep);
    const steps = sweepSteps(sweep, description, asked.steps);
    const { rows } = asked;
    const found =
      file === undefined
        ? await readDatasetMaps(run, { classes, dataset, partial: true, onProgress, signal })
        : await ofFile(file);
    const bases = "requests" in found ? found.requests.slice(0, rows) : sweepBases(found, rows ?? 1, seed, description);
    const requests = sweepRequests(bases, sweep, steps, description);
    // Tones that a file asks for have been warned of.
    const unseen = unseenTones(requests, description).filter((text) => !found.warnings.includes(text));
    return { requests, notes: found.notes, warnings: [...found.warnings, ...unseen], stripColumns: steps };
  }
  if (file !== undefined) return ofFile(file);
  const counts =
    asked.counts === undefined ? perClassOf(String(asked.perClass), classes) : countsOf(asked.counts, classes);
  const wanted = counts.filter(({ count }) => count > 0);
  const maps = await readDatasetMaps(run, { classes: wanted.map(({ name }) => name), dataset, onProgress, signal });
  const requests = drawRequests(maps, wanted, run, seed);
  return { requests, notes: maps.notes, warnings: [...maps.warnings, ...unseenTones(requests, description)] };
}
