import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { encodePng } from "../data/index.ts";
import { writeFiles } from "../data/testing/fixtures.ts";
import { prepareRun } from "./prepare.ts";

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
