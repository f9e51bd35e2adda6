import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { GanglionError } from "../core/errors.ts";
import { readConfig } from "./config.ts";
import { isPrivate } from "./dp/private-config.ts";
import type { FirstWeights } from "./initial-state.ts";
import { type PreparedRun, prepareRun } from "./prepare.ts";
import type { RunConfig } from "./run-config.ts";
import type { RunFolder } from "./run-folder.ts";
import { beginFrom } from "./start/begin-from.ts";
import { openStart } from "./start/open-start.ts";
import type { TrainRequest } from "./train-request.ts";

/** What `--set NAME` names in a recipe with its networks: `augment.target` reaches inside. Undefined where nothing has the name. */
function settingOf(record: unknown, name: string): unknown {
  return name.split(".").reduce((at, key) => (at as Record<string, unknown> | undefined)?.[key], record);
}

/** Parts of a recipe that only some trainings have. */
const ADDED: readonly string[] = ["fineTune", "features", "grow"];

/**
 * Refuses options that say otherwise than the run.
 * @param given What differs, the run's value, and the one that is asked for.
 * @throws GanglionError `usage` that names the first such option with both values
 */
function refuseOthers(folder: RunFolder, given: Iterable<readonly [string, unknown, unknown]>): void {
  for (const [what, before, now] of given) {
    if (isDeepStrictEqual(before, now)) continue;
    const said = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));
    throw new GanglionError(
      "usage",
      `--resume: ${what} from the run in ${folder.path} (${said(before)}, now ${said(now)}); omit it to go on with the run's, or start another run`,
    );
  }
}

/** The configuration of a run that is to go on. @throws GanglionError `usage` when the folder holds no run */
export async function readStoredConfig(folder: RunFolder): Promise<RunConfig> {
  if (!existsSync(folder.configPath)) {
    const message = `--resume: ${folder.path} holds no run (no config.json); check --out, or omit --resume to start one`;
    throw new GanglionError("usage", message);
  }
  return readConfig(folder.configPath);
}

/**
 * The run that goes on: its stored configuration with the budget of the request. What the request leaves out is the run's.
 * @param onNote Told when the run goes on, but not bit for bit.
 * @throws GanglionError `usage` when data or options differ from the run's
 */
