import { expect, it } from "vitest";
import { gradient } from "./gradient.ts";
import * as ops from "./ops.ts";
import { print } from "./print.ts";
import { simplify } from "./simplify.ts";

const image = ops.input("image", [4, 1, 8, 8]);
const w = ops.input("w", [2, 1, 3, 3]);
const b = ops.input("b", [2]);
const map = ops.leakyRelu(ops.conv2d(image, w, { stride: 2, padding: 1 }, b), 0.2);
const loss = ops.meanAll(ops.square(map));

it("prints a network, one line a node, outputs last", () => {
  expect(print({ map, loss })).toBe(
    `
%0 : [4,1,8,8] = input() {name=image}
%1 : [2,1,3,3] = input() {name=w}
%2 : [2] = input() {name=b}
%3 : [4,2,4,4] = conv2d(%0, %1, %2) {stride=2, padding=1}
%4 : [4,2,4,4] = leakyRelu(%3) {slope=0.2}
%5 : [4,2,4,4] = mul(%4, %4)
%6 : [1,1,1,1] = reduceSum(%5) {axes=[0,1,2,3]}
%7 : [] = reshape(%6)
%8 : [] = constant() {data=[0.0078125]}
%9 : [] = mul(%7, %8)
return map = %4
return loss = %9`.trim(),
  );
});

it("prints its simplified gradient", () => {
  const [dw, db] = simplify(gradient(loss, [w, b]));
  expect(print({ dw: dw!, db: db! })).toBe(
    `
%0 : [4,1,8,8] = input() {name=image}
%1 : [2,1,3,3] = input() {name=w}
%2 : [2] = input() {name=b}
%3 : [4,2,4,4] = conv2d(%0, %1, %2) {stride=2, padding=1}
%4 : [4,2,4,4] = leakyRelu(%3) {slope=0.2}
%5 : [] = constant() {data=[0.015625]}
%6 : [4,2,4,4] = mul(%4, %5)
%7 : [4,2,4,4] = leakySlope(%4) {slope=0.2}
%8 : [4,2,4,4] = mul(%6, %7)
%9 : [2,1,3,3] = conv2dWeightGradient(%0, %8) {stride=2, padding=1, kernelHeight=3, kernelWidth=3}
%10 : [1,2,1,1] = reduceSum(%8) {axes=[0,2,3]}
%11 : [2] = reshape(%10)
return dw = %9
return db = %11`.trim(),
  );
});

it("shortens long lists and says how long they are", () => {
  expect(print({ y: ops.constant(Array.from({ length: 100 }, (_, i) => i)) })).toBe(
    "%0 : [100] = constant() {data=[0,1,2,3,4,5,6,7,... 100 numbers]}\nreturn y = %0",
  );
});

it("prints the same for graphs built alike, whatever was built before", () => {
  const build = () => print({ y: ops.add(ops.input("a", [1]), ops.exp(ops.input("b", [1]))) });
  expect(build()).toBe(build());
});
