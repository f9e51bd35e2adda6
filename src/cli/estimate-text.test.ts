import { expect, test } from "vitest";
import { comparedText } from "../train/compared-families.ts";
import { expectedQuality } from "../train/measured-runs.ts";
import { testConfig } from "../train/testing/config.ts";
import { estimateText } from "./estimate-text.ts";

const figures = {
  generatorWeights: 602_339,
  discriminatorWeights: 957_121,
  checkpointMegabytes: 14.9,
  peakMemoryMegabytes: 350,
  imagesPerSecond: 27.6,
  measuredBatch: 8,
  images: 49_622,
  minutes: 30,
  expected: expectedQuality({ model: "r3gan", resolution: 32 }, 49_622),
  budgetWarning: null,
  budgets: [
    { minutes: 10, images: 16_560, expected: null },
    { minutes: 60, images: 99_360, expected: null },
  ],
};
const config = testConfig({ resolution: 32 });

test("a dry run says on one screen what is trained, why, for how long and what to expect", () => {
  expect(estimateText(config, figures, {})).toBe(`model       r3gan, preset tiny: widths 128 64 32 16 from 4 pixels
weights     602,339 of the generator, 957,121 of the discriminator
resolution  32 px, that of preset tiny, the default; --resolution N asks for another
data        all images, 2 classes of 8 images
images      49,622 seen in batches of 8, each image about 3100 times
time        30m00s on 1 thread at 27.6 images/s (steps timed here on random images)
memory      350 MB; a checkpoint takes 14.9 MB of disk
quality     coverage 0.28 at 42,688 images (HAM10000), then 0.38 at 60,000 images (HAM10000)
            (the share of real images that a drawn one is near: 0.2 is recognisable, 1 is the best)
families    ${comparedText(config).join("\n            ")}
other times 10m00s 16,560, 1h00m 99,360 images seen

dry run: nothing was written; --json prints the whole configuration`);
});

test("it says what was asked for, and what is scaled or measured elsewhere", () => {
  const large = { ...figures, measuredBatch: 1, expected: expectedQuality({ model: "r3gan", resolution: 128 }, 100) };
  const text = estimateText(testConfig({ resolution: 128, threads: 4 }), large, { resolution: 128 });
  expect(text).toContain("resolution  128 px, as asked\n");
  expect(text).toContain(
    "on 4 threads at 27.6 images/s (timed here on batches of 1, scaled to 8 by the operations of a step)",
  );
  expect(text).toContain("coverage less than 0.04 at 15,000 images (ISIC 2017), measured at 64 px; 128 px need more\n");
  const longest = { ...figures, expected: expectedQuality({ model: "r3gan", resolution: 32 }, 1e6) };
  expect(estimateText(config, longest, {})).toContain("coverage about or above 0.67 at 120,000 images");
  expect(estimateText(config, { ...figures, expected: null }, {})).not.toContain("quality");
  expect(expectedQuality({ model: "dermgan", resolution: 64 }, 100)).toBeNull();
});

test("families are compared for a training from scratch alone", () => {
  const start = { path: "run", classes: [], origins: [] } as unknown as NonNullable<typeof config.start>;
  expect(estimateText(config, figures, {})).toContain("\nfamilies    in equal minutes");
  expect(estimateText({ ...config, start }, figures, {})).not.toContain("families");
});
