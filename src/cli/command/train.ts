import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { copyMonitor } from "../../audit/copies/copy-monitor.ts";
import { commandLine, freeFolder, typedPath } from "../../core/command-line.ts";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { shellWord } from "../../core/quoted.ts";
import { MAP_KINDS } from "../../data/index.ts";
import { concludeTraining, distanceMonitor } from "../../evaluate/index.ts";
import { DEVICES } from "../../graph/device.ts";
import { DEFAULT_FAMILY, familyNames, isFamily, PRESETS, stateLayouts } from "../../model/index.ts";
import {
  architectureOf,
  type DifferentialPrivacy,
  estimateRun,
  type Outcome,
  openTraining,
  PRIVACY_UNITS,
  profileRun,
  type RunConfig,
  readDifferentialPrivacy,
  refuseFailed,
  runTraining,
  type Training,
  type TrainRequest,
  type TrainResult,
} from "../../train/index.ts";
import { type CommandContext, type CommandResult, withListeners } from "../command.ts";
import { addConfigOption } from "../config-words.ts";
import { DEVICE_HELP, parseDevice } from "../device.ts";
import { estimateText } from "../estimate-text.ts";
import { sameCommand } from "../next-command.ts";
import { collect, oneOf, parsePositive, parsePositiveInteger, parseSetting, parseThreads } from "../options.ts";
import { profileText } from "../profile-text.ts";

const EXAMPLES = `
Examples:
  ganglion train skin --out run --minutes 10                            ten minutes on the classes of "skin"
  ganglion train photos --label dx --preset small --out run --images 200000
  ganglion train photos --label dx --where site=arm --out run --minutes 60
  ganglion train photos --model dermgan --resolution 64 --out run       from maps of tone, condition and lesion box
  ganglion train photos --out run --no-holdout                          on all images: nothing is left to compare with
  ganglion train photos --label dx --out run --dry-run                  what would be trained, and for how long
  ganglion train photos --label dx --out run --profile                  where the time of a step goes
  ganglion train photos --out run --images 60000 --dp-epsilon 8 --dp-delta 1e-5   with differential privacy for each image
  ganglion train photos --label dx --from run --from-class nv=nevus --out finer    begin from the networks of a run
  ganglion train photos --from run --resolution 128 --out larger        the same, grown from 64 pixels
  ganglion train photos --config run.json                               with {"out": "run", "preset": "small", "images": 60000}
  ganglion train photos --out run --resume --minutes 120                continue a run, up to two hours in total`;

/** Names of families by what they draw from. */
function modelHelp(): string {
  const [noise, maps] = [familyNames("noise"), familyNames("maps")].map((names) => names.join(", "));
  return `from noise: ${noise}; from semantic maps: ${maps} (default: ${DEFAULT_FAMILY})`;
}

export function configure(command: Command): void {
  addConfigOption(command)
    .argument("<DATASET>", 'image folder, class folders or .npz; its split "train" if it has one')
    .requiredOption("--out <RUN>", "run folder to write")
    .option("--model <NAME>", modelHelp())
    .option(
      "--map-kind <KIND>",
      `for ${familyNames("maps").join(", ")}: box, or mask for the lesion's shape (default: box)`,
    )
    .option("--preset <NAME>", `width and depth: ${PRESETS.join(", ")} (default: by resolution)`)
    .option(
      "--resolution <N>",
      "width and height in pixels: 8, 16, ... 256 (default: the preset's)",
      parsePositiveInteger,
    )
    .option("--label <COL>", "column with the class (default: dataset.json, else guessed)")
    .option("--where <COL=VALUE>", "train only on these images; may be repeated", collect, [])
    .option("--batch <N>", "images per batch (default: the recipe's)", parsePositiveInteger)
    .option("--images <N>", "end after this many images seen", parsePositiveInteger)
    .option("--minutes <M>", "end after this many minutes (default: 10 if --images is not given)", parsePositive)
    .option("--device <NAME>", `${DEVICE_HELP} (default: cpu)`, parseDevice)
    .option(
      "--precision <TYPE>",
      "precision of convolutions: float32, or half on a GPU that supports it (default: float32)",
    )
    .option(
      "--threads <N>",
      "threads; results are reproducible bit for bit only with the same number (default: physical cores, as far as they gain)",
      parseThreads,
    )
    .option(
      "--set <NAME=VALUE>",
      "change the recipe, e.g. gamma=2 or augment.rotate=false; may be repeated",
      collect,
      [],
    )
    .option("--checkpoint-seconds <S>", "seconds between checkpoints (default: 30)", parsePositive)
    .option(
      "--dp-epsilon <E>",
      "differential privacy: largest epsilon to spend; needs --dp-delta and --images",
      parsePositive,
    )
    .option("--dp-delta <D>", "differential privacy: delta, below 1 / number of images or patients", parsePositive)
    .option("--dp-unit <UNIT>", "differential privacy: unit protected, image or patient (default: image)")
    .option("--dp-clip <C>", "differential privacy: largest norm of one record's gradient (default: 1)", parsePositive)
    .option(
      "--from <START>",
      "begin from trained networks: a run, a generator.onnx, or a name of `ganglion starts` (default: new networks)",
    )
    .option(
      "--from-class <NEW=OLD>",
      "class of START that a class begins as; may be repeated (default: the same name, else the mean of all)",
      collect,
    )
    .option("--from-license <ID>", "licence of a START that names none (default: the start's own)")
    .option(
      "--frozen <onnx:PATH>",
      "network of fixed weights whose layers are judged beside the discriminator: one input [N,3,H,H], RGB 0..1 (default: none)",
    )
    .option(
      "--grow",
      "begin at a low resolution (a quarter; pggan 8 px) and grow, for half of --images or --minutes (docs/recipes.md)",
    )
    .option("--no-grow", "begin at the whole resolution with a model that grows unasked")
    .option("--license <ID>", "licence of the generator, stored in generator.onnx")
    .option(
      "--no-holdout",
      "train on all images of a dataset without a split, where 15 % are held out for evaluate, audit, release and study",
    )
    .option("--resume", "continue the run in --out")
    .option("--profile", "run a few steps, print where their time goes, write RUN.profile.json, and train nothing")
    .option("--dry-run", "print sizes, time, memory and the quality to expect, and train nothing")
    .addHelpText("after", EXAMPLES);
}

