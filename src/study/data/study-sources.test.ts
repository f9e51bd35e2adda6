import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { parseStudyConfig } from "../config.ts";
import { studyConfig } from "../testing/config.ts";
import { readStudySources } from "./study-sources.ts";

let folder: string;
let skin: string;
let other: string;

/** Images of noise by their seed; two images a patient. */
async function dataset(path: string, rows: readonly (readonly [number, string, string, string])[]): Promise<string> {
  const csv = rows.map(([seed, label, patient, split]) => `${seed}.png,${label},${patient},${split}\n`).join("");
  const images = await Promise.all(rows.map(async ([seed]) => [`${seed}.png`, await pngOf(seed)] as const));
  return writeFiles(path, {
    "metadata.csv": `file_name,label,patient_id,split\n${csv}`,
    ...Object.fromEntries(images),
  });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  const label = (i: number) => ["mel", "nv", "bkl"][i % 3]!;
  const own = Array.from(
    { length: 90 },
    (_, i) => [i, label(Math.floor(i / 2)), `P${Math.floor(i / 2)}`, i < 66 ? "train" : "val"] as const,
  );
  skin = await dataset(join(folder, "skin"), own);
  // Images 0 and 1 are those of the training set; the others are new.
  const foreign = [0, 1, ...Array.from({ length: 12 }, (_, i) => 500 + i)];
  other = await dataset(
    join(folder, "other"),
    foreign.map((seed, i) => [seed, ["melanoma", "naevus", "wart"][i % 3]!, `Q${i}`, "val"] as const),
  );
});

const parse = (changes: object = {}) =>
  parseStudyConfig({ ...studyConfig(), data: { dataset: skin, resolution: 8 }, ...changes }, "study.json");

