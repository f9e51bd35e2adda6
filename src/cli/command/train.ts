import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { GanglionError } from "../../core/errors.ts";
import { refuseOutInside } from "../../core/out-folder.ts";
import { MAP_KINDS, type MapKind, realFilter, syntheticMarks } from "../../data/index.ts";
import type { Device } from "../../graph/device.ts";
import { DEFAULT_FAMILY, familyNames, isFamily, PRESETS, type Preset, stateLayouts } from "../../model/index.ts";
import {
  architectureOf,
  type DifferentialPrivacy,
  isPrivate,
  PRIVACY_UNITS,
  type PreparedRun,
  type PrivacyUnit,
  planRun,
  prepareRun,
  type RunConfig,
  RunFolder,
  readConfig,
  readDifferentialPrivacy,
  type TrainRequest,
  type TrainResult,
  trainingFamily,
} from "../../train/index.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { chooseDevice, DEVICE_HELP, parseDevice } from "../device.ts";
import { collect, parsePositive, parsePositiveInteger, parseThreads } from "../options.ts";

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
  await refuseOutInside(String(options.out), { DATASET: args[0] });
  const folder = new RunFolder(String(options.out));
  const stored = options.resume ? await storedConfig(folder) : null;
  const computing = await computeWhere(options, stored, context);
  const request = { ...requestOf(args[0], options, context), ...computing };
  const resolved =
    stored === null ? await prepareRun(withBudget(request)) : await prepareResume(folder, stored, request, context);
  const { dataset } = resolved;
  for (const note of [...dataset.notes, ...resolved.notes]) context.note(note);
  context.note(`training on ${resolved.config.dataset.split}`);
  const marks = syntheticMarks({ root: dataset.root, samples: resolved.indices.map((i) => dataset.samples[i]) });
  const synthetic = marks.filter((mark) => mark === true).length;
  if (synthetic > 0) {
    context.note(
      `${synthetic} of the images are synthetic (column synthetic) and are used for training too; --where ${realFilter(dataset)} keeps only the real ones`,
    );
  }
  const { counts, classes } = resolved.config.dataset;
  counts.forEach((n, i) => {
    if (n === 1) context.note(`class ${classes[i]} has one image: it can only be copied, not learned`);
  });
  const { estimateRun } = await import("../estimate-run.ts");
  if (options.dryRun) return estimateRun(resolved.config);
  if (options.profile && isPrivate(resolved.config)) {
    throw new GanglionError("usage", "--profile: steps with differential privacy are not traced; omit --dp-epsilon");
  }
  if (options.profile && computing.device !== "cpu") {
    throw new GanglionError(
      "usage",
      `--profile: operators are traced only on the cpu; omit --device ${computing.device}`,
    );
  }
  const config = stored === null ? await planRun(resolved.config, context.progress) : resolved.config;
  const prepared = { ...resolved, config };
  if (options.profile) {
    const { profileRun } = await import("../profile-run.ts");
    return profileRun(prepared, `${resolve(folder.path)}.profile.json`, context);
  }

  if (!options.resume) await folder.create(config);
  const { runTraining } = await import("../run-training.ts");
  const result = await runTraining(prepared, folder, context, Boolean(options.resume));
  if (result.outcome === "failed") {
    throw new GanglionError(
      "training",
      `training ${result.ended}; ${folder.generatorPath} holds the best state, of ${result.generatorImagesSeen} images seen: look at ${folder.path}/samples before you use it, and train again with other settings (--set NAME=VALUE)`,
    );
  }
  const differentialPrivacy = await readDifferentialPrivacy(folder.path);
  const json = { run: folder.path, ...computing, ...result, ...(differentialPrivacy && { differentialPrivacy }) };
  return { json, text: resultText(folder, config, result, differentialPrivacy) };
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

/**
 * Device and precision that were asked for, as far as this machine has them.
 * @param stored Of the run that is gone on with, whose device nothing else can take the place of; null for a fresh one.
 * @throws GanglionError `usage`
 */
async function computeWhere(
  options: Readonly<Record<string, unknown>>,
  stored: RunConfig | null,
  { note, warn }: CommandContext,
): Promise<Pick<TrainRequest, "device" | "precision">> {
  const asked = (options.device as Device | undefined) ?? stored?.device ?? "cpu";
  const reasons: string[] = [];
  const { device, halfConvolutions } = await chooseDevice(asked, stored === null ? warn : (text) => reasons.push(text));
  if (stored !== null && device !== asked) {
    const message = `--resume: a run continues only on the device it was trained on, because another device computes other bits; ${reasons[0]}`;
    throw new GanglionError("usage", message);
  }
  const precision = (options.precision as RunConfig["precision"] | undefined) ?? stored?.precision ?? "float32";
  if (precision === "half" && !halfConvolutions) {
    const where =
      asked === "cpu" ? "the CPU computes convolutions only in float32" : `${asked} here has no float16 convolution`;
    const remedy = options.precision === undefined ? "continue where the run was trained" : "omit it";
    throw new GanglionError("usage", `--precision half: ${where}; ${remedy}`);
  }
  if (device !== "cpu") {
    note(`steps are computed on ${device}, convolutions in ${precision === "half" ? "float16" : "float32"}`);
  }
  return { device, precision };
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
    onProgress: context.progress,
    preset: options.preset as Preset | undefined,
    resolution: options.resolution as number | undefined,
    images: options.images as number | undefined,
    minutes: options.minutes as number | undefined,
    threads: options.threads as number | undefined,
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

/** `gamma=2` => ["gamma", 2]; values are JSON, or text where they are not. */
function parseSetting(text: string): [string, unknown] {
  const at = text.indexOf("=");
  if (at < 1) throw new GanglionError("usage", `--set ${text}: write NAME=VALUE`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value)];
  } catch {
    return [text.slice(0, at), value];
  }
}

