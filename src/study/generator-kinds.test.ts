import { expect, test } from "vitest";
import { drawnOutcome } from "./report/testing/study-outcome.ts";

const generator = (model: string, more = {}) => ({ from: "train", model, images: 1000, ...more });
const generators = {
  stylegan2: generator("stylegan2"),
  pggan: generator("pggan"),
  spade: generator("spade", { mapKind: "mask" }),
};
const arms = {
  synthetic: [
    { generators: ["stylegan2", "pggan"], samplers: ["random", "best"], ratios: [0.5, 1], only: true },
    { generators: ["spade"], ratios: [1], only: true },
  ],
  reduced: { generators: ["pggan", "spade"], shares: [0.5] },
};

test("kinds are compared where amount and sampler are the same; gains are of kinds, families, samplers and amounts", () => {
  const { kinds } = drawnOutcome({
    config: { generators, arms },
    skill: (arm) => (arm.includes("spade") ? 2 : 1),
  });
  expect(kinds!.cells.map(({ amount, noise, maps }) => [amount, noise.length, maps.length])).toEqual([
    ["real + 1", 2, 1],
    ["only synthetic", 2, 1],
    ["1/2 filled up", 1, 1],
  ]);
  const inside = kinds!.between.filter(({ testSet }) => testSet === "inside");
  expect(inside.map(({ name }) => name)).toEqual(["all amounts", "real + 1", "only synthetic", "1/2 filled up"]);
  for (const { value, interval, p, adjustedP } of inside) {
    expect(value).toBeGreaterThan(0.05);
    expect(interval!.low).toBeGreaterThan(0);
    expect(adjustedP).toBeGreaterThanOrEqual(p);
  }
  const gains = kinds!.gains.filter(({ testSet }) => testSet === "outside");
  expect(gains.map(({ name }) => name)).toEqual([
    "from noise",
    "from maps",
    "from noise, stylegan2",
    "from noise, pggan",
    "from maps, spade",
    "from noise, sampler random",
    "from noise, sampler best:4",
    "from maps, sampler random",
    "from noise, real + 0.5",
    "from noise, real + 1",
    "from noise, only synthetic",
    "from maps, real + 1",
    "from maps, only synthetic",
    "from noise, 1/2 filled up",
    "from maps, 1/2 filled up",
  ]);
  expect(gains.find(({ name }) => name === "from maps")!.value).toBeGreaterThan(0.05);
});

test("amounts weigh alike in the mean of all, and one that several samplers have is named with each", () => {
  const synthetic = [
    { generators: ["stylegan2", "pggan"], samplers: ["random", "truncation:0.5"], ratios: [1] },
    { generators: ["pggan"], ratios: [2] },
    { generators: ["spade"], samplers: ["random", "truncation:0.5"], ratios: [1] },
    { generators: ["spade"], ratios: [2] },
  ];
  const { kinds } = drawnOutcome({ config: { generators, arms: { synthetic } } });
  const [all, ...each] = kinds!.between.filter(({ testSet }) => testSet === "inside");
  expect(each.map(({ name }) => name)).toEqual(["real + 1, random", "real + 1, truncation:0.5", "real + 2"]);
  const byAmount = ([random, truncated, twice]: readonly number[]) => (random! + truncated!) / 4 + twice! / 2;
  expect(all!.control).toBeCloseTo(byAmount(each.map(({ control }) => control)), 10);
  expect(all!.value).toBeCloseTo(byAmount(each.map(({ value }) => value)), 10);
});

test("a study of one kind compares none", () => {
  const one = {
    generators: { pggan: generators.pggan },
    arms: { synthetic: [{ generators: ["pggan"], ratios: [1] }] },
  };
  expect(drawnOutcome({ config: one }).kinds).toBeNull();
});

test("amounts that only one kind has are not compared", () => {
  const synthetic = [
    { generators: ["pggan"], ratios: [0.5] },
    { generators: ["spade"], ratios: [1] },
  ];
  const { pggan, spade } = generators;
  expect(drawnOutcome({ config: { generators: { pggan, spade }, arms: { synthetic } } }).kinds).toBeNull();
});
