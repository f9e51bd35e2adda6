import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { encodePng } from "../data/index.ts";
import { writeFiles } from "../data/testing/fixtures.ts";
import { prepareRun, resolveRun } from "./prepare.ts";

const dataset = join(await temporaryFolder(), "set");
const picture = await encodePng({ width: 16, height: 16, channels: 3, data: new Uint8Array(768).fill(200) });

test.each([
  [{ resolution: 24 }, /--resolution 24 does not fit/],
  [{ resolution: 1_000_000 }, /--resolution 1000000 does not fit/],
  [{ resolution: 16, recipe: { "networks.discriminatorHalvings": 3 } }, /does not fit 16 pixels/],
  [{ resolution: 16, precision: "half" as const }, /--precision half/],
])("options of dermgan are checked before maps are made: %j", async (options, message) => {
  // Making the maps would end with a word on the box.
  await writeFiles(dataset, {
    "a.png": picture,
    "b.png": picture,
    "metadata.csv": "file_name,label,x_min,y_min,x_max,y_max\na.png,nevus,2,2,x,9\nb.png,nevus,2,2,8,9\n",
  });
  const error = await failure(prepareRun({ dataset, model: "dermgan", ...options }));
  expect([error.code, error.message]).toEqual(["usage", expect.stringMatching(message)]);
  expect((await failure(prepareRun({ dataset, model: "dermgan", resolution: 16 }))).message).toMatch(/x_max is "x"/);
});

describe("options that presets leave out", () => {
  const data = {
    dataset: { path: "set", label: null, where: [], hash: "", classes: ["a", "b"], counts: [3, 4], split: "all" },
    channels: 3 as const,
  };
  const resolved = async (recipe: Readonly<Record<string, unknown>>, images = 1000) =>
    (await resolveRun({ preset: "tiny", images, recipe }, data)).config;

  test("are set one by one, with the rest as it changes nothing, and are left out where nothing changes", async () => {
    const { recipe } = await resolved({ "schedule.rates.last": 0, "conditioning.endImages": 500 });
    const level = { from: 0, until: 1, first: 1, last: 1, shape: "cosine" };
    expect(recipe).toMatchObject({
      schedule: { rates: { ...level, last: 0 }, gamma: level, augment: level },
      conditioning: { startImages: 0, endImages: 500 },
    });
    expect(recipe).not.toHaveProperty("classLoss");
    expect(await resolved({ "schedule.rates.last": 1, "conditioning.endImages": 0 })).toEqual(await resolved({}));
  });

  test.each([
    [
      { "schedule.rates.from": 0.8, "schedule.rates.until": 0.4 },
      /--set schedule\.rates: .*; from lies behind until; swap them/,
    ],
    [
      { "conditioning.startImages": 9, "conditioning.endImages": 5 },
      /--set conditioning: .*; startImages lies behind endImages/,
    ],
    [{ "conditioning.endImages": 1000 }, /conditioning\.endImages=1000: the training ends at 1000 images.*e\.g\. 333/],
    [
      { "schedule.beta2": 1 },
      /--set schedule\.beta2: there is no such option; there are schedule\.rates, schedule\.gamma, schedule\.augment/,
    ],
  ])("that do not fit are refused: %j", async (recipe, message) => {
    const error = await failure(resolved(recipe));
    expect([error.code, error.message]).toEqual(["usage", expect.stringMatching(message)]);
  });
});
