import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { interpret } from "../graph/index.ts";
import { input } from "../graph/ops.ts";
import { conv, declareConv, declareLinear, declareResidual, linear, residual } from "./layers.ts";
import {
  flatten,
  initialise,
  joinParameter,
  LayoutBuilder,
  learningRateFactors,
  splitFlat,
  viewWeights,
} from "./parameters.ts";

function layoutOf(extra = false) {
  const builder = new LayoutBuilder();
  declareConv(builder, "first", 3, 4, 3);
  if (extra) declareLinear(builder, "between", 2, 2);
  declareLinear(builder, "second", 40, 50, { gain: 1 });
  declareResidual(builder, "block", 4);
  return builder.build();
}

test("parameters lie one behind the other, and a flat vector comes back from its parts", () => {
  const layout = layoutOf();
  let end = 0;
  for (const { shape, offset } of layout.parameters) {
    expect(offset).toBe(end);
    end += shape.reduce((product, n) => product * n, 1);
  }
  expect(layout.length).toBe(end);
  const flat = new Rng("flat").fillNormal(new Float32Array(layout.length));
  const views = viewWeights(layout, input("flat", [layout.length]));
  const [again, weight] = interpret([flatten(layout, Object.values(views)), views["second.weight"]!], { flat });
  expect(Array.from(again!)).toEqual(Array.from(flat));
  expect(Array.from(weight!)).toEqual(Array.from(splitFlat(layout, flat)["second.weight"]!));
});

test("parts come in the order of their shape, and go back to where they were", () => {
  const layout = layoutOf();
  const flat = new Rng("flat").fillNormal(new Float32Array(layout.length));
  const parts = splitFlat(layout, flat);
  const views = viewWeights(layout, input("flat", [layout.length]));
  const values = interpret(Object.values(views), { flat });
  Object.keys(views).forEach((name, i) => {
    expect(Array.from(parts[name]!), name).toEqual(Array.from(values[i]!));
  });
  const joined = new Float32Array(layout.length);
  for (const parameter of layout.parameters) joinParameter(parameter, parts[parameter.name]!, joined);
  expect(joined).toEqual(flat);
  // Kernels lie otherwise than they are told, or this would show nothing.
  expect(parts["first.weight"]).not.toEqual(flat.subarray(0, parts["first.weight"]!.length));
});

test("first weights have the deviation of their layer, biases and closing layers are zero", () => {
  const layout = layoutOf();
  const parts = splitFlat(layout, initialise(layout, 1, "net"));
  const variance = parts["second.weight"]!.reduce((sum, w) => sum + w * w, 0) / 2000;
  // 2,000 squares of normal numbers: a relative standard error of sqrt(2 / 2000) = 3 %.
  expect(variance * 40).toBeGreaterThan(0.87);
  expect(variance * 40).toBeLessThan(1.13);
  expect(parts["second.bias"]!.every((b) => b === 0)).toBe(true);
  expect(parts["block.second.weight"]!.every((w) => w === 0)).toBe(true);
  expect(parts["block.first.weight"]!.some((w) => w !== 0)).toBe(true);
});

test("first weights follow seed and network, and adding a layer does not move the others", () => {
  const [layout, longer] = [layoutOf(), layoutOf(true)];
  const before = splitFlat(layout, initialise(layout, 1, "net"));
  const after = splitFlat(longer, initialise(longer, 1, "net"));
  for (const { name } of layout.parameters) expect(after[name]).toEqual(before[name]);
  expect(initialise(layout, 1, "net")).toEqual(initialise(layout, 1, "net"));
  expect(initialise(layout, 2, "net")).not.toEqual(initialise(layout, 1, "net"));
  expect(initialise(layout, 1, "other")).not.toEqual(initialise(layout, 1, "net"));
});

test("a step changes every layer by the same share: rates are the deviation that keeps variances, 1 for biases", () => {
  const layout = layoutOf();
  const [factors] = interpret([learningRateFactors(layout)]);
  const parts = splitFlat(layout, Float32Array.from(factors!));
  expect(parts["second.weight"]!.every((f) => f === Math.fround(1 / Math.sqrt(40)))).toBe(true);
  expect(parts["first.bias"]!.every((f) => f === 1)).toBe(true);
  // A layer that begins at zero must learn as fast as the others.
  expect(parts["block.second.weight"]).toEqual(parts["block.first.weight"]);
});

test("a residual block begins as the identity", () => {
  const layout = layoutOf();
  const weights = viewWeights(layout, input("flat", [layout.length]));
  const x = new Rng("x").fillNormal(new Float64Array(4 * 25));
  const feeds = { flat: initialise(layout, 3, "net"), x };
  const [y] = interpret([residual(weights, "block", input("x", [1, 4, 5, 5]))], feeds);
  expect(Array.from(y!)).toEqual(Array.from(x));
});

test("linear and convolution layers add their biases", () => {
  const layout = layoutOf();
  const parts = splitFlat(layout, new Float32Array(layout.length));
  parts["second.bias"]!.fill(2);
  parts["first.bias"]!.set([1, 2, 3, 4]);
  parts["first.weight"]![4] = 10; // the centre of the kernel from channel 0 to map 0
  const flat = new Float32Array(layout.length);
  for (const parameter of layout.parameters) joinParameter(parameter, parts[parameter.name]!, flat);
  const weights = viewWeights(layout, input("flat", [layout.length]));
  const image = Float64Array.from({ length: 27 }, (_, i) => i);
  const [rows, maps] = interpret(
    [linear(weights, "second", input("x", [1, 40])), conv(weights, "first", input("image", [1, 3, 3, 3]))],
    { flat, x: new Float64Array(40), image },
  );
  expect(rows!.every((y) => y === 2)).toBe(true);
  expect(Array.from(maps!.subarray(0, 10))).toEqual([1, 11, 21, 31, 41, 51, 61, 71, 81, 2]);
});
