import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { RunFolder, train } from "../../train/index.ts";
import { testConfig } from "../../train/testing/config.ts";
import { memoryStore } from "../../train/testing/memory-store.ts";
import { copyMonitor } from "./copy-monitor.ts";

/** Two pictures of black and white squares, one a class, which a training can only learn by heart; no turn makes one of the other. */
const PATTERNS = ["1101100000101110", "0100111000010011"];
const store = memoryStore(
  [0, 1],
  (index, position) => {
    const [row, column] = [Math.floor(position / 16), Math.floor((position % 8) / 2)];
    return PATTERNS[index]![4 * row + column] === "1" ? 240 : 15;
  },
  { channels: 1, resolution: 8, classes: ["dark", "bright"] },
);

test("a training that learns its images by heart says so while it trains, and in its figures", async () => {
  const recipe = { warmUpImages: 400, averageHalfLife: 200, generatorRate: 4e-3, discriminatorRate: 4e-3, gamma: 1 };
  const config = testConfig({
    images: 2400,
    recipe: { ...recipe, augment: { ...testConfig().recipe.augment, speedImages: 1e9 } },
    reporting: { statsImages: 400, gridImages: 2400, probeImages: 400, checkpointSeconds: 1000 },
    dataset: { ...testConfig().dataset, counts: [1, 1] },
  });
  const run = new RunFolder(join(await temporaryFolder(), "run"));
  await run.create(config);
  const warnings: string[] = [];
  const copies = await copyMonitor({ store });
  // So few images have no quality to follow: the copies are counted all the same.
  const result = await train({
    config,
    run,
    store,
    copyMonitor: copies,
    onWarning: (line: string) => warnings.push(line),
  });
  await copies.close();
  const lines = (await readFile(run.statsPath, "utf8")).trim().split("\n");
  const shares = lines.map((line) => JSON.parse(line).copies);
  expect(result.copies, `${shares}`).toMatchObject({ of: 64, imagesSeen: 2400 });
  expect(result.copies!.found, `${shares}`).toBeGreaterThan(32);
  expect(shares.at(-1)).toBe(result.copies!.found / 64);
  const said = warnings.filter((line) => line.includes("repeat training images"));
  expect(said[0]).toMatch(
    /^warning: \d+ of 64 images drawn at [\d,]+ images seen repeat training images: the run begins/,
  );
}, 240_000);
