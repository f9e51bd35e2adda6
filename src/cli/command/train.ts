import { resolve } from "node:path";
import type { Command } from "commander";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { MAP_KINDS, type MapKind } from "../../data/index.ts";
import { encoderProbe } from "../../evaluate/index.ts";
import type { Device } from "../../graph/device.ts";
import { DEFAULT_FAMILY, familyNames, isFamily, PRESETS, type Preset, stateLayouts } from "../../model/index.ts";
import {
  architectureOf,
  type DifferentialPrivacy,
  estimateRun,
  openTraining,
  PRIVACY_UNITS,
  type PrivacyUnit,
  profileRun,
  readDifferentialPrivacy,
  refuseFailed,
  runTraining,
  type Training,
  type TrainRequest,
  type TrainResult,
} from "../../train/index.ts";
import { type CommandContext, type CommandResult, heardBy } from "../command.ts";
import { DEVICE_HELP, parseDevice } from "../device.ts";
import { estimateText } from "../estimate-text.ts";
import { collect, parsePositive, parsePositiveInteger, parseSetting, parseThreads } from "../options.ts";
import { profileText } from "../profile-text.ts";

const EXAMPLES = `
Examples:
  ganglion train skin --out run --minutes 10                            ten minutes on the classes of "skin"
  ganglion train photos --label dx --preset small --out run --images 200000
  ganglion train photos --label dx --where site=arm --out run --minutes 60
  ganglion train photos --model dermgan --resolution 64 --out run       from maps of tone, condition and lesion box
  ganglion train photos --label dx --out run --dry-run                  what would be trained, and for how long
  ganglion train photos --label dx --out run --profile                  where the time of a step goes
  ganglion train photos --out run --images 60000 --dp-epsilon 8 --dp-delta 1e-5   with differential privacy for each image
  ganglion train photos --out run --resume --minutes 120                continue a run, up to two hours in total`;

/** `r3gan draws from noise, dermgan from semantic maps`. */
function modelHelp(): string {
  const [noise, maps] = [familyNames("noise"), familyNames("maps")].map((names) => names.join(", "));
  return `${noise} draws from noise, ${maps} from semantic maps (default: ${DEFAULT_FAMILY})`;
}

export function configure(command: Command): void {
  command
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
      "threads; results are reproducible bit for bit only with the same number (default: 2)",
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
    .option("--license <ID>", "licence of the generator, stored in generator.onnx")
    .option("--resume", "continue the run in --out")
    .option("--profile", "run a few steps, print where their time goes, write RUN.profile.json, and train nothing")
    .option("--dry-run", "print the resolved configuration, sizes and time, and train nothing")
    .addHelpText("after", EXAMPLES);
}

/** Trains a generator. @throws GanglionError */
export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CommandContext,
): Promise<CommandResult> {
  checkChoices(options);
  const out = String(options.out);
  await refuseOutInside(out, { DATASET: args[0] });
  const request = requestOf(args[0], options, context);
  const training = await openTraining(request, heardBy(context, { out, resume: options.resume === true }));
  if (options.dryRun) {
    const { config } = training;
    const figures = await estimateRun(config);
    return { json: { config, ...figures }, text: estimateText(config, figures) };
  }
  if (options.profile) {
    const file = `${resolve(out)}.profile.json`;
    const profile = await profileRun(training, file, heardBy(context, {}));
    return { json: { file, ...profile }, text: profileText(profile, file) };
  }
  const result = await runTraining(training, heardBy(context, { openProbe: encoderProbe }));
  refuseFailed(training.folder, result);
  const differentialPrivacy = await readDifferentialPrivacy(out);
  const json = { run: out, ...training.computing, ...result, ...(differentialPrivacy && { differentialPrivacy }) };
  return { json, text: resultText(training, result, differentialPrivacy) };
}

