import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { type AnyTensor, compile, input, interpret, sizeOf, topologicalOrder } from "../../graph/index.ts";
import { relativeError } from "../../graph/testing/checks.ts";
import {
  DEVIATION,
  designPggan,
  initialise,
  judgeGrowing,
  type PgganArchitecture,
  pgganDiscriminatorLayout,
  pgganGeneratorLayout,
  pgganSizes,
  splitFlat,
  viewWeights,
} from "../../model/index.ts";
import { buildPgganStep } from "./step-graph.ts";

const sizes = { ...pgganSizes.tiny, code: 4, generatorMaps: 3, discriminatorMaps: 2, widest: 4 };
const whole = designPggan(sizes, { resolution: 8, channels: 1, classes: 2 });
const BATCH = 4;
const [PENALTY, DRIFT] = [3, 0.5];

/** A step on images of 16 pixels, its weights away from their zeros and its inputs by name; D does not move. */
function caseOf(
  a: PgganArchitecture,
  changes: { readonly penaltyWeight?: "scheduled"; readonly conditioned?: boolean } = {},
) {
  const [layoutG, layoutD] = [pgganGeneratorLayout(a), pgganDiscriminatorLayout(a)];
  const step = buildPgganStep({
    architecture: a,
    imageResolution: 16,
    recipe: { batch: BATCH, beta2: 0.9, epsilon: 1e-8, gradientLength: 1, drift: DRIFT },
    penaltyWeight: PENALTY,
    ...changes,
  });
  const noisy = (values: Float32Array, name: string) => {
    const rng = new Rng(1, name);
    return Float64Array.from(values, (value) => value + 0.05 * rng.normal());
  };
  const unit = Float64Array.from({ length: 2 * BATCH * 64 }, (_, i) => Number(Math.floor(i / 8) % 8 === i % 8));
  const feeds: Record<string, Float64Array> = {
    generator: noisy(initialise(layoutG, 0, "generator"), "g"),
    average: noisy(initialise(layoutG, 3, "generator"), "average"),
    discriminator: noisy(initialise(layoutD, 0, "discriminator"), "d"),
    generatorSecond: new Float64Array(layoutG.length),
    discriminatorSecond: new Float64Array(layoutD.length),
    labels: Float64Array.from([1, 0, 0, 1, 1, 0, 1, 0]),
    between: Float64Array.of(0.1, 0.4, 0.5, 0.9),
    generatorRate: Float64Array.of(0.01),
    discriminatorRate: Float64Array.of(0),
    correction: Float64Array.of(10),
    "newest.correction": Float64Array.of(5),
    decay: Float64Array.of(0.5),
    fade: Float64Array.of(0.25),
    "augment.rows": unit,
    "augment.columns": unit,
    "augment.swap": new Float64Array(2 * BATCH),
    "augment.colour": new Float64Array(2 * BATCH).fill(1),
    "augment.offset": new Float64Array(2 * BATCH),
  };
  for (const node of topologicalOrder(Object.values(step)) as AnyTensor[]) {
    if (node.op !== "input") continue;
    const { name, shape } = node.attributes;
    feeds[name] ??= new Rng(2, name).fillNormal(new Float64Array(sizeOf(shape)));
  }
  const read = (names: readonly string[], changed: Record<string, Float64Array> = {}) =>
    interpret(
      names.map((name) => step[name]!),
      { ...feeds, ...changed },
    );
  return { step, feeds, read, layouts: { generator: layoutG, discriminator: layoutD } };
}

const cases = [
  ["whole", caseOf(whole)],
  ["faded in", caseOf({ ...whole, fading: 0 })],
] as const;