describe("the data of a study", () => {
  test("are the training split, and the rest for the test", async () => {
    const { facts, real, testSets } = await readStudySources(parse());
    expect(facts.classes).toEqual(["bkl", "mel", "nv"]);
    expect(real.training.labels).toHaveLength(66);
    expect(testSets["held-out"]!.images.labels).toHaveLength(24);
    const [whole] = facts.shares;
    const held = real.division.validation.filter(Boolean).length;
    expect(whole!.counts.reduce((sum, count) => sum + count, 0)).toBe(66 - held);
    expect(held).toBeGreaterThan(0);
  });

  test("are one class against the rest where that is asked", async () => {
    const { facts, testSets } = await readStudySources(
      parse({ data: { dataset: skin, resolution: 8, positive: "mel" } }),
    );
    expect(facts.classes).toEqual(["mel", "other"]);
    expect(testSets["held-out"]!.images.labels.filter((label) => label === "mel")).toHaveLength(8);
  });

  test("are drawn by patient where a share is held out", async () => {
    const data = { dataset: skin, resolution: 8, heldOut: 0.4 };
    const { real, testSets } = await readStudySources(parse({ data }));
    const patients = (source: { dataset: { samples: readonly { patient?: string }[] } }) =>
      new Set(source.dataset.samples.map(({ patient }) => patient));
    const tested = patients(testSets["held-out"]!.images);
    expect(testSets["held-out"]!.images.labels).toHaveLength(36);
    for (const patient of patients(real.training)) expect(tested).not.toContain(patient);
    expect(real.how).toContain("36 of 90 images held out (share 0.4), drawn by patient");
  });

  test("of a smaller share are among those of a larger one", async () => {
    const reduced = { generators: ["gan"], shares: [0.5, 0.25] };
    const { facts, real } = await readStudySources(parse({ arms: { ...studyConfig().arms, reduced } }));
    const totals = facts.shares.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
    expect(totals[1]).toBeLessThan(totals[0]!);
    expect(totals[2]).toBeLessThan(totals[1]!);
    expect(Math.max(...real.division.ranks)).toBeLessThan(1);
    expect(new Set(facts.shares.map(({ hash }) => hash)).size).toBe(3);
  });

  test("of another test set are mapped, and what was trained on is left out", async () => {
    const far = { name: "far", distribution: "out", dataset: other, classes: { melanoma: "mel", naevus: "nv" } };
    const { testSets, notes } = await readStudySources(parse({ testSets: [...studyConfig().testSets, far] }));
    const { images } = testSets.far!;
    expect(new Set(images.labels)).toEqual(new Set(["mel", "nv"]));
    expect(images.labels).toHaveLength(8);
    expect(notes).toContain("test set far: 4 images of other classes are left out");
    expect(notes).toContain("test set far: 2 images that are among the training images too are left out");
  });

  test("that do not fit are all said at once", async () => {
    const far = { name: "far", distribution: "out", dataset: other, classes: { melanom: "mel", naevus: "nevus" } };
    const near = { name: "near", distribution: "out", dataset: other };
    const reduced = { generators: ["gan"], shares: [0.01] };
    const config = parse({
      testSets: [...studyConfig().testSets, far, near],
      arms: { ...studyConfig().arms, reduced },
      generators: { gan: { from: "train", model: "dermgan", set: { gama: 1 } } },
      classifier: { kind: "probe", features: "onnx:nowhere.onnx" },
    });
    const { message, code } = await failure(readStudySources(config));
    expect(code).toBe("usage");
    expect(message).toContain('test set far: there is no class "melanom"; there are melanoma, naevus, wart');
    expect(message).toContain('naevus is to be "nevus"; the study\'s classes are bkl, mel, nv');
    expect(message).toContain("test set near: its classes melanoma, naevus, wart are none of the study's");
    expect(message).toContain("arms.reduced.shares: 0.01: leaves");
    expect(message).toContain("generators.gan: dermgan needs masks or boxes");
    expect(message).toContain("generators.gan: --set gama: there is no such option");
    expect(message).toContain("classifier.features: cannot read nowhere.onnx");
  });

  test.each([
    [
      "pix2pixhd",
      "truncation:0.5",
      "pix2pixhd has no latent to truncate (one map, one image); leave truncation:0.5 out",
    ],
    ["spade", "reject", "spade draws from maps with random or truncation:PSI; leave other samplers out"],
  ])("refuse a sampler that %s cannot draw by: %s", async (model, sampler, told) => {
    const arms = { ...studyConfig().arms, reduced: { generators: ["gan"], samplers: [sampler], shares: [0.5] } };
    const { message } = await failure(
      readStudySources(
        parse({ arms, data: { dataset: skin, resolution: 16 }, generators: { gan: { from: "train", model } } }),
      ),
    );
    expect(message).toContain(`generators.gan: ${told}`);
  });

  test("with boxes alone are not enough for maps of masks", async () => {
    const boxed = join(folder, "boxed");
    const rows = Array.from(
      { length: 24 },
      (_, i) => `${i}.png,${"ab"[i % 2]},P${i},${i < 16 ? "train" : "val"},0,0,2,2\n`,
    );
    const images = Array.from({ length: 24 }, async (_, i) => [`${i}.png`, await pngOf(700 + i)] as const);
    await writeFiles(boxed, {
      "metadata.csv": `file_name,label,patient_id,split,x_min,y_min,x_max,y_max\n${rows.join("")}`,
      ...Object.fromEntries(await Promise.all(images)),
    });
    const read = (mapKind: string) =>
      readStudySources(
        parse({
          data: { dataset: boxed, resolution: 16 },
          generators: { gan: { from: "train", model: "spade", mapKind } },
        }),
      );
    expect((await failure(read("mask"))).message).toContain(
      'generators.gan: its maps are of masks (mapKind "mask"), and the data have boxes alone; set mapKind "box"',
    );
    const { facts } = await read("box");
    expect(facts.shares[0]!.regions).toEqual({ box: facts.shares[0]!.counts, mask: [0, 0] });
  });

  test.each([
    [{ start: "nowhere" }, "generators.gan: start nowhere: there is no such file, folder or start"],
    [
      { start: "phantom-32", startClasses: { mel: "melanom" } },
      'generators.gan: startClasses mel=melanom: phantom-32 has no class "melanom"; use melanoma',
    ],
    [{ frozen: "onnx:nowhere.onnx" }, /generators\.gan: cannot read .*nowhere\.onnx: there is no such file/],
    [{ start: "phantom-32", preset: "large" }, "generators.gan: start phantom-32: its generator has another width"],
  ])("refuse what a generator cannot begin from or learn by: %j", async (changes, told) => {
    const data = { dataset: skin, resolution: 32 };
    const config = parse({ data, generators: { gan: { from: "train", ...changes } } });
    expect((await failure(readStudySources(config))).message).toMatch(told);
  });

  test("without a split ask for one", async () => {
    const plain = join(folder, "plain");
    const rows = Array.from({ length: 20 }, (_, i) => [900 + i, ["a", "b"][i % 2]!, `P${i}`, ""] as const);
    await dataset(plain, rows);
    const { message } = await failure(readStudySources(parse({ data: { dataset: plain, resolution: 8 } })));
    expect(message).toContain(
      "test set held-out: is to be the held-out images of the data, which have no split; add data.heldOut",
    );
  });

  test("name the class that is not there", async () => {
    const data = { dataset: skin, resolution: 8, positive: "melanoma" };
    expect((await failure(readStudySources(parse({ data })))).message).toContain(
      'has no class "melanoma"; it has bkl, mel, nv',
    );
  });
});
