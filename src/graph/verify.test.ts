import { describe, expect, it } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { gradient } from "./gradient.ts";
import * as ops from "./ops.ts";
import type { Tensor } from "./tensor.ts";
import { verify } from "./verify.ts";

/** A node that no builder would make, as a bug in a rule would leave it. */
const broken = (node: Tensor, changes: Partial<Tensor>): Tensor => ({ ...node, ...changes });

const x = ops.input("x", [2, 3]);

describe("verify", () => {
  it("accepts a network and its gradient", () => {
    const w = ops.input("w", [3, 3]);
    const loss = ops.sumAll(ops.softplus(ops.matmul(x, w)));
    expect(() => verify([loss, ...gradient(loss, [x, w])])).not.toThrow();
  });

  it.each([
    [
      "a shape that the inputs do not give",
      broken(ops.exp(x), { shape: [3, 2] }),
      "internal: bad node %1 : [3,2] = exp(%0): claims shape [3,2], its inputs give [2,3]",
    ],
    [
      "inputs that do not fit together",
      broken(ops.add(x, x), { inputs: [x, ops.input("z", [2])] }),
      "internal: bad node %2 : [2,3] = add(%0, %1): add: shapes [2,3] and [2] do not broadcast",
    ],
    [
      "an attribute that does not fit",
      broken(ops.transpose(x, [1, 0]), { attributes: { perm: [1, 1] } }),
      "internal: bad node %1 : [3,2] = transpose(%0) {perm=[1,1]}: transpose: [1,1] is not an order of the axes of [2,3]",
    ],
    [
      "an attribute that is no number",
      ops.leakyRelu(x, Number.NaN),
      "internal: bad node %1 : [2,3] = leakyRelu(%0) {slope=NaN}: attribute slope is NaN",
    ],
    [
      "a constant that is not finite",
      ops.add(x, Number.POSITIVE_INFINITY),
      "internal: bad node %1 : [] = constant() {data=[Infinity]}: holds a number that is not finite",
    ],
    [
      "an empty extent",
      ops.neg(ops.input("none", [0, 2])),
      "internal: bad node %0 : [0,2] = input() {name=none}: has the extent of [0,2]",
    ],
    [
      "a broken extent",
      ops.input("half", [1.5]),
      "internal: bad node %0 : [1.5] = input() {name=half}: has the extent",
    ],
    ["an input without a name", ops.input("", [1]), "internal: bad node %0 : [1] = input() {name=}: has no name"],
    [
      "two inputs of one name",
      ops.add(x, ops.input("x", [2, 3])),
      "internal: bad node %1 : [2,3] = input() {name=x}: takes the name x, which another input has",
    ],
  ])("refuses %s", (_, node, message) => {
    expect(() => verify([node])).toThrow(message);
    expect(() => verify([node])).toThrow(GanglionError);
  });

  it("names the first bad node, not one that suffers from it", () => {
    const first = broken(ops.neg(x), { shape: [6] });
    const then = broken(ops.exp(ops.tanh(first)), { shape: [7] });
    const alone = broken(ops.exp(x), { shape: [8] });
    expect(() => verify([then, alone])).toThrow("bad node %1 : [6] = neg(%0)");
    expect(() => verify([alone, then])).toThrow("bad node %1 : [8] = exp(%0)");
  });
});