/** What {@link configure} declares. */
export const options = z.object({
  out: z.string(),
  model: z
    .string()
    .refine(isFamily, { error: () => `use one of ${familyNames().join(", ")}` })
    .optional(),
  mapKind: oneOf(MAP_KINDS).optional(),
  preset: oneOf(PRESETS).optional(),
  resolution: z.number().optional(),
  label: z.string().optional(),
  where: z.array(z.string()),
  batch: z.number().optional(),
  images: z.number().optional(),
  minutes: z.number().optional(),
  device: z.enum(DEVICES).optional(),
  precision: z.enum(["float32", "half"], { error: "use float32 or half" }).optional(),
  threads: z.number().optional(),
  set: z.array(z.string()),
  checkpointSeconds: z.number().optional(),
  dpEpsilon: z.number().optional(),
  dpDelta: z.number().lt(1, { error: "give a number below 1" }).optional(),
  dpUnit: oneOf(PRIVACY_UNITS).optional(),
  dpClip: z.number().optional(),
  from: z.string().optional(),
  fromClass: z.array(z.string()).optional(),
  fromLicense: z.string().optional(),
  frozen: z.string().optional(),
  grow: z.boolean().optional(),
  license: z.string().optional(),
  config: z.string().optional(),
  holdout: z.boolean(),
  resume: z.boolean().optional(),
  profile: z.boolean().optional(),
  dryRun: z.boolean().optional(),
});
type Options = z.infer<typeof options>;

/** Trains a generator. @throws GanglionError */
export async function run(args: readonly string[], options: Options, context: CommandContext): Promise<CommandResult> {
  checkTogether(options);
  const { out } = options;
  await refuseOutInside(out, { DATASET: args[0] });
  const request = requestOf(args[0]!, options, context);
  const training = await openTraining(request, withListeners(context, { out, resume: options.resume }));
  if (options.dryRun) {
    const { config } = training;
    const figures = await estimateRun(config);
    return {
      json: { config, ...figures },
      text: estimateText(config, figures, options),
      next: sameCommand(context, ["--dry-run"]),
    };
  }
  if (options.profile) {
    const file = `${resolve(out)}.profile.json`;
    const profile = await profileRun(training, file, withListeners(context, {}));
    return { json: { file, ...profile }, text: profileText(profile, file), next: sameCommand(context, ["--profile"]) };
  }
  const result = await runTraining(
    training,
    withListeners(context, { openMonitor: distanceMonitor, openCopyMonitor: copyMonitor }),
  );
  refuseFailed(training.folder, result);
  const outcome =
    result.outcome === "complete" ? await concludeTraining(training, result, withListeners(context, {})) : null;
  const differentialPrivacy = await readDifferentialPrivacy(out);
  const privacy = differentialPrivacy && { differentialPrivacy };
  const judged = outcome && {
    verdict: outcome.verdict,
    distance: outcome.distance,
    trend: outcome.trend,
    ...(outcome.coverage && { coverage: outcome.coverage }),
    ...(outcome.classAgreement && { classAgreement: outcome.classAgreement }),
    next: outcome.next,
  };
  const json = { run: out, ...training.computing, ...result, ...judged, ...privacy };
  return { json, text: resultText(training, result, outcome, differentialPrivacy) };
}

