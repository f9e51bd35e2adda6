import { channelBlock } from "../graph/index.ts";
import { DEFAULT_FAMILY, modelFamily, type Preset, presetResolution, usualPreset } from "../model/index.ts";
import { RUN_FORMAT } from "../model/run-format.ts";
import { changed, withoutOff } from "./changed-options.ts";
import { checkPrivateOptions } from "./dp/privacy.ts";
import type { FamilyPreset } from "./family.ts";
import { withGrowth } from "./growth/grow-recipe.ts";
import { trainingFamily } from "./known-families.ts";
import type { RunConfig } from "./run-config.ts";
import { refuseOtherFamily, startConfig } from "./start/begin-from.ts";
import type { Start } from "./start/start.ts";
import type { TrainRequest } from "./train-request.ts";
import { withFrozen } from "./with-frozen.ts";

/** The images of a run, as its configuration names them. */
export interface DescribedData {
  /** How the data are called in the configuration. */
  readonly dataset: RunConfig["dataset"];
  readonly channels: 1 | 3;
}

/** What a preset says, for a private training or not. @throws GanglionError `usage` for options that break a guarantee */
function presetOf(request: TrainRequest, model: string, preset: Preset): FamilyPreset {
  const { presets, privacy } = trainingFamily({ model });
  if (request.differentialPrivacy === undefined) return presets[preset];
  const { device = "cpu", precision = "float32", images, recipe: asked = {} } = request;
  const refused = "refused" in privacy ? privacy.refused : null;
  checkPrivateOptions({ model, refused, device, precision, images, asked });
  return "refused" in privacy ? presets[preset] : privacy.presets[preset];
}

/** What options and a start say of model, sizes and recipe before single options are changed. */
function sizesOf(request: TrainRequest, start: Start | null) {
  const name = request.model ?? start?.architecture.model ?? DEFAULT_FAMILY;
  const model = modelFamily(name, "--model", "usage").name;
  if (start !== null) refuseOtherFamily(start, model);
  if (start === null) {
    const preset = request.preset ?? usualPreset(request.resolution);
    const resolution = request.resolution ?? presetResolution(preset);
    return { model, preset, resolution, ...presetOf(request, model, preset) };
  }
  const { resolution: before } = start.architecture;
  const { resolution = before } = request;
  const preset = request.preset ?? (resolution === before ? start.preset : usualPreset(resolution));
  const said = presetOf(request, model, preset);
  const { fineTuned, resized } = trainingFamily({ model });
  // A frozen network is a file of the machine that the start was trained on: one is named anew or there is none.
  const { frozen: _, ...started } = start.networks as typeof start.networks & { readonly frozen?: unknown };
  const own = resolution === before ? started : (resized?.(started, before) ?? started);
  const networks = request.preset === undefined ? own : said.networks;
  const hasDiscriminator = start.discriminator !== null;
  const plain = fineTuned === undefined || request.differentialPrivacy !== undefined;
  return {
    model,
    preset,
    resolution,
    networks,
    recipe: plain ? said.recipe : fineTuned(said.recipe, { hasDiscriminator }),
  };
}

/** The configuration of a run without its maps, not checked yet. */
export async function draftConfig(
  request: TrainRequest,
  { dataset, channels }: DescribedData,
  start: Start | null = null,
) {
  const { device = "cpu", precision = "float32" } = request;
  const { model, preset, resolution, ...sizes } = sizesOf(request, start);
  const judged =
    request.frozen === undefined
      ? sizes
      : await withFrozen(sizes, { ...request, frozen: request.frozen }, { model, resolution, channels });
  const said = withGrowth(judged, request, { model, resolution, channels, dataset });
  const { fromLength, offByDefault = {} } = trainingFamily({ model });
  const all = { ...offByDefault, ...said.recipe, networks: said.networks };
  const { networks, ...changedRecipe } = withoutOff(changed(all, request.recipe ?? {}), offByDefault);
  const recipe = fromLength === undefined ? changedRecipe : fromLength.complete(changedRecipe, request);
  return {
    format: RUN_FORMAT,
    model,
    preset,
    dataset,
    resolution,
    channels,
    seed: request.seed ?? 0,
    threads: request.threads ?? 2,
    device,
    precision,
    channelBlock: device === "cpu" ? ((await channelBlock()) ?? null) : null,
    plans: {},
    images: request.images ?? null,
    minutes: request.minutes ?? null,
    networks,
    recipe,
    reporting: {
      statsImages: 1_000,
      gridImages: 5_000,
      probeImages: 10_000,
      checkpointSeconds: request.checkpointSeconds ?? 30,
    },
    license: request.license ?? "",
    ...(start === null ? {} : { start: startConfig(start, dataset.classes, request.fromClasses ?? []) }),
  };
}

export type DraftConfig = Awaited<ReturnType<typeof draftConfig>>;