describe.each(cases)("a step of networks that are %s", (_, { step, feeds, read, layouts }) => {
  /** What a network minimises, as the step's outputs say. */
  const objectives = {
    generator: (changed: Record<string, Float64Array>) => read(["lossG"], changed)[0]![0]!,
    discriminator: (changed: Record<string, Float64Array>) => {
      const [lossD, penalty, drift] = read(["lossD", "penalty", "drift"], changed);
      return lossD![0]! + (PENALTY * penalty!.reduce((sum, value) => sum + value)) / BATCH + DRIFT * drift![0]!;
    },
  };

  test.each(["generator", "discriminator"] as const)("the %s follows the gradient of its losses", (network) => {
    const [second] = read([`next.${network}Second`]);
    const rng = new Rng(4, network);
    const places = layouts[network].parameters
      .filter(({ rate }) => rate > 0)
      .map(({ offset, shape }) => offset + rng.integer(sizeOf(shape)));
    const at = (place: number, by: number) => {
      const weights = feeds[network]!;
      return objectives[network]({ [network]: weights.with(place, weights[place]! + by) });
    };
    const expected = places.map((place) => Math.abs(at(place, 1e-5) - at(place, -1e-5)) / 2e-5);
    const found = places.map((place) => Math.sqrt(second![place]! / (1 - 0.9)));
    expect(Math.max(...expected)).toBeGreaterThan(0.01);
    expect(relativeError(expected, found)).toBeLessThan(1e-6);
  });

  test("the runtime computes what the interpreter does", async () => {
    const program = await compile(step);
    const values = Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, Float32Array.from(data)]));
    const names = new Set(
      (topologicalOrder(Object.values(step)) as AnyTensor[]).flatMap((node) =>
        node.op === "input" ? [node.attributes.name] : [],
      ),
    );
    const given = Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
    const results = await program.run(given);
    await program.close();
    const seen = Object.keys(step).filter((name) => !name.startsWith("next."));
    const exact = Object.fromEntries(Object.entries(given).map(([name, data]) => [name, Float64Array.from(data)]));
    read(seen, exact).forEach((expected, i) => {
      expect(relativeError(expected, results[seen[i]!]!), seen[i]).toBeLessThan(2e-4);
    });
  });
});

test("D keeps the moving mean of the deviation of real images, and nothing else moves at a rate of zero", () => {
  const { feeds, read, layouts } = cases[0][1];
  const [next] = read(["next.discriminator"]);
  const [before, after] = [feeds.discriminator!, next!].map((flat) =>
    splitFlat(layouts.discriminator, Float32Array.from(flat)),
  );
  const images = input("seen", [BATCH, 1, 8, 8]);
  const weights = viewWeights(layouts.discriminator, input("d", [layouts.discriminator.length]));
  const { deviations } = judgeGrowing(whole, weights, images, input("labels", [BATCH, 2]), BATCH);
  // Means of four pixels: the networks are for half of what the step is given.
  const seen = Float64Array.from({ length: BATCH * 64 }, (_, i) => {
    const [n, row, column] = [Math.floor(i / 64), Math.floor(i / 8) % 8, i % 8];
    const at = (y: number, x: number) => feeds.real![n * 256 + (2 * row + y) * 16 + 2 * column + x]!;
    return (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
  });
  const [real] = interpret([deviations], { seen, labels: feeds.labels!, d: feeds.discriminator! });
  const old = before![DEVIATION]![0]!;
  expect(after![DEVIATION]![0]).toBeCloseTo(old + 0.01 * (real![0]! - old), 6);
  expect(after!["stage0.weight"]).toEqual(before!["stage0.weight"]);
});

test("a scheduled weight of the penalty and a factor of the classes are inputs, of the same step at their usual values", () => {
  const { read, feeds } = cases[0][1];
  const scheduled = caseOf(whole, { penaltyWeight: "scheduled", conditioned: true });
  const given = { ...feeds, penaltyWeight: Float64Array.of(PENALTY), conditioning: Float64Array.of(1) };
  const names = ["next.generatorSecond", "next.discriminatorSecond", "lossG"];
  scheduled.read(names, given).forEach((values, i) => {
    expect(relativeError(read(names)[i]!, values)).toBeLessThan(1e-12);
  });
  const [without] = scheduled.read(["lossG"], { ...given, conditioning: Float64Array.of(0) });
  expect(without![0]).not.toBeCloseTo(read(["lossG"])[0]![0]!, 6);
});
