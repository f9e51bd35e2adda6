import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { datasetHash, openPackedStore, readDataset } from "../data/index.ts";
import type { LabelledSet } from "./labelled-set.ts";
import { networkPlace } from "./network-cache.ts";
import { openExtractor } from "./open-extractor.ts";
import { writeLesions } from "./testing/lesions.ts";

const before = process.env.GANGLION_CACHE;
let folder: string;
let real: LabelledSet;

beforeEach(async () => {
  folder = await temporaryFolder();
  process.env.GANGLION_CACHE = join(folder, "cache");
  const dataset = await readDataset(await writeLesions(join(folder, "lesions"), { dark: 12, red: 12 }, 1));
  const store = await openPackedStore(dataset, { resolution: 24, folder });
  real = { name: "lesions", dataset, hash: await datasetHash(dataset), store, labels: Uint16Array.from(store.labels) };
});

afterEach(() => {
  real.store.close();
  if (before === undefined) delete process.env.GANGLION_CACHE;
  else process.env.GANGLION_CACHE = before;
});

/** Opens the encoder and closes it. @returns steps of its training, and what it says of the images */
async function opened(seed = 0) {
  let steps = 0;
  const onProgress = ({ stage }: { stage: string }) => {
    if (stage === "encoder") steps++;
  };
  const encoder = await openExtractor("encoder", { real, seed, threads: 1, encoderImages: 256, onProgress });
  const { data } = await encoder.extract(real.store);
  await encoder.close();
  return { steps, data, learned: encoder.learned, description: encoder.description };
}

const kept = () => readdir(join(folder, "cache", "encoders"));

test("the encoder of a dataset is trained once; another seed trains its own", async () => {
  const first = await opened();
  expect(first.steps).toBe(4);
  expect(await opened()).toEqual({ ...first, steps: 0 });
  expect(await kept()).toHaveLength(1);
  expect((await opened(1)).steps).toBe(4);
  expect(await kept()).toHaveLength(2);
});

test("other labels or another order of the same images train again, and a damaged file", async () => {
  const training = { kind: "encoder", seed: 0, threads: 1, imagesSeen: 256, resolution: 24, channels: 3 } as const;
  const keyOf = async (set: LabelledSet) => (await networkPlace(set, training))!.key;
  const { dataset } = real;
  const turned = { ...dataset, samples: [...dataset.samples].reverse() };
  const keys = [
    await keyOf(real),
    await keyOf({ ...real, hash: "other" }),
    await keyOf({ ...real, dataset: turned }),
    await keyOf({ ...real, store: { ...real.store, labels: real.labels.map((label) => 1 - label) } }),
    (await networkPlace(real, { ...training, kind: "segmenter" }))!.key,
  ];
  expect(new Set(keys).size).toBe(5);

  const first = await opened();
  const path = join(folder, "cache", "encoders", (await kept())[0]!);
  await writeFile(path, (await readFile(path)).subarray(0, 1000));
  expect(await opened()).toEqual(first);
});

test("a cache that cannot be written costs only the time; the oldest of many encoders go", async () => {
  await writeFile(join(folder, "cache"), "not a folder");
  expect((await opened()).steps).toBe(4);
  process.env.GANGLION_CACHE = join(folder, "full");
  const full = join(folder, "full", "encoders");
  await mkdir(full, { recursive: true });
  for (let k = 0; k < 40; k++) {
    await writeFile(join(full, `${k}.safetensors`), "");
    await utimes(join(full, `${k}.safetensors`), k, k);
  }
  await opened();
  const names = await readdir(full);
  expect(names).toHaveLength(33);
  expect(names).not.toContain("7.safetensors");
  expect(names).toContain("8.safetensors");
});
