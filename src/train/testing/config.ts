import { presetNetworks } from "../../model/index.ts";
import { parseConfig } from "../config.ts";
import type { R3ganConfig } from "../r3gan/config.ts";
import { defaultRecipes, type Recipe } from "../r3gan/recipe.ts";

type Changes = Omit<Partial<R3ganConfig>, "recipe"> & { readonly recipe?: Partial<Recipe> };

/** A small configuration of two classes at 8 pixels in grey. */
export function testConfig({ recipe, ...changes }: Changes = {}): R3ganConfig {
  const config = {
    format: "ganglion.run/1",
    model: "r3gan",
    preset: "tiny",
    dataset: {
      path: "set",
      label: null,
      where: [],
      hash: "0",
      classes: ["dark", "bright"],
      counts: [8, 8],
      split: "all images",
    },
    resolution: 8,
    channels: 1,
    seed: 0,
    threads: 1,
    device: "cpu",
    precision: "float32",
    channelBlock: null,
    plans: {},
    images: 64,
    minutes: null,
    networks: presetNetworks.tiny,
    recipe: { ...defaultRecipes.tiny, batch: 8, ...recipe },
    reporting: { statsImages: 16, gridImages: 32, probeImages: 32, checkpointSeconds: 1000 },
    license: "",
    ...changes,
  };
  return parseConfig(config, "the test's configuration") as R3ganConfig;
}
