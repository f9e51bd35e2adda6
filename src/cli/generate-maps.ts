import { commandLine, freeFolder, pathWord } from "../core/command-line.ts";
import { GanglionError } from "../core/errors.ts";
import type { Device } from "../graph/device.ts";
import type * as SampleLayer from "../sample/index.ts";
import type { MapRun } from "../sample/maps/map-run.ts";
import type { MapsAsked } from "../sample/maps/requested-maps.ts";
import { keepsAll, needsScorer, type Sampler, samplerText } from "../sample/sampler.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { evaluateNext, sameCommand } from "./next-command.ts";

type Sample = typeof SampleLayer;
/** Of `generate`, what concerns maps. */
interface Options extends Omit<MapsAsked, "line"> {
  readonly out?: string | undefined;
  readonly provenance?: string | undefined;
  readonly line?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** How to open the run, and how to sample it. */
export interface MapGeneration {
  readonly folder: string;
  /** Name of the family. */
  readonly model: string;
  readonly device: Device;
  readonly threads: number | undefined;
  readonly sampler: Sampler;
}

/** @throws GanglionError `usage` for a sampler that a map-to-image run cannot draw by */
export function checkMapSampler(
  sampler: Sampler,
  { folder, model, latent }: Pick<MapGeneration, "folder" | "model"> & { readonly latent: number },
): void {
  const rule = samplerText(sampler);
  if (!keepsAll(sampler)) {
    const asked = needsScorer(sampler) ? "whose discriminator cannot rank images" : "whose maps say the class";
    const message = `--sampler ${rule}: ${folder} is a map-to-image run (${model}), ${asked}; use random or truncation:PSI`;
    throw new GanglionError("usage", message);
  }
  if (sampler.kind === "truncation" && latent === 0) {
    const message = `--sampler ${rule}: this run has no latent to truncate (one map, one image); omit --sampler`;
    throw new GanglionError("usage", message);
  }
}

/** Fills semantic maps with a map-to-image run. @throws GanglionError */
export async function generateMaps(
  sample: Sample,
  { folder, model, device, threads, sampler }: MapGeneration,
  options: Options,
  context: CommandContext,
): Promise<CommandResult> {
  const rule = samplerText(sampler);
  const run = await sample.openMapRun(folder, { threads, device });
  try {
    const { description, hash } = run.generator;
    const { resolution, mapKind } = description;
    checkMapSampler(sampler, { folder, model, latent: description.latent });
    if (options.provenance !== undefined) return await again(sample, run, options.provenance, options, context);
    const { seed, progress: onProgress, signal } = context;
    const line = options.maps === undefined ? undefined : lineOf(options);
    const asked = await sample.requestedMaps(run, { ...options, line }, { seed, onProgress, signal });
    for (const note of asked.notes) context.note(note);
    for (const warning of asked.warnings) context.warn(`warning: ${warning}`);
    const images = asked.requests.length;
    const head = {
      run: folder,
      model,
      generator: hash,
      device,
      sampler: rule,
      seed,
      resolution,
      mapKind,
    };
    const said = { notes: asked.notes, warnings: asked.warnings };
    const size = `${resolution} x ${resolution} pixels`;
    if (options.dryRun === true) {
      return {
        json: { ...head, written: false, images, ...said },
        text: `would fill ${images} maps with images of ${size}`,
        next: sameCommand(context, ["--dry-run"], options.out === undefined ? ["--out", freeFolder("synthetic")] : []),
      };
    }
    const out = String(options.out);
    const made = await sample.fillMaps(run, out, {
      requests: asked.requests,
      sampler,
      stripColumns: asked.stripColumns,
      onProgress,
      signal,
    });
    const lines = Object.entries(made.counts).map(([name, count]) => `  ${name}: ${count}`);
    const strip = asked.stripColumns === undefined ? "" : `, and ${sample.STRIP}`;
    return {
      json: { ...head, out, written: true, images: made.images, counts: made.counts, ...said },
      next: options.sweep === undefined ? await evaluateNext(folder, out) : commandLine("studio", pathWord(folder)),
      text: [`wrote ${made.images} images of ${size} with masks, boxes and tones${strip}, to ${out}`, ...lines].join(
        "\n",
      ),
    };
  } finally {
    await run.close();
  }
}

/** Line of `--line`. @throws GanglionError `usage` */
function lineOf(options: Options): number | undefined {
  if (options.line === undefined) return undefined;
  if (/^\d+$/.test(options.line)) return Number(options.line);
  throw new GanglionError("usage", `--line ${options.line}: give a whole number`);
}

async function again(
  sample: Sample,
  run: MapRun,
  path: string,
  options: Options,
  context: CommandContext,
): Promise<CommandResult> {
  if (options.mapsFrom !== undefined) {
    throw new GanglionError("usage", "--provenance and --maps-from exclude each other: the maps come from the records");
  }
  let records = await sample.readMapProvenance(path);
  const line = lineOf(options);
  if (line !== undefined) {
    if (line < 1 || line > records.length) {
      throw new GanglionError("usage", `--line ${line}: ${path} has the lines 1 to ${records.length}`);
    }
    records = [records[line - 1]!];
  }
  const recorded = await sample.recordedRequests(run, path, records);
  const head = {
    run: run.folder,
    model: run.generator.description.model,
    generator: run.generator.hash,
    device: run.device,
    provenance: path,
  };
  const images = records.length;
  if (options.dryRun === true) {
    const next = sameCommand(context, ["--dry-run"], options.out === undefined ? ["--out", freeFolder("again")] : []);
    return { json: { ...head, images, written: false }, text: `would draw ${images} images of ${path} again`, next };
  }
  const out = String(options.out);
  await sample.refillMaps(run, out, recorded, { onProgress: context.progress, signal: context.signal });
  return {
    json: { ...head, images, out, written: true },
    next: commandLine("inspect", pathWord(out)),
    text: `drew ${images} ${images === 1 ? "image" : "images"} of ${path} again, in ${out}`,
  };
}
