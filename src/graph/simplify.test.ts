import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rng } from "../core/rng.ts";
import { gradient } from "./gradient.ts";
import { interpret } from "./interpreter.ts";
import * as ops from "./ops.ts";
import { print } from "./print.ts";
import { simplify } from "./simplify.ts";
import { type Tensor, topologicalOrder } from "./tensor.ts";
import { relativeError } from "./testing/checks.ts";
import { type RandomGraph, randomGraph } from "./testing/random-graph.ts";
import { verify } from "./verify.ts";

const countOf = (outputs: readonly Tensor[]): number => topologicalOrder(outputs).length;

function feedsOf(seed: number): Record<string, Float64Array> {
  const rng = new Rng(seed);
  const normal = (length: number) => rng.fillNormal(new Float64Array(length));
  return { a: normal(6), b: normal(6), s: normal(1) };
}

function expectSameValues(outputs: readonly Tensor[], seed: number): void {
  const simplified = simplify(outputs);
  verify(simplified);
  const [before, after] = [interpret(outputs, feedsOf(seed)), interpret(simplified, feedsOf(seed))];
  outputs.forEach((t, i) => {
    expect(simplified[i]!.shape).toEqual(t.shape);
    expect(relativeError(before[i]!, after[i]!)).toBeLessThan(1e-10);
  });
}

const firstGradients = ({ inputs, outputs }: RandomGraph): Tensor[] =>
  gradient(ops.sumAll(ops.add(outputs[0]!, ops.tanh(outputs[1]!))), inputs);

