import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { encodePng } from "../../data/index.ts";
import { writeFiles } from "../../data/testing/fixtures.ts";
import {
  designArchitecture,
  earlierNetworks,
  generatorLayout,
  initialise,
  type NetworkSize,
  presetNetworks,
  presetResolution,
  writeGenerator,
} from "../../model/index.ts";
import { architectureOf } from "../config.ts";
import { prepareRun } from "../prepare.ts";
import { openStart } from "./open-start.ts";

// Files of 128 and 256 pixels take a while on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const folder = await temporaryFolder();
const dataset = join(folder, "set");
const picture = await encodePng({ width: 16, height: 16, channels: 3, data: new Uint8Array(768).fill(200) });
await writeFiles(dataset, {
  "a.png": picture,
  "b.png": picture,
  "metadata.csv": "file_name,label,split\na.png,nevus,train\nb.png,nevus,train\n",
});

async function writeUntrained(name: string, networks: NetworkSize, resolution: number): Promise<string> {
  const a = designArchitecture(networks, { resolution, channels: 3, classes: 1 });
  const path = join(folder, name);
  const described = { classes: ["nevus"], resolution, channels: 3, latent: a.latent, imagesSeen: 0, seed: 0 } as const;
  const weights = initialise(generatorLayout(a), 0, "generator");
  await writeGenerator(path, a, weights, { ...described, license: "CC0-1.0" });
  return path;
}

test("without a preset the smallest one that is made for the resolution is taken", async () => {
  const chosen = async (resolution?: number) => (await prepareRun({ dataset, resolution })).config.preset;
  expect(await Promise.all([undefined, 8, 32, 64, 128, 256].map(chosen))).toEqual([
    "tiny",
    "tiny",
    "tiny",
    "small",
    "base",
    "large",
  ]);
});

test("the size that was chosen is said in one line, unless it was asked for", async () => {
  const first = async (request: object) => (await prepareRun({ dataset, ...request })).notes[0];
  expect(await first({ resolution: 128, images: 300 })).toBe(
    "preset base, made for images of up to 128 px, in batches of 12; 300 images see each of the 2 about 150 times; --preset and --batch take others",
  );
  expect(await first({ resolution: 256, recipe: { batch: 4 } })).toBe(
    "preset large, made for images of up to 256 px, in batches of 4; --preset and --batch take others",
  );
  expect(await first({ preset: "tiny" })).toBeUndefined();
});

test.each([128, 256])(
  "networks of 64 pixels grown to %i are those that a training at that size takes",
  async (resolution) => {
    const from = await writeUntrained(`small-${resolution}.onnx`, presetNetworks.small, 64);
    const grown = (await prepareRun({ dataset, from, resolution })).config;
    const { config } = await prepareRun({ dataset, resolution });
    expect([grown.networks, grown.preset, grown.recipe.batch]).toEqual([
      config.networks,
      config.preset,
      config.recipe.batch,
    ]);
    expect(architectureOf(grown)).toEqual(architectureOf(config));
    expect(architectureOf(grown)).toMatchObject({
      generatorWidths: [128, 128, 64, 32, ...Array(Math.log2(resolution / 32)).fill(16)],
    });
    if (resolution === 256) return;
    // Grown once more, and in two steps, they are the same.
    const next = await writeUntrained(`grown-${resolution}.onnx`, grown.networks as NetworkSize, resolution);
    const again = (await prepareRun({ dataset, from: next, resolution: 256 })).config;
    expect(architectureOf(again)).toEqual(architectureOf((await prepareRun({ dataset, resolution: 256 })).config));
  },
);

test.each(["tiny", "small", "large"] as const)(
  "a generator file of %s is recognised as such at the resolution that it is made for",
  async (preset) => {
    const file = await writeUntrained(`${preset}.onnx`, presetNetworks[preset], presetResolution(preset));
    expect(await openStart(file)).toMatchObject({ preset, networks: presetNetworks[preset] });
  },
);

test.each(earlierNetworks)("a generator file of an earlier $preset still opens", async ({ preset, networks }) => {
  const file = await writeUntrained(`earlier-${preset}.onnx`, networks, 16);
  expect(await openStart(file)).toMatchObject({ preset, networks, architecture: { code: networks.code } });
});