export async function prepareResume(
  folder: RunFolder,
  stored: RunConfig,
  request: TrainRequest,
  onNote: (line: string) => void,
): Promise<PreparedRun> {
  const { label, where } = stored.dataset;
  const storedMaps = stored.maps;
  const privacy = isPrivate(stored) ? stored.differentialPrivacy : undefined;
  if (privacy === undefined && request.differentialPrivacy !== undefined) {
    const message = `--resume: the run in ${folder.path} was started without differential privacy, which cannot be added later; start another run`;
    throw new GanglionError("usage", message);
  }
  const { recipe = {}, seed } = request;
  const whole = { ...stored.recipe, networks: stored.networks };
  const given = Object.fromEntries(Object.entries(recipe).filter(([name]) => !ADDED.includes(name.split(".")[0]!)));
  // What a person says comes first: it needs no reading of images, and can be mended at once.
  refuseOthers(folder, [
    ["--model differs", stored.model, request.model ?? stored.model],
    ["--preset differs", stored.preset, request.preset ?? stored.preset],
    ["--resolution differs", stored.resolution, request.resolution ?? stored.resolution],
    ["--threads differs", stored.threads, request.threads ?? stored.threads],
    ["--device differs", stored.device, request.device ?? stored.device],
    ["--precision differs", stored.precision, request.precision ?? stored.precision],
    ["--from differs", stored.start?.path, request.from ?? stored.start?.path],
    ["--frozen differs", frozenText(stored), request.frozen ?? frozenText(stored)],
    ["--grow differs", stored.recipe.grow !== undefined, request.grow ?? stored.recipe.grow !== undefined],
    ["--no-holdout differs", stored.dataset.heldOut !== undefined && request.holdout === false, false],
    // 0 is also what is meant where no seed was given.
    ["--seed differs", stored.seed, seed === undefined || seed === 0 ? stored.seed : seed],
    ...Object.entries(recipe)
      .filter(([name]) => settingOf(whole, name) !== undefined)
      .map(
        ([name, now]) =>
          [`${name === "batch" ? "--batch" : `--set ${name}`} differs`, settingOf(whole, name), now] as const,
      ),
  ]);
  // What a start, a frozen network or growth adds is not an option of one without, as which the data are read here.
  const { augment, ...others } = whole as typeof whole & { augment?: unknown };
  const shared = Object.fromEntries(Object.entries(others).filter(([name]) => !ADDED.includes(name)));
  const asked = await prepareRun({
    ...request,
    // What was held out when the run began is held out still.
    holdout: false,
    run: folder.path,
    ...{ grow: false, frozen: undefined, from: undefined, fromClasses: undefined, fromLicense: undefined },
    // Without augmentation, which a private run may not name.
    recipe: { ...shared, ...(privacy === undefined && augment !== undefined ? { augment } : {}), ...given },
    differentialPrivacy: privacy && { ...privacy, ...definedOf(request.differentialPrivacy) },
    // Noise and number of steps are fixed when a run begins; the budget of this sitting only ends it earlier.
    images: privacy === undefined ? request.images : privacy.steps * stored.recipe.batch,
    label: request.label ?? label ?? undefined,
    where: (request.where ?? []).length > 0 ? request.where : where,
    model: stored.model,
    mapKind: request.mapKind ?? storedMaps?.kind,
    preset: stored.preset,
    resolution: stored.resolution,
    threads: stored.threads,
  });
  refuseOthers(
    folder,
    // What is an option, but not one that the run has.
    Object.entries(recipe)
      .filter(([name]) => name.split(".")[0] !== "fineTune" && settingOf(whole, name) === undefined)
      .map(([name, now]) => [`--set ${name} differs`, "not set", now] as const),
  );
  refuseOthers(folder, [
    ["the images of DATASET differ", stored.dataset.hash, asked.config.dataset.hash],
    ["the masks, boxes or tones of DATASET, or --map-kind, differ", mapsText(stored), mapsText(asked.config)],
    [
      "--dp-epsilon, --dp-delta, --dp-unit, --dp-clip or the patients of DATASET differ",
      privacyText(stored),
      privacyText(asked.config),
    ],
  ]);
  const unlimited = request.images === undefined && request.minutes === undefined;
  const { channelBlock } = asked.config;
  if (channelBlock !== stored.channelBlock) {
    onNote(
      `this processor computes in other blocks (${channelBlock}, the run in ${stored.channelBlock}): the run continues, but not bit for bit as on the earlier one`,
    );
  }
  const budget = unlimited ? stored : { images: request.images ?? null, minutes: request.minutes ?? null };
  const checkpointSeconds = request.checkpointSeconds ?? stored.reporting.checkpointSeconds;
  const config: RunConfig = {
    ...stored,
    // It may have been moved; its images are the same.
    dataset: { ...stored.dataset, path: asked.config.dataset.path },
    images: budget.images,
    minutes: budget.minutes,
    reporting: { ...stored.reporting, checkpointSeconds },
    license: request.license ?? stored.license,
  };
  return { ...asked, config, weights: await firstWeights(folder, config) };
}

/** Weights that a run begins with which was stopped before its first state. @throws GanglionError when its start has changed */
async function firstWeights(folder: RunFolder, config: RunConfig): Promise<FirstWeights | undefined> {
  const { start: said } = config;
  if (said === undefined || (await folder.latestCheckpoint()) !== null) return undefined;
  const start = await openStart(said.path, said.origins[0]!.license);
  if (start.origins[0]!.weights !== said.origins[0]!.weights) {
    const message = `--resume: ${said.path} holds other weights than the run in ${folder.path} began from; put them back, or start another run`;
    throw new GanglionError("run", message);
  }
  return beginFrom(start, config).weights;
}

/** How a run's frozen network is named on the command line. */
function frozenText({ networks }: RunConfig): string | undefined {
  const { frozen } = networks as { readonly frozen?: { readonly file: string } };
  return frozen && `onnx:${frozen.file}`;
}

/** The values that are said. */
const definedOf = <T extends object>(some: T = {} as T): Partial<T> =>
  Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)) as Partial<T>;

const privacyText = (config: RunConfig): string =>
  isPrivate(config) ? JSON.stringify(config.differentialPrivacy) : "none";

/** Kind and hash name the maps; what else is said of them follows from these. */
const mapsText = ({ maps }: RunConfig): string => (maps === undefined ? "none" : `${maps.kind} ${maps.hash}`);