describe("simplify", () => {
  it("merges what is computed from equal constants, however large", () => {
    const x = ops.input("x", [1, 100]);
    const numbers = () =>
      ops.constant(
        Float64Array.from({ length: 100 }, (_, i) => i),
        [100, 1],
      );
    const [a, b] = simplify([ops.matmul(x, numbers()), ops.matmul(x, numbers())]);
    expect(a).toBe(b);
    const other = ops.constant(new Float64Array(100), [100, 1]);
    const [c, d] = simplify([ops.matmul(x, numbers()), ops.matmul(x, other)]);
    expect(c).not.toBe(d);
  });

  it("keeps the value and shape of every output (400 random graphs, 1e-10)", () => {
    fc.assert(
      fc.property(randomGraph, fc.nat(1000), (g, seed) => expectSameValues(g.outputs, seed)),
      { numRuns: 400, seed: 1 },
    );
  });

  it("keeps gradients and gradients of gradients (150 random graphs)", () => {
    fc.assert(
      fc.property(randomGraph, fc.nat(1000), (g, seed) => {
        const first = firstGradients(g);
        const penalty = ops.add(ops.sumAll(ops.tanh(first[0]!)), ops.sumAll(ops.square(ops.tanh(first[2]!))));
        expectSameValues([...first, ...gradient(penalty, g.inputs)], seed);
      }),
      { numRuns: 150, seed: 2 },
    );
  });

  it("gives what differentiating the simplified graph gives", () => {
    fc.assert(
      fc.property(randomGraph, fc.nat(1000), (g, seed) => {
        const early = firstGradients({ inputs: g.inputs, outputs: simplify(g.outputs) });
        const [a, b] = [interpret(firstGradients(g), feedsOf(seed)), interpret(early, feedsOf(seed))];
        a.forEach((values, i) => {
          expect(relativeError(values, b[i]!)).toBeLessThan(1e-10);
        });
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it("has nothing left to do the second time", () => {
    fc.assert(
      fc.property(randomGraph, (g) => {
        const named = (outputs: readonly Tensor[]) => Object.fromEntries(outputs.map((t, i) => [`y${i}`, t]));
        const once = simplify([...g.outputs, ...firstGradients(g)]);
        expect(print(named(simplify(once)))).toBe(print(named(once)));
      }),
      { numRuns: 150, seed: 4 },
    );
  });

  it("never adds a node that costs a pass over memory", () => {
    // Reshapes and small constants are free.
    const costly = (outputs: readonly Tensor[]) =>
      topologicalOrder(outputs).filter((t) => !["reshape", "constant", "input"].includes(t.op)).length;
    fc.assert(
      fc.property(randomGraph, (g) => {
        const outputs = [...g.outputs, ...firstGradients(g)];
        expect(costly(simplify(outputs))).toBeLessThanOrEqual(costly(outputs));
      }),
      { numRuns: 150, seed: 5 },
    );
  });
});

/** Prints the one simplified output. */
const simplified = (y: Tensor): string => print({ y: simplify([y])[0]! });
const lines = (...text: string[]): string => text.join("\n");

describe("rewrites", () => {
  const x = ops.input("x", [2, 3]);
  const row = ops.input("row", [3]);
  const keepsX = "%0 : [2,3] = input() {name=x}\nreturn y = %0";

  it.each([
    ["x + 0", ops.add(x, 0)],
    ["0 + x", ops.add(ops.constant(0, [2, 3]), x)],
    ["x - 0", ops.sub(x, 0)],
    ["x * 1", ops.mul(x, 1)],
    ["1 * x", ops.mul(ops.broadcastTo(ops.constant(1), [2, 3]), x)],
    ["x / 1", ops.div(x, 1)],
    ["--x", ops.neg(ops.neg(x))],
    ["(x * 2) * 0.5", ops.mul(ops.mul(x, 2), 0.5)],
    ["(x * 4) / 4", ops.div(ops.mul(x, 4), 4)],
    ["a transpose of a transpose", ops.transpose(ops.transpose(x, [1, 0]), [1, 0])],
    ["a transpose that moves nothing", ops.transpose(x, [0, 1])],
    ["a reshape there and back", ops.reshape(ops.reshape(x, [6]), [2, 3])],
  ])("%s is x", (_, y) => {
    expect(simplified(y)).toBe(keepsX);
  });

  it.each([
    [
      "x + 0 widens when the zero was wider",
      ops.add(row, ops.constant(0, [2, 3])),
      ["%0 : [3] = input() {name=row}", "%1 : [2,3] = broadcastTo(%0)", "return y = %1"],
    ],
    [
      "x * 0 is a widened zero",
      ops.mul(ops.input("large", [50, 100]), 0),
      ["%0 : [] = constant() {data=[0]}", "%1 : [50,100] = broadcastTo(%0)", "return y = %1"],
    ],
    [
      "factors are joined",
      ops.mul(ops.mul(x, 3), 2),
      ["%0 : [2,3] = input() {name=x}", "%1 : [] = constant() {data=[6]}", "%2 : [2,3] = mul(%0, %1)", "return y = %2"],
    ],
    [
      "x + x is a factor, which joins with others",
      ops.mul(ops.add(ops.mul(x, 3), ops.mul(x, 3)), -0.5),
      [
        "%0 : [2,3] = input() {name=x}",
        "%1 : [] = constant() {data=[-3]}",
        "%2 : [2,3] = mul(%0, %1)",
        "return y = %2",
      ],
    ],
    [
      "a sign joins with a factor",
      ops.neg(ops.mul(ops.neg(ops.mul(ops.neg(x), 3)), 2)),
      [
        "%0 : [2,3] = input() {name=x}",
        "%1 : [] = constant() {data=[-6]}",
        "%2 : [2,3] = mul(%0, %1)",
        "return y = %2",
      ],
    ],
    [
      "adding a negative is subtraction",
      ops.add(x, ops.neg(row)),
      ["%0 : [2,3] = input() {name=x}", "%1 : [3] = input() {name=row}", "%2 : [2,3] = sub(%0, %1)", "return y = %2"],
    ],
    [
      "a negative plus another is subtraction",
      ops.add(ops.neg(row), x),
      ["%0 : [2,3] = input() {name=x}", "%1 : [3] = input() {name=row}", "%2 : [2,3] = sub(%0, %1)", "return y = %2"],
    ],
    [
      "subtracting a negative is addition",
      ops.sub(x, ops.neg(row)),
      ["%0 : [2,3] = input() {name=x}", "%1 : [3] = input() {name=row}", "%2 : [2,3] = add(%0, %1)", "return y = %2"],
    ],
    [
      "division by a number is multiplication",
      ops.div(x, 4),
      [
        "%0 : [2,3] = input() {name=x}",
        "%1 : [] = constant() {data=[0.25]}",
        "%2 : [2,3] = mul(%0, %1)",
        "return y = %2",
      ],
    ],
    [
      "elementwise operations read a narrow operand",
      ops.sub(x, ops.broadcastTo(row, [2, 3])),
      ["%0 : [2,3] = input() {name=x}", "%1 : [3] = input() {name=row}", "%2 : [2,3] = sub(%0, %1)", "return y = %2"],
    ],
    [
      "two widenings are one",
      ops.broadcastTo(ops.broadcastTo(row, [2, 3]), [4, 2, 3]),
      ["%0 : [3] = input() {name=row}", "%1 : [4,2,3] = broadcastTo(%0)", "return y = %1"],
    ],
    [
      "two transposes are one",
      ops.transpose(ops.transpose(ops.input("z", [2, 3, 4]), [1, 0, 2]), [2, 1, 0]),
      ["%0 : [2,3,4] = input() {name=z}", "%1 : [4,2,3] = transpose(%0) {perm=[2,0,1]}", "return y = %1"],
    ],
    [
      "two reshapes are one",
      ops.reshape(ops.reshape(x, [6]), [3, 2]),
      ["%0 : [2,3] = input() {name=x}", "%1 : [3,2] = reshape(%0)", "return y = %1"],
    ],
    [
      "the sum of a widened tensor is a multiple",
      ops.reduceSum(ops.broadcastTo(row, [2, 3]), [0], false),
      [
        "%0 : [3] = input() {name=row}",
        "%1 : [] = constant() {data=[2]}",
        "%2 : [3] = mul(%0, %1)",
        // reduceSum keeps its axes, then the reshape drops one: the widening to [1,3] falls away.
        "%3 : [1,3] = broadcastTo(%2)",
        "%4 : [3] = reshape(%3)",
        "return y = %4",
      ],
    ],
    [
      "constants are computed now",
      ops.mul(row, ops.square(ops.neg(ops.constant([2, 3, 4])))),
      [
        "%0 : [3] = input() {name=row}",
        "%1 : [3] = constant() {data=[4,9,16]}",
        "%2 : [3] = mul(%0, %1)",
        "return y = %2",
      ],
    ],
  ])("%s", (_, y, text) => {
    expect(simplified(y)).toBe(lines(...text));
  });

  it("shares equal subexpressions, not unequal ones", () => {
    const conv = (stride: number) =>
      ops.conv2d(ops.input("x", [1, 1, 4, 4]), ops.input("w", [1, 1, 1, 1]), { stride, padding: 0 });
    expect(countOf([ops.mul(ops.exp(x), ops.exp(x))])).toBe(4);
    expect(countOf(simplify([ops.mul(ops.exp(x), ops.exp(x))]))).toBe(3);
    expect(countOf(simplify([conv(2), conv(2)]))).toBe(3);
    expect(countOf(simplify([conv(1), conv(2)]))).toBe(4);
    const constants = simplify([ops.constant([0, 1]), ops.constant([-0, 1]), ops.constant([0, 1])]);
    expect(new Set(constants.map((t) => t.id)).size).toBe(2);
    const long = [0, 1].map((first) => ops.constant([first, ...new Array(30).fill(7)]));
    expect(countOf(simplify(long))).toBe(2);
  });

  it("leaves out what no output needs", () => {
    const w = ops.input("w", [3, 3]);
    const loss = ops.sumAll(ops.square(ops.matmul(x, w)));
    const [dw] = gradient(loss, [w]);
    expect(topologicalOrder([dw!]).map((t) => t.op)).toContain("broadcastTo");
    const left = topologicalOrder(simplify([dw!])).map((t) => t.op);
    expect(left).toEqual(["input", "input", "matmul", "constant", "mul", "matmul"]);
  });

  it("does not fold a constant that would make the file large", () => {
    const wide = ops.broadcastTo(ops.constant(1), [5000]);
    expect(simplify([wide])[0]!.op).toBe("broadcastTo");
    expect(simplify([ops.broadcastTo(ops.constant(1), [50])])[0]!.op).toBe("constant");
  });

  it("takes a quarter of the nodes off the gradient of a penalised network", () => {
    const image = ops.input("image", [2, 1, 4, 4]);
    const w = ops.input("w", [2, 1, 3, 3]);
    const map = ops.leakyRelu(ops.conv2d(image, w, { stride: 1, padding: 1 }), 0.2);
    const [slope] = gradient(ops.sumAll(map), [image]);
    const loss = ops.add(ops.meanAll(ops.square(slope!)), ops.meanAll(ops.softplus(map)));
    const outputs = [loss, ...gradient(loss, [w])];
    expect(countOf(simplify(outputs))).toBeLessThan(0.75 * countOf(outputs));
  });
});
