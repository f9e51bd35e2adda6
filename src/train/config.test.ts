import { describe, expect, test } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { parseConfig } from "./config.ts";
import { configHash } from "./run-config.ts";
import { testConfig } from "./testing/config.ts";

const thrown = (value: unknown): GanglionError => {
  try {
    parseConfig(value, "run/config.json");
  } catch (error) {
    if (error instanceof GanglionError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

test("a configuration survives being written and read", () => {
  const config = testConfig();
  expect(parseConfig(JSON.parse(JSON.stringify(config)), "config.json")).toEqual(config);
});

test("every field that does not fit is listed with its path", () => {
  const config = testConfig();
  const error = thrown({
    ...config,
    channels: 2,
    seed: 1.5,
    threads: 0,
    device: "tpu",
    dataset: { ...config.dataset, classes: [] },
    recipe: { ...config.recipe, batch: 1, gamma: "much", augment: { ...config.recipe.augment, target: 2 } },
    reporting: undefined,
  });
  expect(error.code).toBe("run");
  expect(error.message).toContain("run/config.json is not the configuration of a run of this version");
  const lines = error.message.split("\n").slice(1, -1);
  expect(lines.map((line) => line.trim().split(":")[0]).sort()).toEqual([
    "channels",
    "dataset.classes",
    "device",
    "recipe.augment.target",
    "recipe.batch",
    "recipe.gamma",
    "reporting",
    "seed",
    "threads",
  ]);
  for (const value of [null, 7, "config", []]) expect(thrown(value).code).toBe("run");
});

describe("the hash of a configuration", () => {
  const config = testConfig();
  const changed = (change: object) => configHash({ ...config, ...change }) !== configHash(config);
  test("changes with everything that the weights depend on", () => {
    expect(changed({ seed: 1 })).toBe(true);
    expect(changed({ threads: 7 })).toBe(true);
    expect(changed({ resolution: 16 })).toBe(true);
    expect(changed({ networks: { ...config.networks, blocks: 2 } })).toBe(true);
    expect(changed({ recipe: { ...config.recipe, gamma: 9 } })).toBe(true);
    expect(changed({ dataset: { ...config.dataset, hash: "other" } })).toBe(true);
    expect(changed({ dataset: { ...config.dataset, classes: ["b", "a"] } })).toBe(true);
  });

  test("stays with what may change between the sittings of a run", () => {
    expect(changed({ images: 5, minutes: 7, license: "MIT", reporting: { ...config.reporting, gridImages: 1 } })).toBe(
      false,
    );
    expect(changed({ dataset: { ...config.dataset, path: "moved" } })).toBe(false);
    expect(configHash(parseConfig(JSON.parse(JSON.stringify(config)), "x"))).toBe(configHash(config));
  });
});
