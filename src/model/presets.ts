/** Sizes of networks that every family offers; presets name width and depth, not a data set. */
export const PRESETS = ["tiny", "small", "base", "large"] as const;
export type Preset = (typeof PRESETS)[number];

/** Resolution that a preset is made for, in pixels. */
export const presetResolution = (preset: Preset): number => ({ tiny: 32, small: 64, base: 128, large: 256 })[preset];

/** The smallest preset that is made for a resolution, or the largest. */
export const usualPreset = (resolution = 32): Preset =>
  PRESETS.find((preset) => resolution <= presetResolution(preset)) ?? "large";
