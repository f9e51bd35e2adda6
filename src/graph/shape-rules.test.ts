import { describe, expect, it } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { gradient } from "./gradient.ts";
import { interpret } from "./interpreter.ts";
import * as ops from "./ops.ts";
import { inferShape } from "./shape-rules.ts";

const t = (...shape: number[]) => ops.input(`t${shape}`, shape);
const unit = { stride: 1, padding: 0 };

describe("shapes that do not fit are refused with the operation and the shapes", () => {
  it.each([
    ["add", () => ops.add(t(2, 3), t(2)), "add: shapes [2,3] and [2] do not broadcast"],
    ["mul", () => ops.mul(t(4, 1, 3), t(5, 2)), "mul: shapes [4,1,3] and [5,2] do not broadcast"],
    ["constant", () => ops.constant([1, 2, 3], [2, 2]), "constant: [2,2] does not hold 3 numbers"],
    ["logSoftmax", () => ops.logSoftmax(t()), "logSoftmax: needs at least one axis"],
    ["reshape", () => ops.reshape(t(2, 3), [7]), "reshape: [2,3] does not hold as many numbers as [7]"],
    ["transpose", () => ops.transpose(t(2, 3), [0]), "transpose: [0] is not an order of the axes of [2,3]"],
    ["slice, too long", () => ops.slice(t(4), [2], [3]), "slice: block at [2] of size [3] leaves [4]"],
    ["slice, negative", () => ops.slice(t(4), [-1], [2]), "slice: block at [-1] of size [2] leaves [4]"],
    ["slice, empty", () => ops.slice(t(4), [1], [0]), "slice: block at [1] of size [0] leaves [4]"],
    ["pad", () => ops.pad(t(4), [-1], [0]), "pad: [-1] and [0] are not widths around [4]"],
    ["concat", () => ops.concat([t(2, 3), t(3, 3)], 1), "concat: [3,3] differs from [2,3] in another axis than 1"],
    ["concat, axis", () => ops.concat([t(2), t(3)], 1), "concat: no axis 1"],
    ["broadcastTo", () => ops.broadcastTo(t(4, 3), [3]), "broadcastTo: [4,3] does not widen to [3]"],
    ["reduceSum", () => ops.reduceSum(t(4), [1]), "reduceSum: axes [1] not in [4]"],
    ["sumTo", () => ops.sumTo(t(4), [2, 4]), "sumTo: [2,4] does not widen to [4]"],
    ["matmul", () => ops.matmul(t(2, 3), t(4, 5)), "matmul: inner extents 3 and 4 of [2,3] and [4,5] differ"],
    [
      "matmul, transposed",
      () => ops.matmul(t(2, 3), t(3, 5), { transposeB: true }),
      "matmul: inner extents 3 and 5 of [2,3] and [3,5] differ",
    ],
    ["matmul, vectors", () => ops.matmul(t(3), t(3, 1)), "matmul: needs matrices, got [3] and [3,1]"],
    [
      "conv2d, channels",
      () => ops.conv2d(t(1, 2, 4, 4), t(5, 3, 1, 1), unit),
      "conv2d: image [1,2,4,4] and kernel [5,3,1,1] differ in channels",
    ],
    [
      "conv2d, kernel",
      () => ops.conv2d(t(1, 2, 4, 2), t(5, 2, 3, 3), unit),
      "conv2d: kernel 3 does not fit extent 2 with padding 0",
    ],
    ["conv2d, bias", () => ops.conv2d(t(1, 2, 4, 4), t(5, 2, 3, 3), unit, t(2)), "conv2d: bias [2] is not [5]"],
    ["conv2d, axes", () => ops.conv2d(t(2, 4, 4), t(5, 2, 3, 3), unit), "conv2d: needs 4 axes, got [2,4,4]"],
    [
      "conv2dInputGradient",
      () => ops.conv2dInputGradient(t(1, 5, 3, 3), t(5, 2, 3, 3), unit, [4, 4]),
      "conv2dInputGradient: [1,5,3,3] is not what kernel [5,2,3,3] makes of 4x4",
    ],
    [
      "conv2dWeightGradient",
      () => ops.conv2dWeightGradient(t(1, 2, 4, 4), t(2, 5, 2, 2), unit, [3, 3]),
      "conv2dWeightGradient: [2,5,2,2] is not what a 3x3 kernel makes of [1,2,4,4]",
    ],
    ["sumPool", () => ops.sumPool(t(1, 1, 4, 5), 2), "sumPool: [1,1,4,5] is not a multiple of 2"],
    ["filter", () => ops.filter(t(1, 1, 4, 4), [1, 2, 1], 3), "filter: padding 3 is not 0 to 2"],
    [
      "filter, extent",
      () => ops.filter(t(1, 1, 4, 2), [1, 2, 1], 0),
      "filter: kernel 3 does not fit extent 2 with padding 0",
    ],
    ["upsample", () => ops.upsample(t(4, 4), 2), "upsample: needs 4 axes, got [4,4]"],
    ["gradient", () => gradient(t(2), [], t(3)), "gradient: cotangent [3] is not of shape [2]"],
  ])("%s", (_, build, message) => {
    expect(build).toThrow(GanglionError);
    expect(build).toThrow(message);
  });
});

describe("shapes that fit", () => {
  it("broadcast from the last axis on", () => {
    expect(ops.add(t(4, 1, 3), t(2, 1)).shape).toEqual([4, 2, 3]);
    expect(ops.mul(t(), t(2)).shape).toEqual([2]);
  });

  it("of a convolution follow floor((n + 2p - k) / s) + 1", () => {
    expect(ops.conv2d(t(1, 1, 7, 8), t(1, 1, 3, 3), { stride: 2, padding: 1 }).shape).toEqual([1, 1, 4, 4]);
    expect(
      inferShape(
        "conv2d",
        [
          [1, 1, 5, 5],
          [1, 1, 5, 5],
        ],
        unit,
      ),
    ).toEqual([1, 1, 1, 1]);
  });
});

describe("compositions", () => {
  const values = (y: ReturnType<typeof t>, x: number[]) => Array.from(interpret([y], { x })[0]!);
  const x = ops.input("x", [2, 2]);

  it("clamp clips", () => {
    expect(values(ops.clamp(x, -1, 2), [-3, -0.5, 1.5, 9])).toEqual([-1, -0.5, 1.5, 2]);
  });

  it("reduceMean, meanAll and averagePool average", () => {
    expect(values(ops.reduceMean(x, [0], false), [1, 2, 3, 6])).toEqual([2, 4]);
    expect(values(ops.meanAll(x), [1, 2, 3, 6])).toEqual([3]);
    expect(values(ops.averagePool(ops.reshape(x, [1, 1, 2, 2]), 2), [1, 2, 3, 6])).toEqual([3]);
  });

  it("a reduction over no axis and a widening to the same shape are the tensor itself", () => {
    expect(ops.reduceSum(x, [])).toBe(x);
    expect(ops.broadcastTo(x, [2, 2])).toBe(x);
    expect(ops.slice(x, [0, 0], [2, 2])).toBe(x);
  });
});
