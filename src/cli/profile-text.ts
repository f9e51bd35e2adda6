import { percentFixed } from "../core/percent.ts";
import type { StepProfile, TimedPart } from "../train/index.ts";

/** Lines of each table that are printed; the file has all. */
const SHOWN = 16;

function table(title: string, parts: readonly TimedPart[]): string[] {
  const rest = parts.slice(SHOWN);
  const lines = parts.slice(0, SHOWN).map((part) => {
    const rate = part.gigaflops === null ? "" : `${part.gigaflops.toFixed(0)} GFLOP/s`;
    return `  ${part.name.padEnd(48)}${part.milliseconds.toFixed(2).padStart(9)} ms ${percentFixed(part.share, 1).padStart(7)} ${rate.padStart(13)}`.trimEnd();
  });
  const sum = rest.reduce((total, { milliseconds }) => total + milliseconds, 0);
  const more = rest.length === 0 ? [] : [`  ${`${rest.length} more`.padEnd(48)}${sum.toFixed(2).padStart(9)} ms`];
  return [title, ...lines, ...more];
}

/** What `train --profile` says of the file that it wrote. */
export function profileText(profile: StepProfile, path: string): string {
  return [
    `a step takes ${profile.stepMilliseconds.toFixed(1)} ms (${profile.imagesPerSecond.toFixed(1)} images/s), mean over whole penalty intervals`,
    `${profile.gigaflopsPerStep.toFixed(2)} GFLOP in products and convolutions: ${profile.gigaflopsPerSecond.toFixed(0)} GFLOP/s over the whole step`,
    `${percentFixed(profile.shareOfPeak, 1)} of the ${profile.peakGigaflopsPerSecond.toFixed(0)} GFLOP/s that a large matrix product reaches here`,
    `${percentFixed(profile.outsideRuntime, 1)} of the time is spent outside the runtime; peak memory ${(profile.peakMemoryBytes / 1e6).toFixed(0)} MB`,
    "",
    ...table("By operator of the runtime, per step:", profile.operators),
    "",
    ...table("By layer:", profile.layers),
    "",
    `All values: ${path}`,
  ].join("\n");
}
