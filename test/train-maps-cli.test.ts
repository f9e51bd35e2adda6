import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { encodePng } from "../src/data/index.ts";
import { writeFiles } from "../src/data/testing/fixtures.ts";

const folder = await temporaryFolder();
const at = (name: string) => join(folder, name);

const ganglion = (...argv: string[]) => callProgram(argv);
const resume = (set: string, ...words: string[]) =>
  ganglion("train", at(set), "--out", at("run"), "--resume", "--images", "32", "--quiet", ...words);

beforeAll(async () => {
  const picture = await encodePng({ width: 16, height: 16, channels: 3, data: new Uint8Array(768).fill(200) });
  const mask = new Uint8Array(256).fill(255, 64, 128);
  const rows = Array.from({ length: 4 }, (_, i) => `${i}.png,${i % 2 === 0 ? "nevus" : "melanoma"},2,mask.png`);
  await writeFiles(at("set"), {
    ...Object.fromEntries([0, 1, 2, 3].map((i) => [`${i}.png`, picture])),
    "mask.png": await encodePng({ width: 16, height: 16, channels: 1, data: mask }),
    "metadata.csv": `file_name,label,tone,mask_file_name\n${rows.join("\n")}\n`,
  });
  const words = ["--model", "dermgan", "--resolution", "16", "--threads", "1", "--batch", "8", "--images", "16"];
  const { code, err } = await ganglion("train", at("set"), "--out", at("run"), "--quiet", ...words);
  expect([err, code]).toEqual([err, 0]);
}, 120_000);

test("a run of maps is gone on with only from the same maps, of the same kind, by the same model", async () => {
  const refused = async (set: string, ...words: string[]) => {
    const { code, err } = await resume(set, ...words);
    expect([err, code]).toEqual([err, 2]);
    return err;
  };
  expect(await refused("set", "--map-kind", "mask")).toMatch(
    /--resume: the masks, boxes or tones of DATASET, or --map-kind, differ/,
  );
  expect(await refused("set", "--model", "r3gan")).toMatch(/--resume: --model differ/);
  for (const [name, file, content] of [
    ["tones", "metadata.csv", readFileSync(at("set/metadata.csv"), "utf8").replace("nevus,2", "nevus,3")],
    [
      "masks",
      "mask.png",
      await encodePng({ width: 16, height: 16, channels: 1, data: new Uint8Array(256).fill(255, 80) }),
    ],
  ] as const) {
    cpSync(at("set"), at(name), { recursive: true });
    writeFileSync(at(`${name}/${file}`), content);
    expect(await refused(name)).toMatch(/--resume: the masks, boxes or tones of DATASET/);
  }
});

test("a longer run keeps the fall of its rates, whatever else is said again", async () => {
  // The same words as at the start, with a larger budget, from which a fresh run would derive another fall.
  const again = await resume("set", "--batch", "8", "--set", "constantImages=9");
  expect(again.code).toBe(2);
  expect(again.err).toMatch(/--resume: --set constantImages differs/);
  const { code, err } = await resume("set", "--batch", "8");
  expect([err, code]).toEqual([err, 0]);
  const { recipe, images } = JSON.parse(readFileSync(at("run/config.json"), "utf8"));
  expect([recipe.constantImages, recipe.decayImages, images]).toEqual([8, 8, 32]);
});
