/** Random expression graphs for tests that must hold for any graph. */
import fc from "fast-check";
import * as ops from "../ops.ts";
import type { Tensor } from "../tensor.ts";

type Step = (operands: readonly Tensor[], pick: number) => Tensor;

const ROWS = 2;
const COLUMNS = 3;

/** Whatever came out, as [2,3]: sums what is too large, widens what is too small. */
function fit(x: Tensor): Tensor {
  const flat = x.shape.length > 2 ? ops.reduceSum(x, [...x.shape.keys()].slice(0, -2), false) : x;
  const narrow = flat.shape.map((n, i) => (n === [ROWS, COLUMNS].slice(-flat.shape.length)[i] ? n : 1));
  return ops.broadcastTo(ops.sumTo(flat, narrow), [ROWS, COLUMNS]);
}

/** Steps whose values stay moderate, and in which a simplifier finds much to do. */
const steps: readonly Step[] = [
  ([a, b]) => ops.add(a!, b!),
  ([a, b]) => ops.sub(a!, b!),
  ([a, b]) => ops.mul(ops.tanh(a!), ops.tanh(b!)),
  ([a, b]) => ops.div(a!, ops.add(ops.square(b!), 1)),
  ([a]) => ops.neg(a!),
  ([a]) => ops.neg(ops.neg(a!)),
  ([a]) => ops.sigmoid(a!),
  ([a]) => ops.softplus(a!),
  ([a]) => ops.exp(ops.tanh(a!)),
  ([a]) => ops.log(ops.add(ops.square(a!), 1)),
  ([a]) => ops.sqrt(ops.add(ops.square(a!), 1)),
  ([a]) => ops.logSoftmax(a!),
  ([a], pick) => ops.mul(a!, [0, 1, -1, 0.5][pick % 4]!),
  ([a], pick) => ops.mul([0, 1, -1, 0.5][pick % 4]!, ops.mul(a!, 0.25)),
  ([a], pick) => ops.add(a!, [0, 1][pick % 2]!),
  ([a], pick) => ops.add([0, 1][pick % 2]!, a!),
  ([a], pick) => ops.sub(a!, [0, 1][pick % 2]!),
  ([a], pick) => ops.div(a!, [1, 2, -4][pick % 3]!),
  ([a, b], pick) => ops.add(a!, ops.broadcastTo(ops.reduceSum(b!, [pick % 2]), [ROWS, COLUMNS])),
  ([a], pick) => fit(ops.reduceSum(ops.broadcastTo(a!, [2, ROWS, COLUMNS]), [pick % 3])),
  ([a], pick) => fit(ops.reduceSum(ops.broadcastTo(ops.reduceSum(a!, [pick % 2]), [ROWS, COLUMNS]), [0, 1])),
  ([a]) => fit(ops.broadcastTo(ops.broadcastTo(ops.reduceSum(a!, [0]), [ROWS, COLUMNS]), [2, ROWS, COLUMNS])),
  ([a]) => ops.transpose(ops.transpose(a!, [1, 0]), [1, 0]),
  ([a]) => ops.transpose(ops.tanh(ops.transpose(a!, [1, 0])), [1, 0]),
  ([a]) => ops.transpose(a!, [0, 1]),
  ([a]) => ops.reshape(ops.reshape(a!, [COLUMNS, ROWS]), [ROWS, COLUMNS]),
  ([a, b]) => ops.reshape(ops.add(ops.reshape(a!, [6]), ops.reshape(b!, [6])), [ROWS, COLUMNS]),
  ([a, b], pick) => ops.slice(ops.concat([a!, b!], pick % 2), [0, 0].with(pick % 2, 1), [ROWS, COLUMNS]),
  ([a], pick) => fit(ops.pad(a!, [pick % 2, 0], [0, 1])),
  ([a, b]) => ops.matmul(ops.matmul(ops.tanh(a!), ops.tanh(b!), { transposeB: true }), a!),
  ([a]) => ops.mul(a!, ops.broadcastTo(ops.constant(0.5), [ROWS, COLUMNS])),
  ([a]) => ops.add(a!, ops.constant([1, 2, 3, 4, 5, 6], [ROWS, COLUMNS])),
  ([a]) => ops.mul(a!, ops.exp(ops.constant([0.5, -0.5, 0]))),
  ([a]) => ops.leakyRelu(ops.add(a!, 10), 0.2),
  ([a, b]) => ops.mul(a!, ops.leakySlope(b!, 0.2)),
];

/** A graph over the inputs `a`, `b` of shape [2,3] and `s` (a scalar), with one or two outputs. */
export interface RandomGraph {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export const randomGraph: fc.Arbitrary<RandomGraph> = fc
  .array(fc.tuple(fc.nat(steps.length - 1), fc.nat(1000), fc.nat(1000), fc.nat(12)), { minLength: 2, maxLength: 14 })
  .map((plan) => {
    const [a, b, s] = [ops.input("a", [ROWS, COLUMNS]), ops.input("b", [ROWS, COLUMNS]), ops.input("s", [])];
    const known = [a, b, ops.broadcastTo(s, [ROWS, COLUMNS])];
    for (const [step, left, right, pick] of plan) {
      known.push(steps[step]!([known[left % known.length]!, known[right % known.length]!], pick));
    }
    return { inputs: [a, b, s], outputs: known.slice(-2) };
  });