function withBudget(request: TrainRequest): TrainRequest {
  return request.images === undefined && request.minutes === undefined ? { ...request, minutes: 10 } : request;
}

/** Whether a setting of `--set` changes the networks, not the recipe. */
const isOfNetworks = (name: string): boolean => name === "networks" || name.startsWith("networks.");

/** @throws GanglionError `usage` when the folder holds no run */
async function storedConfig(folder: RunFolder): Promise<RunConfig> {
  if (!existsSync(folder.configPath)) {
    const message = `--resume: ${folder.path} holds no run (no config.json); check --out, or omit --resume to start one`;
    throw new GanglionError("usage", message);
  }
  return readConfig(folder.configPath);
}

/** The stored configuration with a new budget. @throws GanglionError when data or options differ from the run's. */
async function prepareResume(
  folder: RunFolder,
  stored: RunConfig,
  request: TrainRequest,
  { note }: CommandContext,
): Promise<PreparedRun> {
  const { label, where } = stored.dataset;
  const storedMaps = stored.maps;
  const privacy = isPrivate(stored) ? stored.differentialPrivacy : undefined;
  if (privacy === undefined && request.differentialPrivacy !== undefined) {
    const message = `--resume: the run in ${folder.path} was started without differential privacy, which cannot be added later; start another run`;
    throw new GanglionError("usage", message);
  }
  const asked = await prepareRun({
    ...request,
    differentialPrivacy: request.differentialPrivacy ?? privacy,
    // Noise and number of steps are fixed when a run begins; the budget of this sitting only ends it earlier.
    images: privacy === undefined ? request.images : privacy.steps * stored.recipe.batch,
    label: request.label ?? label ?? undefined,
    where: (request.where ?? []).length > 0 ? request.where : where,
    model: request.model ?? stored.model,
    mapKind: request.mapKind ?? storedMaps?.kind,
    preset: request.preset ?? stored.preset,
    resolution: request.resolution ?? stored.resolution,
    threads: request.threads ?? stored.threads,
  });
  const changes = Object.keys(request.recipe ?? {});
  const recipe = changes.some((name) => !isOfNetworks(name))
    ? recipeAsAsked(stored, asked.config, changes)
    : stored.recipe;
  const networks = changes.some(isOfNetworks) ? asked.config.networks : stored.networks;
  const given: [string, unknown, unknown][] = [
    ["the images of DATASET", stored.dataset.hash, asked.config.dataset.hash],
    ["--model", stored.model, asked.config.model],
    ["the masks, boxes or tones of DATASET, or --map-kind,", mapsText(stored), mapsText(asked.config)],
    ["--preset", stored.preset, asked.config.preset],
    ["--resolution", stored.resolution, asked.config.resolution],
    ["--threads", stored.threads, asked.config.threads],
    ["--device", stored.device, asked.config.device],
    ["--precision", stored.precision, asked.config.precision],
    // 0 is also what is meant where no seed was given.
    ["--seed", stored.seed, asked.config.seed === 0 ? stored.seed : asked.config.seed],
    ["--set or --batch", JSON.stringify(stored.recipe), JSON.stringify(recipe)],
    [
      "--dp-epsilon, --dp-delta, --dp-unit, --dp-clip or the patients of DATASET",
      privacyText(stored),
      privacyText(asked.config),
    ],
    ["--set networks", JSON.stringify(stored.networks), JSON.stringify(networks)],
  ];
  for (const [what, before, now] of given) {
    if (before !== now) {
      throw new GanglionError(
        "usage",
        `--resume: ${what} differ from the run in ${folder.path} (${before}, now ${now}); keep the earlier values or start another run`,
      );
    }
  }
  const unlimited = request.images === undefined && request.minutes === undefined;
  const { channelBlock } = asked.config;
  if (channelBlock !== stored.channelBlock) {
    note(
      `this processor computes in other blocks (${channelBlock}, the run in ${stored.channelBlock}): the run continues, but not bit for bit as on the earlier one`,
    );
  }
  const budget = unlimited ? stored : { images: request.images ?? null, minutes: request.minutes ?? null };
  const checkpointSeconds = request.checkpointSeconds ?? stored.reporting.checkpointSeconds;
  const config: RunConfig = {
    ...stored,
    images: budget.images,
    minutes: budget.minutes,
    reporting: { ...stored.reporting, checkpointSeconds },
    license: request.license ?? stored.license,
  };
  return { ...asked, config };
}

/** The recipe asked for; what follows from the budget stays the run's unless it is named. */
function recipeAsAsked(stored: RunConfig, asked: RunConfig, changes: readonly string[]): RunConfig["recipe"] {
  const names = trainingFamily(stored).fromLength?.names ?? [];
  if (asked.model !== stored.model || names.some((name) => changes.includes(name))) return asked.recipe;
  const kept = Object.entries(stored.recipe).filter(([name]) => names.includes(name));
  return { ...asked.recipe, ...Object.fromEntries(kept) };
}

const privacyText = (config: RunConfig): string =>
  isPrivate(config) ? JSON.stringify(config.differentialPrivacy) : "none";

const mapsText = (config: RunConfig): string => (config.maps === undefined ? "none" : JSON.stringify(config.maps));

function resultText(
  folder: RunFolder,
  config: RunConfig,
  result: TrainResult,
  privacy: DifferentialPrivacy | null,
): string {
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
