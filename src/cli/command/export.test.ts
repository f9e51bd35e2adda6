import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { callProgram } from "../testing/call-program.ts";

const folder = await temporaryFolder();

test("export writes what it says, and needs a format that there is", async () => {
  const root = await writeFiles(join(folder, "set"), {
    "1.png": await pngOf(1),
    "2.png": await pngOf(2),
    "metadata.csv": "file_name,label,split,x_min,y_min,x_max,y_max\n1.png,a,train,1,1,4,4\n2.png,b,val,,,,\n",
  });
  const out = join(folder, "out");
  const { code, out: said } = await callProgram(["export", root, out, "--format", "coco", "--json"]);
  expect([code, JSON.parse(said)]).toMatchObject([
    0,
    { format: "coco", images: 2, boxes: 1, regions: 0, splits: { train: 1, val: 1 } },
  ]);
  expect(await readdir(join(out, "annotations"))).toEqual(["instances_train.json", "instances_val.json"]);
  const without = await callProgram(["export", root, `${out}-2`]);
  expect([without.code, without.err]).toEqual([2, expect.stringContaining("--format is needed: coco or yolo")]);
  expect((await callProgram(["export", root, `${out}-2`, "--format", "voc"])).code).toBe(2);
  expect((await callProgram(["export", root, out, "--format", "yolo"])).err).toContain("is not empty");
  expect((await callProgram(["export", root, join(root, "in"), "--format", "yolo"])).code).toBe(2);
});
