import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import {
  type AnyTensor,
  compile,
  input,
  interpret,
  matmul,
  reshape,
  sizeOf,
  type Tensor,
  tanh,
  topologicalOrder,
} from "../../graph/index.ts";
import { type Expression, expectGradient, expectRuntimeAgrees, relativeError } from "../../graph/testing/checks.ts";
import {
  designStylegan2,
  initialise,
  splitFlat,
  stylegan2DiscriminatorLayout,
  stylegan2GeneratorLayout,
  stylegan2Sizes,
} from "../../model/index.ts";
import { pathLengths } from "./objective.ts";
import { stylegan2Recipes } from "./recipe.ts";
import { cycleOf, kindOf, scheduleStylegan2, stepKinds } from "./schedule.ts";
import { buildStylegan2Step } from "./step-graph.ts";

const sizes = { ...stylegan2Sizes.tiny, code: 4, embedding: 2, generatorMaps: 3, discriminatorMaps: 2, widest: 4 };
const a = designStylegan2(sizes, { resolution: 8, channels: 1, classes: 2 });
const [layoutG, layoutD] = [stylegan2GeneratorLayout(a), stylegan2DiscriminatorLayout(a)];
const BATCH = 4;
const [PENALTY, PATH] = [3, 2];
const step = buildStylegan2Step({
  architecture: a,
  recipe: { batch: BATCH, beta2: 0.9, epsilon: 1e-8 },
  penaltyWeight: PENALTY,
  pathWeight: PATH,
});

/** Weights away from their zeros, and inputs by name; D and the mean of lengths do not move. */
const still: Record<string, Float64Array> = (() => {
  const noisy = (values: Float32Array, name: string) => {
    const rng = new Rng(1, name);
    return Float64Array.from(values, (value) => value + 0.05 * rng.normal());
  };
  const generator = noisy(initialise(layoutG, 0, "generator"), "g");
  const zeros = (length: number) => new Float64Array(length);
  return {
    generator,
    average: noisy(initialise(layoutG, 3, "generator"), "average"),
    discriminator: noisy(initialise(layoutD, 0, "discriminator"), "d"),
    generatorSecond: zeros(layoutG.length),
    discriminatorSecond: zeros(layoutD.length),
    labels: Float64Array.from([1, 0, 0, 1, 1, 0, 1, 0]),
    mix: Float64Array.from([0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0]),
    generatorRate: Float64Array.of(0.01),
    discriminatorRate: Float64Array.of(0),
    correction: Float64Array.of(10),
    decay: Float64Array.of(0.5),
    pathDecay: Float64Array.of(1),
    "augment.rows": Float64Array.from({ length: 2 * BATCH * 64 }, (_, i) => Number(Math.floor(i / 8) % 8 === i % 8)),
    "augment.columns": Float64Array.from({ length: 2 * BATCH * 64 }, (_, i) => Number(Math.floor(i / 8) % 8 === i % 8)),
    "augment.swap": zeros(2 * BATCH),
    "augment.colour": new Float64Array(2 * BATCH).fill(1),
    "augment.offset": zeros(2 * BATCH),
  };
})();
for (const node of topologicalOrder(Object.values(step)) as AnyTensor[]) {
  if (node.op !== "input") continue;
  const { name, shape } = node.attributes;
  still[name] ??= new Rng(2, name).fillNormal(new Float64Array(sizeOf(shape)));
}

const read = (names: readonly string[], feeds = still): Float64Array[] =>
  interpret(
    names.map((name) => step[name]!),
    feeds,
  );

/** What a network minimises, as the step's outputs say. */
const objectives = {
  generator: (feeds: typeof still) => {
    const [lossG, path] = read(["lossG", "pathPenalty"], feeds);
    return lossG![0]! + PATH * path![0]!;
  },
  discriminator: (feeds: typeof still) => {
    const [lossD, penalty] = read(["lossD", "penalty"], feeds);
    return lossD![0]! + (PENALTY / 2) * (penalty!.reduce((sum, value) => sum + value) / penalty!.length);
  },
};

