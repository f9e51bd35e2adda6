import { existsSync } from "node:fs";
import { GanglionError } from "../core/errors.ts";
import { readConfig } from "./config.ts";
import { isPrivate } from "./dp/private-config.ts";
import { trainingFamily } from "./known-families.ts";
import { type PreparedRun, prepareRun, type TrainRequest } from "./prepare.ts";
import type { RunConfig } from "./run-config.ts";
import type { RunFolder } from "./run-folder.ts";

/** Whether a setting of `--set` changes the networks, not the recipe. */
const isOfNetworks = (name: string): boolean => name === "networks" || name.startsWith("networks.");

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
    onNote(
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