/** @throws GanglionError `usage` for options that do not go together */
function checkTogether({ model, mapKind, dpEpsilon, dpDelta, dpUnit, dpClip, resume, ...rest }: Options): void {
  if (rest.from === undefined && (rest.fromClass ?? rest.fromLicense) !== undefined) {
    throw new GanglionError(
      "usage",
      "--from-class, --from-license: these say how to begin from a start; add --from START",
    );
  }
  if (mapKind !== undefined && !familyNames("maps").includes(String(model)) && resume !== true) {
    const names = familyNames("maps");
    throw new GanglionError(
      "usage",
      `--map-kind ${mapKind}: only ${names.join(", ")} draws from maps; add --model ${names.join(" or ")} or leave it out`,
    );
  }
  if ((dpEpsilon === undefined) !== (dpDelta === undefined)) {
    const message = "--dp-epsilon and --dp-delta: a guarantee needs both; add the missing one";
    throw new GanglionError("usage", message);
  }
  if (dpEpsilon === undefined && (dpUnit ?? dpClip) !== undefined) {
    throw new GanglionError("usage", "--dp-unit, --dp-clip: these need --dp-epsilon; add it");
  }
}

function requestOf(dataset: string, options: Options, { seed }: CommandContext): TrainRequest {
  const { set, batch, dpEpsilon: epsilon, dpDelta: delta, dpUnit: unit, dpClip: clip } = options;
  const { label, where, model, mapKind, preset, resolution, images, minutes, threads, device, precision } = options;
  const {
    checkpointSeconds,
    license,
    from,
    fromClass: fromClasses,
    fromLicense,
    holdout,
    dryRun: quick,
    frozen,
    grow,
  } = options;
  const recipe = Object.fromEntries(set.map(parseSetting));
  if (batch !== undefined && recipe.batch !== undefined && recipe.batch !== batch) {
    throw new GanglionError("usage", `--batch ${batch} and --set batch=${recipe.batch} differ; give one of them`);
  }
  if (batch !== undefined) recipe.batch = batch;
  const differentialPrivacy = epsilon === undefined || delta === undefined ? undefined : { epsilon, delta, unit, clip };
  return {
    ...{ dataset, label, where, model, mapKind, preset, resolution, images, minutes, threads, device, precision, seed },
    ...{
      recipe,
      differentialPrivacy,
      checkpointSeconds,
      license,
      from,
      fromClasses,
      fromLicense,
      holdout,
      quick,
      frozen,
      grow,
    },
  };
}

function resultText(
  { folder, config }: Training,
  result: TrainResult,
  outcome: Outcome | null,
  privacy: DifferentialPrivacy | null,
): string {
  const layouts = stateLayouts(architectureOf(config));
  const rate = (result.imagesSeen / result.seconds).toFixed(1);
  return [
    `${result.outcome}: ${result.ended}`,
    `${result.imagesSeen} images seen in ${(result.seconds / 60).toFixed(1)} min, ${rate} images/s; ${layouts.generator!.length} + ${layouts.discriminator!.length} weights`,
    result.generatorImagesSeen === null
      ? `generator.onnx is not written yet: the run was stopped before the first measured state${config.recipe.grow === undefined ? "" : " of its whole networks"}`
      : `generator.onnx holds the averaged weights at ${result.generatorImagesSeen} images`,
    ...(privacy === null
      ? []
      : [
          `differential privacy: epsilon ${privacy.epsilon.toFixed(3)} at delta ${privacy.delta} spent in ${privacy.steps} steps, for one ${privacy.unit} of ${privacy.records}`,
        ]),
    ...(outcome === null ? [] : ["", ...outcomeLines(outcome)]),
    `Look at:  ${folder.path}/samples`,
    ...nextLines(folder.path, config, result, outcome),
  ].join("\n");
}

/** The verdict's sentence with its reasons, the distance beside that of real images, and where quality goes. */
function outcomeLines({ verdict, distance, trend, coverage, classAgreement }: Outcome): string[] {
  const lines = [`${verdict.sentence}.`, ...verdict.reasons.map((reason) => `  ${reason}`)];
  if (distance !== null) {
    const { features, value, floor, n } = distance;
    const times = floor > 0 ? `, ${Number((value / floor).toPrecision(2))} times as far` : "";
    lines.push(
      `Distance: FID ${Number(value.toPrecision(3))}, other real images ${Number(floor.toPrecision(3))}${times} (${features}, ${n} images per side)`,
    );
  }
  const followed = [coverage, classAgreement, trend].flatMap((told) =>
    told === undefined ? [] : [`${told.sentence}.`],
  );
  return [...lines, ...followed];
}

function nextLines(path: string, config: RunConfig, result: TrainResult, outcome: Outcome | null): string[] {
  const run = shellWord(path);
  if (result.outcome === "interrupted") {
    return [`Continue: ganglion train ${shellWord(typedPath(config.dataset.path))} --out ${run} --resume`];
  }
  const draw = commandLine("generate", path, "--per-class", "100", "--out", freeFolder("synthetic"));
  if (outcome === null) return [`Next:     ${draw}`];
  const { reason, command } = outcome.next;
  // Whoever has no more time goes on with what there is.
  return [`${reason}.`, `Next:     ${command}`, ...(command === draw ? [] : [`Or:       ${draw}`])];
}
