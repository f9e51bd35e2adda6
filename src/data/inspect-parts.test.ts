import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { phantomPlan } from "../phantom/plan.ts";
import { renderPhantom } from "../phantom/render.ts";
import { readDataset } from "./dataset.ts";
import { encodePng } from "./image.ts";
import { inspectDataset } from "./inspect.ts";
import { writeFiles } from "./testing/fixtures.ts";
import type { Dataset, RawImage } from "./types.ts";

const folder = await temporaryFolder();
let dataset: Dataset;

function mirrored({ width, height, channels, data }: RawImage): RawImage {
  const out = new Uint8Array(data.length);
  for (let y = 0, k = 0; y < height; y++)
    for (let x = width - 1; x >= 0; x--)
      for (let c = 0; c < channels; c++) out[k++] = data[channels * (y * width + x) + c]!;
  return { width, height, channels, data: out };
}

beforeAll(async () => {
  const pictures = phantomPlan(12, 8)
    .slice(0, 5)
    .map((spec) => renderPhantom(spec, 96).image);
  const files: Record<string, Uint8Array> = {};
  for (const [i, picture] of pictures.entries()) files[`a/${i}.png`] = await encodePng(picture);
  // The same in other light.
  const lighter = { ...pictures[1]!, data: pictures[1]!.data.map((value) => Math.min(255, value + 3)) };
  files["a/lighter.png"] = await encodePng(lighter);
  files["a/mirrored.png"] = await encodePng(mirrored(pictures[2]!));
  dataset = await readDataset(await writeFiles(join(folder, "alike"), files));
});

const pairs = ({ nearDuplicates }: Awaited<ReturnType<typeof inspectDataset>>) =>
  nearDuplicates.map(({ images, transform }) => [...images.map(({ fileName }) => fileName), transform]);
const LIGHTER = ["a/1.png", "a/lighter.png", undefined];
const MIRRORED = ["a/2.png", "a/mirrored.png", "mirrored"];

test("parts, mirrored and turned copies are looked for among as many images as that is done for, or where it is asked", async () => {
  for (const options of [{}, { mostSearched: 7 }, { mostSearched: 6, parts: true }]) {
    const found = await inspectDataset(dataset, options);
    expect(pairs(found)).toEqual([LIGHTER, MIRRORED]);
    expect(found).not.toHaveProperty("partsNotSearched");
  }
});

test("where they are not looked for, that is said, and all else is found", async () => {
  const whole = await inspectDataset(dataset);
  for (const [options, partsNotSearched] of [
    [{ mostSearched: 6 }, { images: 7, why: "many", most: 6, coreSeconds: 1 }],
    [{ parts: false }, { images: 7, why: "asked", most: 12_000, coreSeconds: 1 }],
  ] as const) {
    const found = await inspectDataset(dataset, options);
    expect(pairs(found)).toEqual([LIGHTER]);
    const { nearDuplicates, ...others } = whole;
    expect(found).toEqual({
      ...others,
      nearDuplicates: nearDuplicates.slice(0, 1),
      nearDuplicateCount: 1,
      partsNotSearched,
    });
  }
});