describe("a step", () => {
  test.each(["generator", "discriminator"] as const)(
    "the %s follows the gradient of its losses, regularisation included",
    (network) => {
      const [second] = read([`next.${network}Second`]);
      const { parameters, length } = network === "generator" ? layoutG : layoutD;
      const rng = new Rng(4, network);
      const last = parameters.findIndex(({ rate }) => rate === 0);
      const places = parameters.slice(0, last).map(({ offset, shape }) => offset + rng.integer(sizeOf(shape)));
      expect(places.every((place) => place < length)).toBe(true);
      const at = (place: number, by: number) => {
        const weights = still[network]!;
        return objectives[network]({ ...still, [network]: weights.with(place, weights[place]! + by) });
      };
      const expected = places.map((place) => Math.abs(at(place, 1e-5) - at(place, -1e-5)) / 2e-5);
      const found = places.map((place) => Math.sqrt(second![place]! / (1 - 0.9)));
      expect(Math.max(...expected)).toBeGreaterThan(0.01);
      expect(relativeError(expected, found)).toBeLessThan(1e-6);
    },
  );

  test("moving means: the middle of w by class, the deviation of real images, the length of paths", () => {
    const moving = { ...still, pathDecay: Float64Array.of(0.25), pathLength: Float64Array.of(0) };
    const names = ["next.generator", "next.average", "next.discriminator", "pathLength"];
    const [generator, average, discriminator, length] = read(names, moving);
    const g = splitFlat(layoutG, Float32Array.from(generator!));
    const before = splitFlat(layoutG, Float32Array.from(still.generator!));
    expect(relativeError(before.middle!, g.middle!)).toBeGreaterThan(1e-4);
    expect(Array.from(splitFlat(layoutG, Float32Array.from(average!)).middle!)).not.toEqual(Array.from(g.middle!));
    const [d, old] = [discriminator!, still.discriminator!].map((flat) => splitFlat(layoutD, Float32Array.from(flat)));
    expect(d!.pathLength![0]).toBeCloseTo(0.25 * old!.pathLength![0]! + 0.75 * length![0]!, 6);
    expect(d!.deviation![0]).not.toBe(old!.deviation![0]);
    // Nothing else of D has moved at a rate of zero.
    expect(d!["stage0.weight"]).toEqual(old!["stage0.weight"]);
    // A class without an image keeps its middle.
    const alone = { ...moving, labels: Float64Array.from([1, 0, 1, 0, 1, 0, 1, 0]) };
    const [next] = read(["next.generator"], alone);
    expect(splitFlat(layoutG, Float32Array.from(next!)).middle!.slice(4)).toEqual(before.middle!.slice(4));
  });

  test("the runtime computes what the interpreter does", async () => {
    const program = await compile(step);
    const values = Object.fromEntries(Object.entries(still).map(([name, data]) => [name, Float32Array.from(data)]));
    const results = await program.run(values);
    await program.close();
    const names = Object.keys(step).filter((name) => !name.startsWith("next."));
    read(
      names,
      Object.fromEntries(Object.entries(values).map(([name, data]) => [name, Float64Array.from(data)])),
    ).forEach((expected, i) => {
      expect(relativeError(expected, results[names[i]!]!), names[i]).toBeLessThan(2e-4);
    });
  });
});

describe("path lengths", () => {
  const images = (w: Tensor, m: Tensor) => reshape(tanh(matmul(w, m)), [2, 1, 2, 2]);
  test("are those of the product of the Jacobian with the directions", () => {
    const [w, m, y] = [input("w", [2, 3]), input("m", [3, 4]), input("y", [2, 1, 2, 2])];
    const feeds = {
      w: [0.1, -0.4, 0.3, 0.2, 0.5, -0.1],
      m: Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      y: [1, -2, 0.5, 3, -1, 1, 2, 0],
    };
    const [found] = interpret([pathLengths(images(w, m), [w], y)], feeds);
    for (const n of [0, 1]) {
      const along = [0, 1, 2].map((k) => {
        let sum = 0;
        for (let pixel = 0; pixel < 4; pixel++) {
          const before = [0, 1, 2].reduce((all, j) => all + feeds.w[n * 3 + j]! * feeds.m[j * 4 + pixel]!, 0);
          sum += ((1 - Math.tanh(before) ** 2) * feeds.m[k * 4 + pixel]! * feeds.y[n * 4 + pixel]!) / 2;
        }
        return sum;
      });
      expect(found![n]).toBeCloseTo(Math.hypot(...along), 10);
    }
  });

  test("have the gradient of central differences: a second pass back through the generator", async () => {
    const expression: Expression = {
      shapes: [
        [2, 3],
        [3, 4],
        [2, 1, 2, 2],
      ],
      build: ([w, m, y]) => pathLengths(images(w!, m!), [w!], y!),
    };
    expectGradient(expression);
    await expectRuntimeAgrees(expression);
  });
});

test("R1 at each 16th step, paths at each 8th between: three kinds of step, and every step has one", () => {
  const recipe = stylegan2Recipes.tiny;
  const steps = Array.from({ length: cycleOf(recipe) }, (_, i) => kindOf(recipe, i));
  expect(steps.flatMap(({ penalty }, i) => (penalty ? [i] : []))).toEqual([0]);
  expect(steps.flatMap(({ path }, i) => (path ? [i] : []))).toEqual([4, 12]);
  expect(stepKinds(recipe)).toHaveLength(3);
  expect(stepKinds({ ...recipe, penaltyInterval: 1, pathInterval: 1 })).toEqual([{ penalty: true, path: true }]);
  expect(stepKinds({ ...recipe, gamma: 0, pathWeight: 0 })).toHaveLength(1);
  // The first length is taken as it is, the second counts half.
  const decays = [4, 12, 20].map((at) => scheduleStylegan2(recipe, at, at, 0).pathDecay);
  expect(decays).toEqual([0, 1 / 2, 2 / 3]);
});
