import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { packMaps, toneHistogram } from "./maps/pack-maps.ts";
import { imageChannels, readMask } from "./pixels.ts";
import { openPackedStore } from "./store.ts";

const shared = process.env.GANGLION_SHARED ?? "../shared";
const there = existsSync(join(shared, "data")) || process.env.CI === "true";
if (!there) console.warn(`skipped: real data sets are not at ${shared} (set GANGLION_SHARED to their folder)`);
const folder = await temporaryFolder();

test.skipIf(!there)("ISIC 2017: three diagnoses, official splits, a mask for every image", async () => {
  const dataset = await readDataset(join(shared, "data/isic2017"));
  expect(dataset.samples).toHaveLength(2150);
  expect(dataset.classes).toEqual(["melanoma", "nevus", "seborrheic keratosis"]);
  expect(dataset.columns).toMatchObject({ label: "diagnosis", split: "split", mask: "mask_file_name" });
  expect(new Set(dataset.samples.map((s) => s.split))).toEqual(new Set(["train", "val"]));
  expect(dataset.samples.every((s) => s.mask !== undefined)).toBe(true);
  expect(await imageChannels(dataset)).toBe(3);
  expect(await readMask(dataset, 0)).toMatchObject({ width: 256, height: 256, channels: 1 });
});

test.skipIf(!there)("HAM10000: seven diagnoses, lesions as patients", async () => {
  const dataset = await readDataset(join(shared, "data/ham10000"));
  expect(dataset.samples).toHaveLength(4487);
  expect(dataset.classes).toEqual(["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"]);
  expect(dataset.columns).toEqual({ label: "dx", patient: "lesion_id" });
  const indices = Array.from({ length: 64 }, (_, i) => 70 * i);
  const store = await openPackedStore(dataset, { resolution: 32, folder, indices });
  const batch = new Uint8Array(64 * 3 * 32 * 32);
  store.readInto([...indices.keys()], batch);
  store.close();
  const mean = batch.reduce((sum, v) => sum + v, 0) / batch.length;
  expect(mean).toBeGreaterThan(100);
  expect(mean).toBeLessThan(220);
});

test.skipIf(!there)(
  "soft-tissue sarcoma MR: grey slices of 29 patients, packed whole in flat memory",
  async () => {
    const dataset = await readDataset(join(shared, "data/sarcoma-mr"));
    expect(dataset.samples).toHaveLength(1701);
    expect(new Set(dataset.samples.map((s) => s.patient)).size).toBe(29);
    const before = process.memoryUsage.rss();
    const store = await openPackedStore(dataset, { resolution: 32, folder });
    expect(store).toMatchObject({ channels: 1, count: 1701 });
    const batch = new Uint8Array(32 * 1024);
    for (let i = 0; i + 32 <= store.count; i += 32)
      store.readInto(
        Array.from({ length: 32 }, (_, k) => i + k),
        batch,
      );
    store.close();
    expect((process.memoryUsage.rss() - before) / 2 ** 20).toBeLessThan(200);
  },
  60_000,
);

test.skipIf(!there)("ISIC 2017: maps of the validation images, one box each, tones estimated", async () => {
  const dataset = await readDataset(join(shared, "data/isic2017"), { where: ["split=val"] });
  const { maps, notes } = await packMaps(dataset, { kind: "mask", resolution: 64 });
  expect(maps.boxes.map((boxes) => boxes.length)).toEqual(Array(150).fill(1));
  expect(maps.tonesEstimated).toBe(true);
  expect(toneHistogram(maps.tones)).toEqual([74, 29, 23, 14, 7, 3]);
  expect(notes).toHaveLength(2);
});
