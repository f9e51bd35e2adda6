import { expect, test } from "vitest";
import { type Dataset, imageFiles } from "../../data/index.ts";
import { epsilonSpent } from "./accountant.ts";
import { poissonSample } from "./poisson-sample.ts";
import { checkPrivateOptions, privacyNotes, recordsOf, resolvePrivacy } from "./privacy.ts";
import { SecureRandom } from "./secure-random.ts";

/** Random words that are the same at every run of the tests (a multiplicative generator of 64 bits). */
function foreseeable(): SecureRandom {
  let state = 0x853c49e6748fea9bn;
  return new SecureRandom((words) => {
    for (let i = 0; i < words.length; i++) {
      state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
      words[i] = Number(state >> 32n);
    }
  });
}

const moments = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const about = (power: number) => values.reduce((sum, x) => sum + (x - mean) ** power, 0) / values.length;
  return { mean, variance: about(2), fourth: about(4) };
};

test("noise is standard normal, by its moments and tails, and neighbours are not alike", () => {
  const random = foreseeable();
  const values = Array.from({ length: 40_000 }, () => random.normal());
  const { mean, variance, fourth } = moments(values);
  expect(Math.abs(mean)).toBeLessThan(0.015);
  expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  expect(Math.abs(fourth - 3)).toBeLessThan(0.15);
  const beyond = values.filter((x) => Math.abs(x) > 1.959964).length / values.length;
  expect(Math.abs(beyond - 0.05)).toBeLessThan(0.004);
  const products = values.slice(1).map((x, i) => x * values[i]!);
  expect(Math.abs(moments(products).mean)).toBeLessThan(0.015);
});

test("the source of private randomness is the system's, not a seed", () => {
  const [a, b] = [new SecureRandom(), new SecureRandom()];
  expect(a.normal()).not.toBe(b.normal());
  expect(Array.from({ length: 1000 }, () => a.integer(3)).every((n) => n >= 0 && n < 3)).toBe(true);
});

test("each record is taken by itself: the number taken is binomial, and of a patient one image at random", () => {
  const random = foreseeable();
  const records = Array.from({ length: 200 }, (_, i) => (i === 0 ? [1000, 1001, 1002] : [i]));
  const counts: number[] = [];
  const seen = new Map<number, number>();
  for (let step = 0; step < 2000; step++) {
    const taken = poissonSample(random, records, 0.1);
    counts.push(taken.length);
    for (const position of taken) seen.set(position, (seen.get(position) ?? 0) + 1);
  }
  const { mean, variance } = moments(counts);
  expect(Math.abs(mean - 20)).toBeLessThan(0.4);
  expect(Math.abs(variance - 18)).toBeLessThan(2);
  for (const image of [1000, 1001, 1002]) expect(Math.abs(seen.get(image)! - 67)).toBeLessThan(30);
  expect(poissonSample(random, records, 1)).toHaveLength(200);
});

const datasetOf = (patients: readonly (string | undefined)[]): Dataset => ({
  root: "set",
  reader: imageFiles("imagefolder"),
  columns: {},
  classes: ["a"],
  samples: patients.map((patient, i) => ({
    fileName: `${i}.png`,
    label: "a",
    ...(patient === undefined ? {} : { patient }),
    attributes: {},
  })),
  notes: [],
});

test("records are images, or patients with all their images; who has no patient is named", () => {
  const dataset = datasetOf(["x", "y", "x", "z", "y"]);
  expect(recordsOf(dataset, [1, 2, 4], "image")).toEqual([[0], [1], [2]]);
  expect(recordsOf(dataset, [0, 1, 2, 4], "patient")).toEqual([
    [0, 2],
    [1, 3],
  ]);
  const message = /--dp-unit patient: 1 of 2 training images name no patient \(first: 1.png\)/;
  expect(() => recordsOf(datasetOf(["x", undefined]), [0, 1], "patient")).toThrow(message);
});

test("the plan of a run follows from its budget and never exceeds it", () => {
  const plan = resolvePrivacy({ epsilon: 4, delta: 1e-4, unit: "patient" }, { records: 100, batch: 8, images: 1000 });
  expect(plan).toMatchObject({ unit: "patient", clip: 1, samplingRate: 0.08, steps: 125, records: 100 });
  expect(epsilonSpent(plan, 1e-4)).toBeLessThanOrEqual(4);
  expect(() => resolvePrivacy({ epsilon: 4, delta: 1e-4 }, { records: 6, batch: 8, images: 100 })).toThrow(
    /--batch 8: there are 6 records/,
  );
});

test("every option that breaks the guarantee is refused, all at once, with its reason", () => {
  const sound = {
    model: "r3gan",
    refused: null,
    device: "cpu",
    precision: "float32",
    images: 100,
    asked: { gamma: 1 },
  };
  expect(() => checkPrivateOptions(sound)).not.toThrow();
  const asked = { balanceExponent: 0.5, "augment.target": 0.5, "schedule.rates.last": 0, updates: "simultaneous" };
  const broken = {
    model: "dermgan",
    refused: "it sees images",
    device: "webgpu",
    precision: "half",
    images: undefined,
    asked,
  };
  let found: { problems: readonly { code: string }[]; code: string } | undefined;
  try {
    checkPrivateOptions(broken);
  } catch (error) {
    found = error as typeof found;
  }
  expect(found?.code).toBe("usage");
  expect(found?.problems.map(({ code }) => code).sort()).toEqual([
    "adaptive-augmentation",
    "generator-sees-images",
    "private-in-float32",
    "private-on-cpu",
    "private-schedule",
    "private-updates",
    "steps-unknown",
    "weighted-sampling",
  ]);
});

test("notes say what is protected, a delta that is too large, and patients with several images", () => {
  const notesFor = (delta: number, patients: readonly string[]) => {
    const plan = resolvePrivacy({ epsilon: 4, delta }, { records: patients.length, batch: 2, images: 20 });
    return privacyNotes(plan, datasetOf(patients), [...patients.keys()]).join("\n");
  };
  expect(notesFor(1e-3, ["x", "y", "z", "w"])).toMatch(/epsilon 4 at delta 0.001 for one image of 4; 10 steps/);
  expect(notesFor(1e-3, ["x", "y", "z", "w"])).not.toMatch(/is not below|several images/);
  expect(notesFor(0.3, ["x", "y", "z", "w"])).toMatch(/delta 0.3 is not below 1 \/ 4/);
  expect(notesFor(1e-3, ["x", "x", "z", "w"])).toMatch(/patients have several images/);
});
