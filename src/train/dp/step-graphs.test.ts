import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import {
  type AnyTensor,
  add,
  compile,
  gradient,
  input,
  interpret,
  mul,
  neg,
  reshape,
  softplus,
  topologicalOrder,
} from "../../graph/index.ts";
import { discriminate, flatten, generate, viewWeights } from "../../model/index.ts";
import { gradientPenalty } from "../gradient-penalty.ts";
import { ADAM, architecture as a, inputs, layouts, state } from "../testing/step-case.ts";
import { buildClippedSum, buildPrivateUpdate } from "./step-graphs.ts";

const ROWS = 3;
const PENALTY = 0.7;
const { generator, discriminator } = state;
const { real, labels, z } = inputs as Record<"real" | "labels" | "z", Float32Array>;
const size = 3 * 8 * 8;
const random = (name: string) => new Rng(name).fillNormal(new Float32Array(layouts.discriminator.length));

/** Gradient of one pair by itself: a graph of one image. */
function gradientAlone(n: number): Float64Array {
  const weights = viewWeights(layouts.discriminator, input("discriminator", [layouts.discriminator.length]));
  const weightsG = viewWeights(layouts.generator, input("generator", [layouts.generator.length]));
  const [x, c, code] = [input("real", [1, 3, 8, 8]), input("labels", [1, 2]), input("z", [1, a.latent])];
  const logit = discriminate(a, weights, x, c);
  const fake = discriminate(a, weights, generate(a, weightsG, code, c), c);
  const loss = add(add(softplus(fake), softplus(neg(logit))), mul(gradientPenalty(logit, x), PENALTY));
  const flat = flatten(layouts.discriminator, gradient(reshape(loss, []), Object.values(weights)));
  return interpret([flat], {
    generator,
    discriminator,
    real: real.subarray(size * n, size * (n + 1)),
    labels: labels.subarray(2 * n, 2 * (n + 1)),
    z: z.subarray(a.latent * n, a.latent * (n + 1)),
  })[0] as Float64Array;
}

const alone = [0, 1, 2].map(gradientAlone);
const lengths = alone.map((g) => Math.hypot(...g));
/** Between the lengths, so that some are cut and some are not. */
const clip = [...lengths].sort((x, y) => x - y)[1]! * 0.9;
const before = random("before");
const feeds = { generator, discriminator, real, labels, z, sum: before };
const graph = buildClippedSum({ architecture: a, rows: ROWS, clip, penaltyWeight: PENALTY });

function expected(taken: readonly number[]): Float64Array {
  const sum = Float64Array.from(before);
  alone.forEach((g, n) => {
    const factor = taken[n]! * Math.min(1, (clip * (1 - 2 ** -10)) / lengths[n]!);
    g.forEach((value, i) => {
      sum[i]! += factor * value;
    });
  });
  return sum;
}

const difference = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Array.from(x).reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);

describe.each([[[1, 1, 1]], [[1, 0, 1]], [[0, 0, 0]]])("the clipped sum of rows %j", (taken) => {
  test("adds each pair's gradient, clipped as a whole, as one at a time", () => {
    const [sum] = interpret([graph["next.sum"]!], { ...feeds, taken });
    expect(difference(sum!, expected(taken))).toBeLessThan(1e-12);
  });

  test("and in the runtime", async () => {
    const program = await compile(graph, { threads: 1 });
    const { "next.sum": sum } = await program.run({ ...feeds, taken: Float32Array.from(taken) });
    await program.close();
    expect(difference(sum!, expected(taken))).toBeLessThan(2e-5);
  });
});

test("one record moves the sum by at most the clipping norm, whatever it shows", () => {
  const sumOf = (image: Float32Array, taken: number[]) =>
    interpret([graph["next.sum"]!], { ...feeds, real: image, taken })[0];
  const without = sumOf(real, [1, 0, 1]);
  for (const scale of [0, 1, 1e3]) {
    const shown = real.map((value, i) => (i >= size && i < 2 * size ? scale * value : value));
    const moved = sumOf(shown, [1, 1, 1]);
    const length = Math.hypot(...moved!.map((value, i) => value - without![i]!));
    expect(length).toBeLessThanOrEqual(clip);
    expect(length).toBeGreaterThan(0);
  }
});

describe("the private update", () => {
  const update = buildPrivateUpdate({ architecture: a, batch: ROWS, penaltyWeight: 0, adam: ADAM });

  test("knows no real image and no record's label", () => {
    const nodes = topologicalOrder(Object.values(update)) as AnyTensor[];
    const names = nodes.flatMap((node) => (node.op === "input" ? node.attributes.name : []));
    const scalars = ["generatorRate", "discriminatorRate", "correction", "decay"];
    expect(new Set(names)).toEqual(new Set([...Object.keys(state), ...scalars, "gradient", "z", "labels"]));
  });

  test("moves D by the noisy gradient alone and G by the logits of generated images under the new D", () => {
    const names = ["next.discriminator", "next.generator", "lossG"];
    const values = { ...state, ...inputs, gradient: before };
    const [nextD, nextG, lossG] = interpret(
      names.map((name) => update[name]!),
      values,
    );
    const [i, factor] = [0, layouts.discriminator.parameters[0]!.rate];
    const moment = 0.9 * state.discriminatorSecond[i]! + 0.1 * before[i]! ** 2;
    const step = before[i]! / (Math.sqrt(moment * inputs.correction![0]!) + ADAM.epsilon);
    expect(nextD![i]).toBeCloseTo(discriminator[i]! - inputs.discriminatorRate![0]! * factor * step, 8);
    const images = generate(
      a,
      viewWeights(layouts.generator, input("generator", [layouts.generator.length])),
      input("z", [ROWS, a.latent]),
      input("labels", [ROWS, 2]),
    );
    const weights = viewWeights(layouts.discriminator, input("discriminator", [layouts.discriminator.length]));
    const logits = discriminate(a, weights, images, input("labels", [ROWS, 2]));
    const [drawn] = interpret([logits], { ...values, discriminator: nextD! });
    const losses = Array.from(drawn!, (logit) => Math.log1p(Math.exp(-logit)));
    expect(lossG![0]).toBeCloseTo((losses[0]! + losses[1]! + losses[2]!) / 3, 8);
    const [better] = interpret([logits], { ...values, discriminator: nextD!, generator: nextG! });
    expect(better![0]! + better![1]! + better![2]!).toBeGreaterThan(drawn![0]! + drawn![1]! + drawn![2]!);
  });

  test("with R2 D also follows the penalty at generated images", () => {
    const penalised = buildPrivateUpdate({ architecture: a, batch: ROWS, penaltyWeight: PENALTY, adam: ADAM });
    const values = { ...state, ...inputs, gradient: before };
    const [plain] = interpret([update["next.discriminator"]!], values);
    const [nextD, penalty] = interpret([penalised["next.discriminator"]!, penalised.penalty!], values);
    expect(penalty).toHaveLength(ROWS);
    expect(difference(plain!, nextD!)).toBeGreaterThan(1e-4);
  });
});
