import { expect, test } from "vitest";
import type { Estimates } from "../metrics-file.ts";
import { fidelity } from "./verdict.ts";

/** [value, low, high, floor] by metric. */
function estimates(kid: number[], recall: number[], coverage: number[]): Estimates {
  const named = (numbers: number[]) => ({ value: numbers[0], low: numbers[1], high: numbers[2], floor: numbers[3] });
  return { kid: named(kid), recall: named(recall), coverage: named(coverage) } as unknown as Estimates;
}

test("no difference is shown only where KID, recall and coverage all reach their floors", () => {
  const sameKid = [0.02, -0.08, 0.2, 0.015];
  const full = [0.96, 0.94, 0.98, 0.97];
  const lacking = [0.85, 0.81, 0.88, 0.97];
  expect(fidelity(estimates(sameKid, full, full))).toBe("same");
  expect(fidelity(estimates(sameKid, full, lacking))).toBe("close");
  expect(fidelity(estimates(sameKid, lacking, full))).toBe("close");
  expect(fidelity(estimates([0.3, 0.2, 0.4, 0.015], full, full))).toBe("close");
});

test("beyond that the share of real images covered decides", () => {
  const farKid = [0.3, 0.2, 0.4, 0.015];
  const recall = [0.5, 0.4, 0.6, 0.97];
  expect(fidelity(estimates(farKid, recall, [0.5, 0.4, 0.6, 0.97]))).toBe("partial");
  expect(fidelity(estimates(farKid, recall, [0.1, 0.05, 0.2, 0.97]))).toBe("different");
});
