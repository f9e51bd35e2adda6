/** Checks that tests of the graph layer share. */
import { expect } from "vitest";
import { Rng } from "../../core/rng.ts";
import { compile } from "../compile.ts";
import { gradient } from "../gradient.ts";
import { type Feeds, interpret } from "../interpreter.ts";
import type { FloatType } from "../onnx/builder.ts";
import { input, mul, sumAll } from "../ops.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";

/** Builds an expression of inputs of given shapes; the unit that the checks below work on. */
export interface Expression {
  readonly shapes: readonly Shape[];
  build(inputs: readonly Tensor[]): Tensor;
  /** Maps a standard normal number to the domain of the expression. Defaults to the identity. */
  domain?(x: number): number;
  /** Which inputs to differentiate. Defaults to all. */
  wrt?: readonly number[];
}

interface Instance {
  readonly inputs: Tensor[];
  readonly y: Tensor;
  readonly feeds: Record<string, Float64Array>;
}

function instantiate(expression: Expression, seed: number): Instance {
  const rng = new Rng(seed, "expression");
  const inputs = expression.shapes.map((shape, i) => input(`x${i}`, shape));
  const domain = expression.domain ?? ((x: number) => x);
  const feeds = Object.fromEntries(
    inputs.map((t, i) => [`x${i}`, rng.fillNormal(new Float64Array(sizeOf(t.shape))).map(domain)]),
  );
  return { inputs, y: expression.build(inputs), feeds };
}

/** Fixed random weights that make a scalar of a tensor, so that every element of the gradient is tested. */
function weigh(y: Tensor, seed: number, name: string): { loss: Tensor; feeds: Record<string, Float64Array> } {
  const weights = input(name, y.shape);
  return {
    loss: sumAll(mul(y, weights)),
    feeds: { [name]: new Rng(seed, name).fillNormal(new Float64Array(sizeOf(y.shape))) },
  };
}

/** Greatest difference of two arrays relative to the greatest magnitude (at least 1). */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let scale = 1;
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    scale = Math.max(scale, Math.abs(a[i]!));
    if (Number.isNaN(a[i]) !== Number.isNaN(b[i])) return Number.POSITIVE_INFINITY;
  }
  return difference / scale;
}

/** Central differences of a scalar in every element of one input, step 1e-5. */
function centralDifferences(loss: Tensor, feeds: Record<string, Float64Array>, name: string): Float64Array {
  const step = 1e-5;
  return feeds[name]!.map((x, i) => {
    const at = (value: number) => {
      const moved = { ...feeds, [name]: feeds[name]!.with(i, value) } as Feeds;
      return interpret([loss], moved)[0]![0]!;
    };
    return (at(x + step) - at(x - step)) / (2 * step);
  });
}

/** The gradient of the expression equals central differences of the interpreter. */
export function expectGradient(expression: Expression, seed = 0, tolerance = 1e-6): void {
  const { inputs, y, feeds } = instantiate(expression, seed);
  const { loss, feeds: weights } = weigh(y, seed, "weights");
  const all = { ...feeds, ...weights };
  const wrt = expression.wrt ?? inputs.map((_, i) => i);
  const gradients = interpret(
    gradient(
      loss,
      wrt.map((i) => inputs[i]!),
    ),
    all,
  );
  wrt.forEach((i, k) => {
    const expected = centralDifferences(loss, all, `x${i}`);
    expect(relativeError(expected, gradients[k]!), `gradient in input ${i}`).toBeLessThan(tolerance);
  });
}

/** The gradient of a weighted sum of the gradient equals central differences: double backward. */
export function expectSecondGradient(expression: Expression, seed = 0, tolerance = 1e-5): void {
  const wrt = expression.wrt ?? expression.shapes.map((_, i) => i);
  for (const first of wrt) {
    const outer: Expression = {
      ...expression,
      build: (inputs) => {
        const y = expression.build(inputs);
        const { loss } = weigh(mul(y, y), seed, "inner");
        return gradient(loss, [inputs[first]!])[0]!;
      },
    };
    const { inputs, y, feeds } = instantiate(outer, seed);
    const inner = weigh(expression.build(inputs), seed, "inner").feeds;
    const { loss, feeds: weights } = weigh(y, seed, "weights");
    const all = { ...feeds, ...inner, ...weights };
    const gradients = interpret(
      gradient(
        loss,
        wrt.map((i) => inputs[i]!),
      ),
      all,
    );
    wrt.forEach((i, k) => {
      const expected = centralDifferences(loss, all, `x${i}`);
      expect(relativeError(expected, gradients[k]!), `second gradient in inputs ${first}, ${i}`).toBeLessThan(
        tolerance,
      );
    });
  }
}

/** ONNX Runtime computes the same value and gradients as the interpreter. */
export async function expectRuntimeAgrees(
  expression: Expression,
  seed = 0,
  tolerance = 2e-5,
  type: FloatType = "float32",
): Promise<void> {
  const { inputs, y, feeds } = instantiate(expression, seed);
  const { loss, feeds: weights } = weigh(y, seed, "weights");
  const gradients = gradient(
    loss,
    (expression.wrt ?? inputs.map((_, i) => i)).map((i) => inputs[i]!),
  );
  const outputs = { y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) };
  const all = { ...feeds, ...weights };
  const expected = interpret(Object.values(outputs), all);
  const program = await compile(outputs, { type });
  try {
    const results = await program.run(
      Object.fromEntries(
        Object.entries(all).map(([name, data]) => [name, type === "float32" ? Float32Array.from(data) : data]),
      ),
    );
    Object.keys(outputs).forEach((name, i) => {
      expect(results[name]!.length).toBe(expected[i]!.length);
      expect(relativeError(expected[i]!, results[name]!), `runtime value of ${name}`).toBeLessThan(tolerance);
    });
  } finally {
    await program.close();
  }
}
