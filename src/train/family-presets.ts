import { PRESETS, type Preset } from "../model/index.ts";
import type { FamilyPreset } from "./family.ts";
import type { RunConfig } from "./run-config.ts";

/** Networks and recipe of each preset of a family. */
export const presetsOf = <C extends RunConfig>(
  networks: Readonly<Record<Preset, C["networks"]>>,
  recipes: Readonly<Record<Preset, C["recipe"]>>,
): Record<Preset, FamilyPreset<C>> =>
  Object.fromEntries(
    PRESETS.map((preset) => [preset, { networks: networks[preset], recipe: recipes[preset] }]),
  ) as Record<Preset, FamilyPreset<C>>;
