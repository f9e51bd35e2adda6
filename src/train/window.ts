import type { StepReport } from "./training-steps.ts";

/** Sum and count of each figure; kept in checkpoints, so that a resumed run writes the statistics it would have. */
export type WindowSums = Record<string, { sum: number; count: number }>;

/** Sums of what steps report since the last line of statistics. */
export class Window {
  #sums: WindowSums;

  constructor(sums: WindowSums = {}) {
    this.#sums = structuredClone(sums);
  }

  get sums(): Readonly<WindowSums> {
    return this.#sums;
  }

  add(report: StepReport): void {
    for (const [name, value] of Object.entries(report) as [string, number | null][]) {
      if (value === null) continue;
      const { sum, count } = this.#sums[name] ?? { sum: 0, count: 0 };
      this.#sums[name] = { sum: sum + value, count: count + 1 };
    }
  }

  /** Means since the last call. */
  take(): Record<string, number> {
    const means = Object.fromEntries(Object.entries(this.#sums).map(([name, { sum, count }]) => [name, sum / count]));
    this.#sums = {};
    return means;
  }
}
