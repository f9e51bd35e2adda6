import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { lockRun } from "../../train/run-lock.ts";
import type { OpenedRun } from "./opened-run.ts";
import { readProgress, statsTail } from "./run-progress.ts";

const WRITTEN = 1_700_000_000;

/** A run of 1,500 images whose only line of statistics is of 1,000. */
async function runWith(live: object | null) {
  const folder = join(await temporaryFolder(), "run");
  await mkdir(join(folder, "samples"), { recursive: true });
  await writeFile(join(folder, "stats.jsonl"), '{"imagesSeen":1000,"seconds":10,"imagesPerSecond":100}\n');
  if (live !== null) {
    await writeFile(join(folder, "live.json"), JSON.stringify(live));
    await utimes(join(folder, "live.json"), WRITTEN, WRITTEN);
  }
  const run = { folder, config: { images: 1500, minutes: null } } as unknown as OpenedRun;
  return { folder, progress: () => readProgress(run, statsTail(run), 1000 * (WRITTEN + 2)) };
}

test("a run that has ended is shown as far as it went, not as far as its last statistics", async () => {
  const live = { stage: "train", done: 1500, total: 1500, unit: "images", seconds: 15, secondsLeft: null };
  const { progress } = await runWith(live);
  expect(await progress()).toMatchObject({
    state: "ended",
    stage: null,
    imagesSeen: 1500,
    seconds: 15,
    secondsLeft: null,
  });
  expect(await (await runWith(null)).progress()).toMatchObject({ imagesSeen: 1000, seconds: 10 });
});

test("a run in training is shown by the second, and what comes before its steps by name", async () => {
  const { folder, progress } = await runWith({
    ...{ stage: "train", done: 1200, total: 1500, unit: "images", seconds: 12, secondsLeft: 5 },
  });
  const release = await lockRun(folder);
  try {
    expect(await progress()).toMatchObject({
      state: "training",
      stage: null,
      imagesSeen: 1200,
      seconds: 12,
      secondsLeft: 3,
    });
    const decoding = { stage: "decode", done: 20, total: 90, unit: "images", seconds: 0, secondsLeft: null };
    await writeFile(join(folder, "live.json"), JSON.stringify(decoding));
    expect(await progress()).toMatchObject({
      state: "training",
      stage: { name: "decode", done: 20, total: 90, unit: "images" },
      imagesSeen: 1000,
    });
    await writeFile(join(folder, "live.json"), "{");
    expect(await progress()).toMatchObject({ stage: null, imagesSeen: 1000 });
  } finally {
    await release();
  }
});