function checkChoices(options: Readonly<Record<string, unknown>>): void {
  const wrong = (flag: string, value: unknown, remedy: string) =>
    new GanglionError("usage", `--${flag} ${value}: ${remedy}`);
  const { model, mapKind } = options;
  if (model !== undefined && !isFamily(String(model))) {
    throw wrong("model", model, `use one of ${familyNames().join(", ")}`);
  }
  if (mapKind !== undefined && !MAP_KINDS.includes(mapKind as MapKind)) {
    throw wrong("map-kind", mapKind, `use one of ${MAP_KINDS.join(", ")}`);
  }
  if (mapKind !== undefined && !familyNames("maps").includes(String(model)) && options.resume !== true) {
    throw wrong(
      "map-kind",
      mapKind,
      `only ${familyNames("maps").join(", ")} draws from maps; add --model ${familyNames("maps").join(" or ")} or omit it`,
    );
  }
  const { dpEpsilon, dpDelta, dpUnit } = options;
  if ((dpEpsilon === undefined) !== (dpDelta === undefined)) {
    const message = "--dp-epsilon and --dp-delta: a guarantee needs both; add the missing one";
    throw new GanglionError("usage", message);
  }
  if (dpEpsilon === undefined && options.resume !== true && (dpUnit ?? options.dpClip) !== undefined) {
    throw new GanglionError("usage", "--dp-unit, --dp-clip: these need --dp-epsilon; add it");
  }
  if (dpDelta !== undefined && !((dpDelta as number) < 1)) throw wrong("dp-delta", dpDelta, "give a number below 1");
  if (dpUnit !== undefined && !PRIVACY_UNITS.includes(dpUnit as PrivacyUnit)) {
    throw wrong("dp-unit", dpUnit, `use one of ${PRIVACY_UNITS.join(", ")}`);
  }
  const { precision } = options;
  if (precision !== undefined && precision !== "float32" && precision !== "half") {
    throw wrong("precision", precision, "use float32 or half");
  }
  if (options.preset !== undefined && !PRESETS.includes(options.preset as Preset)) {
    throw wrong("preset", options.preset, `use one of ${PRESETS.join(", ")}`);
  }
}

function requestOf(dataset: string, options: Readonly<Record<string, unknown>>, context: CommandContext): TrainRequest {
  const recipe = Object.fromEntries((options.set as string[]).map(parseSetting));
  if (options.batch !== undefined) recipe.batch = options.batch;
  return {
    dataset,
    label: options.label as string | undefined,
    where: options.where as string[],
    model: options.model as string | undefined,
    mapKind: options.mapKind as MapKind | undefined,
    preset: options.preset as Preset | undefined,
    resolution: options.resolution as number | undefined,
    images: options.images as number | undefined,
    minutes: options.minutes as number | undefined,
    threads: options.threads as number | undefined,
    device: options.device as Device | undefined,
    precision: options.precision as TrainRequest["precision"],
    seed: context.seed,
    recipe,
    differentialPrivacy: privacyOf(options),
    checkpointSeconds: options.checkpointSeconds as number | undefined,
    license: options.license as string | undefined,
  };
}

function privacyOf({
  dpEpsilon,
  dpDelta,
  dpUnit,
  dpClip,
}: Readonly<Record<string, unknown>>): TrainRequest["differentialPrivacy"] {
  if (dpEpsilon === undefined) return undefined;
  const [epsilon, delta] = [dpEpsilon as number, dpDelta as number];
  return { epsilon, delta, unit: dpUnit as PrivacyUnit | undefined, clip: dpClip as number | undefined };
}

function resultText({ folder, config }: Training, result: TrainResult, privacy: DifferentialPrivacy | null): string {
  const layouts = stateLayouts(architectureOf(config));
  const rate = (result.imagesSeen / result.seconds).toFixed(1);
  const best = result.best === null ? "" : `, KID ${result.best.kid.toFixed(4)} on encoder features`;
  const next =
    result.outcome === "interrupted"
      ? `Continue: ganglion train ${config.dataset.path} --out ${folder.path} --resume`
      : `Next:     ganglion generate ${folder.path} --per-class 100 --out synthetic`;
  return [
    `${result.outcome}: ${result.ended}`,
    `${result.imagesSeen} images seen in ${(result.seconds / 60).toFixed(1)} min, ${rate} images/s; ${layouts.generator.length} + ${layouts.discriminator.length} weights`,
    ...(result.generatorImagesSeen === null
      ? ["generator.onnx is not written yet: the run was stopped before the first measured state"]
      : [`generator.onnx holds the averaged weights at ${result.generatorImagesSeen} images${best}`]),
    ...(privacy === null
      ? []
      : [
          `differential privacy: epsilon ${privacy.epsilon.toFixed(3)} at delta ${privacy.delta} spent in ${privacy.steps} steps, for one ${privacy.unit} of ${privacy.records}`,
        ]),
    `Look at:  ${folder.path}/samples`,
    next,
  ].join("\n");
}
