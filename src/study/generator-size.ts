import { type Preset, usualPreset } from "../model/presets.ts";
import type { TrainedConfig } from "./config.ts";

/** Size that a generator is trained at, whoever named it; null where it is that of a start. @param resolution Of the study, in pixels */
export const generatorSize = ({ preset, start }: TrainedConfig, resolution: number): Preset | null =>
  preset ?? (start === null ? usualPreset(resolution) : null);
