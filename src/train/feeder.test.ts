import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { openStore, type PackedStore } from "../data/index.ts";
import { Feeder } from "./feeder.ts";
import { r3ganArchitecture } from "./r3gan/config.ts";
import { r3ganTraining } from "./r3gan/family.ts";
import { feedSource } from "./r3gan/feeds.ts";
import { testConfig } from "./testing/config.ts";
import { memoryStore } from "./testing/memory-store.ts";

const folder = await temporaryFolder();
const config = testConfig({ recipe: { batch: 4 } });
const options = { architecture: r3ganArchitecture(config), recipe: config.recipe, seed: 3 };
const store = memoryStore([0, 1, 0, 1, 1], (i, p) => (i * 50 + p) % 256, {
  channels: 1,
  resolution: 8,
  classes: ["dark", "bright"],
});

const open: Feeder[] = [];
function feederOf(images: PackedStore): Feeder {
  const feeder = new Feeder(images, r3ganTraining.feeds, options);
  open.push(feeder);
  return feeder;
}
afterEach(async () => {
  for (const feeder of open.splice(0)) await feeder.close();
});

function expected(step: number, probability: number) {
  const source = feedSource(store, options);
  const feeds = source.allocate();
  source.fill(step, probability, feeds);
  return feeds;
}

describe("feeds of a step", () => {
  test("are those of their step and probability, asked for ahead, out of order or not at all", async () => {
    const feeder = feederOf(store);
    feeder.ask(0, 0.5);
    for (const [step, probability] of [
      [0, 0.5],
      [1, 0.5],
      [7, 0.25],
      [2, 1],
    ]) {
      expect(await feeder.take(step!, probability!)).toEqual(expected(step!, probability!));
      feeder.ask(step! + 1, 0.5);
    }
    // Asked for with another probability than is taken: made again.
    expect(await feeder.take(3, 0.9)).toEqual(expected(3, 0.9));
  });

  test("stay untouched while those of the next step are made", async () => {
    const feeder = feederOf(store);
    for (let step = 0; step < 6; step++) {
      const feeds = await feeder.take(step, 0.5);
      feeder.ask(step + 1, 0.5);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(feeds).toEqual(expected(step, 0.5));
    }
  });
});

test("images that cannot be read any more are an error that names the file", async () => {
  const path = join(folder, "packed.u8");
  await writeFile(path, store.source as Uint8Array);
  const file = openStore({ ...store, source: path });
  const feeder = feederOf(file);
  expect(await feeder.take(0, 0)).toEqual(expected(0, 0));
  await truncate(path, 10);
  const error = await failure(feeder.take(1, 0));
  expect([error.code, error.message]).toEqual([
    "files",
    expect.stringContaining(`${path}: the packed file was cut short`),
  ]);
  file.close();
});

test("a thread that cannot begin is an error at every step, not a wait without end", async () => {
  const gone = { ...store, source: join(folder, "gone.u8") };
  const feeder = feederOf(gone);
  for (const step of [0, 1]) {
    const error = await failure(feeder.take(step, 0));
    expect([error.code, error.message]).toEqual(["files", expect.stringContaining("gone.u8")]);
  }
});
