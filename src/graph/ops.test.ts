import fc from "fast-check";
import { describe, it } from "vitest";
import { expectGradient, expectRuntimeAgrees, expectSecondGradient } from "./testing/checks.ts";
import { expressions } from "./testing/expressions.ts";

describe.each(Object.entries(expressions))("%s", (_, expression) => {
  it("has the gradient that central differences give (1e-6)", () => {
    fc.assert(
      fc.property(expression, fc.nat(1000), (e, seed) => expectGradient(e, seed)),
      { numRuns: 12, seed: 1 },
    );
  });

  it("has the second gradient that central differences give (1e-5)", () => {
    fc.assert(
      fc.property(expression, fc.nat(1000), (e, seed) => expectSecondGradient(e, seed)),
      { numRuns: 3, seed: 2 },
    );
  });

  it("gives under ONNX Runtime the interpreter's value and gradients (2e-5)", async () => {
    await fc.assert(
      fc.asyncProperty(expression, fc.nat(1000), (e, seed) => expectRuntimeAgrees(e, seed)),
      { numRuns: 12, seed: 3 },
    );
  });

  it("gives the same in float64 (1e-12)", async () => {
    await fc.assert(
      fc.asyncProperty(expression, fc.nat(1000), (e, seed) => expectRuntimeAgrees(e, seed, 1e-12, "float64")),
      { numRuns: 6, seed: 4 },
    );
  });
});
