import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { readDataset } from "../../data/dataset.ts";
import { readMask } from "../../data/pixels.ts";
import { at, call, exists, generate, SIZE, writeRuns } from "../testing/map-runs.ts";

beforeAll(writeRuns);

const balance = (run: string, ...words: string[]) => call("balance", at("skin"), "--run", at(run), ...words);

test("a run from maps fills classes up in maps of training images, with masks of real and synthetic images", async () => {
  const { code, err } = await balance("noisy", "--out", at("b1"), "--to", "nevus=5,melanoma=5");
  expect([code, err]).toEqual([0, expect.stringMatching(/maps are those of training images, with lesions moved/)]);
  const [real, set] = [await readDataset(at("skin")), await readDataset(at("b1"))];
  const added = set.samples.filter(({ attributes }) => attributes.synthetic === "1");
  expect(set.samples.length - added.length).toBe(real.samples.length);
  const training = ({ split }: { split?: string | undefined }) => !split || split === "train";
  for (const name of ["nevus", "melanoma"]) {
    expect(set.samples.filter((sample) => sample.label === name && training(sample))).toHaveLength(5);
  }
  for (const [i, { mask, fileName }] of set.samples.entries()) {
    expect(mask).toBe(`masks/${fileName}`);
    const read = await readMask(set, i);
    expect([read?.width, read?.height, read?.data.includes(255)]).toEqual([SIZE, SIZE, true]);
  }
  const provenance = at("b1/provenance.jsonl");
  const lines = (await readFile(provenance, "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).file_name)).toEqual(added.map(({ fileName }) => fileName));
  expect((await generate("noisy", "--provenance", provenance, "--out", at("b2"))).code).toBe(0);
  for (const { fileName } of added) {
    expect(await readFile(at(`b2/${fileName}`))).toEqual(await readFile(at(`b1/${fileName}`)));
  }
}, 60_000);

test("a sampler that ranks images is refused, and a plan writes nothing", async () => {
  const { code, err } = await balance("noisy", "--out", at("b3"), "--sampler", "best");
  expect([code, err]).toEqual([2, expect.stringMatching(/map-to-image run .* whose discriminator cannot rank images/)]);
  const plan = await balance("noisy", "--plan", "--to", "nevus=9");
  expect([plan.code, plan.out]).toEqual([0, expect.stringContaining("nevus")]);
  expect(await exists(at("b3"))).toBe(false);
});
