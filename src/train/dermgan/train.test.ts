import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { decodeImage, fillBoxes, fillMap, type PackedMaps } from "../../data/index.ts";
import { dermganSizes, openMapGenerator } from "../../model/index.ts";
import { parseConfig } from "../config.ts";
import { RunFolder } from "../run-folder.ts";
import { testConfig } from "../testing/config.ts";
import { memoryStore } from "../testing/memory-store.ts";
import { train } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import type { DermganConfig } from "./config.ts";
import { dermganRecipes } from "./recipe.ts";

const root = await temporaryFolder();
const SIZE = 16;
const PIXELS = SIZE ** 2;
const COUNT = 24;

/** Ground of a brightness by tone, with a square at a place of its own: dark in one class, bright in the other. */
const cornerOf = (index: number) => [2 * (index % 5), 2 * (Math.floor(index / 5) % 5)];
const toneOf = (index: number) => 1 + (index % 6);
const GROUND = [0, 200, 180, 160, 140, 120, 100];
const labels = Array.from({ length: COUNT }, (_, i) => Math.floor(i / 6) % 2);
const store = memoryStore(
  labels,
  (index, position) => {
    const [left, top] = cornerOf(index);
    const [x, y] = [position % SIZE, Math.floor(position / SIZE)];
    const inside = x >= left! && x < left! + 6 && y >= top! && y < top! + 6;
    return inside ? (labels[index] === 0 ? 20 : 250) : GROUND[toneOf(index)]!;
  },
  { channels: 1, resolution: SIZE, classes: ["dark", "bright"] },
);
const boxAt = (left: number, top: number) => ({
  xMin: left / SIZE,
  yMin: top / SIZE,
  xMax: (left + 6) / SIZE,
  yMax: (top + 6) / SIZE,
});
const boxes = labels.map((_, i) => [boxAt(cornerOf(i)[0]!, cornerOf(i)[1]!)]);
const regions = new Uint8Array(COUNT * PIXELS);
boxes.forEach((own, i) => {
  fillBoxes(regions.subarray(i * PIXELS, (i + 1) * PIXELS), SIZE, own);
});
const tones = Uint8Array.from(labels, (_, i) => toneOf(i));
const training: PackedMaps = { kind: "box", resolution: SIZE, boxes, regions, tones, tonesEstimated: false };
const maps = { training, shown: { store, maps: training } };

function configOf(changes: object = {}, recipe: object = {}): DermganConfig {
  const { networks: _, recipe: __, ...shared } = testConfig({ resolution: SIZE, images: 96 });
  const config = {
    ...shared,
    model: "dermgan",
    networks: { ...dermganSizes.tiny, generatorMaps: 8, discriminatorMaps: 8, widest: 16 },
    recipe: { ...dermganRecipes.tiny, batch: 8, ...recipe },
    maps: { kind: "box", tonesEstimated: false, toneCounts: [4, 4, 4, 4, 4, 4], empty: 0, hash: "0" },
    ...changes,
  };
  return parseConfig(config, "the test's configuration") as DermganConfig;
}

async function trained(name: string, options: Partial<TrainOptions> & Pick<TrainOptions, "config">) {
  const run = new RunFolder(join(root, name));
  await run.create(options.config);
  return { run, result: await train({ run, store, maps, ...options }) };
}

test("learns what its maps say: the square at its place, of its class, on a ground of its tone", async () => {
  const recipe = { generatorRate: 2e-3, discriminatorRate: 1e-3, warmUpImages: 100, averageHalfLife: 400 };
  const config = configOf({ images: 2400 }, recipe);
  const { run, result } = await trained("learns", { config });
  expect(result).toMatchObject({ outcome: "complete", imagesSeen: 2400, generatorImagesSeen: 2400 });
  const generator = await openMapGenerator(run.generatorPath, { threads: 1 });
  const { latent } = generator.description;
  const drawn = async (condition: number, tone: number, left: number, top: number) => {
    const map = new Float32Array(3 * PIXELS);
    const region = new Uint8Array(PIXELS);
    fillBoxes(region, SIZE, [boxAt(left, top)]);
    fillMap(map, 0, { condition, conditions: 2, tone }, region);
    const image = await generator.draw(map, new Float32Array(latent));
    const mean = (inside: boolean) => {
      const own = image.filter((_, i) => region[i]! > 0 === inside);
      return own.reduce((a, b) => a + b, 0) / own.length;
    };
    return { inside: mean(true), outside: mean(false) };
  };
  // Places that no training image has, too.
  for (const [left, top] of [
    [2, 2],
    [9, 7],
    [5, 9],
  ]) {
    const [dark, bright] = [await drawn(0, 3, left!, top!), await drawn(1, 3, left!, top!)];
    expect(dark.inside, JSON.stringify({ dark, bright })).toBeLessThan(dark.outside - 50);
    expect(bright.inside).toBeGreaterThan(bright.outside + 30);
  }
  const [light, deep] = [await drawn(0, 1, 4, 4), await drawn(0, 6, 4, 4)];
  expect(light.outside).toBeGreaterThan(deep.outside + 40);
  await generator.close();

  const lines = (await readFile(run.statsPath, "utf8")).trim().split("\n");
  const last = JSON.parse(lines[lines.length - 1]!);
  for (const name of ["gan", "l1", "boxL1", "featureMatching", "lossG", "lossD"]) {
    expect(last[name], name).toBeGreaterThanOrEqual(0);
  }
  expect(last.l1).toBeLessThan(JSON.parse(lines[2]!).l1 / 2);
  // A grid has rows of maps, of drawn and of real images.
  const grid = await decodeImage(await readFile(join(run.path, "samples", "000002400.png")));
  expect(grid.height).toBeGreaterThanOrEqual(2 * 3 * SIZE);
}, 240_000);

test("a run that is stopped and resumed equals one that was not, first moments and all", async () => {
  const config = configOf();
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done >= 40) stop.abort();
  };
  const { run, result } = await trained("stopped", { config, onProgress, signal: stop.signal });
  expect(result).toMatchObject({ outcome: "interrupted", imagesSeen: 40 });
  expect(await train({ config, run, store, maps, resume: true })).toMatchObject({
    outcome: "complete",
    imagesSeen: 96,
  });
  const whole = await trained("whole", { config });
  const [found, expected] = [await run.latestCheckpoint(), await whole.run.latestCheckpoint()];
  expect(Object.keys(found!.state)).toContain("generatorFirst");
  expect(found?.state).toEqual(expected?.state);
});

test("training ends where its learning rates are zero, also when a larger budget is asked for later", async () => {
  const config = configOf({ images: 32 }, { constantImages: 16, decayImages: 16 });
  const { run, result } = await trained("still", { config });
  expect(result).toMatchObject({ outcome: "complete", imagesSeen: 32, ended: "the budget is used up" });
  const more = await train({ config: { ...config, images: 96 }, run, store, maps, resume: true });
  expect(more).toMatchObject({ outcome: "complete", imagesSeen: 32, ended: expect.stringMatching(/fallen to zero/) });
});

test("maps that changed under a run are not taken up", async () => {
  const config = configOf({ images: 16 });
  const { run } = await trained("changed", { config });
  const other = { ...config, images: 32, maps: { ...config.maps, hash: "1" } };
  const error = await failure(train({ config: other, run, store, maps, resume: true }));
  expect(error).toMatchObject({ code: "run", message: expect.stringContaining("another recipe, seed, dataset") });
});
