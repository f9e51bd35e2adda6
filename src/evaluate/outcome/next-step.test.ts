import { resolve } from "node:path";
import { expect, test } from "vitest";
import { testConfig } from "../../train/testing/config.ts";
import { type EndedRun, nextStep } from "./next-step.ts";

const config = { ...testConfig(), resolution: 32 };
const ended: EndedRun = {
  config: { ...config, dataset: { ...config.dataset, path: "my skin" } },
  run: "runs/one",
  copies: null,
  ...{ imagesSeen: 3_000, seconds: 60, exhausted: false, grade: "noise", trend: "unknown" },
};

test("after too few images: as many as the first that drew something, with the time at the measured rate", () => {
  const { command, reason, minutes } = nextStep(ended);
  expect(command).toBe("ganglion train 'my skin' --out runs/one --resume --images 43000");
  expect(minutes).toBe(14);
  expect(reason).toMatch(
    /^Train on: 3,000 images seen are few: .* had seen 42,688; 40,000 more images take about 14 min at 50 images/,
  );
});

test("a dataset below the current folder is named from there, another one whole", () => {
  const at = (path: string) =>
    nextStep({ ...ended, config: { ...config, dataset: { ...config.dataset, path } } }).command.split(" ")[2];
  expect(at(resolve("skin"))).toBe("skin");
  expect(at(resolve("-skin"))).toBe("./-skin");
  expect(at(resolve("..", "skin"))).toBe(resolve("..", "skin"));
  expect(at(process.cwd())).toBe(process.cwd());
});

test("twice as many while it improves; none where it does not, where it is good or where nothing is left", () => {
  const late = { ...ended, imagesSeen: 60_000, seconds: 600, grade: "partial", trend: "improving" } as const;
  expect(nextStep(late)).toMatchObject({ command: expect.stringMatching(/--resume --images 120000$/), minutes: 10 });
  const draw = "ganglion generate runs/one --per-class 100 --out synthetic";
  for (const changed of [{ trend: "still" }, { grade: "close" }, { grade: "unknown", trend: "unknown" }] as const) {
    expect(nextStep({ ...late, ...changed })).toMatchObject({ command: draw, minutes: null });
  }
  expect(nextStep({ ...late, trend: "still" }).reason).toMatch(/^More images alone will not help much/);
});

test("a run whose rates have fallen to zero is begun anew for longer where more images may help", () => {
  const over = { ...ended, exhausted: true };
  const found = nextStep(over);
  expect(found.reason).toMatch(
    /^Train anew for longer: 3,000 images seen are few.*fallen to zero.*; 43,000 images take about 15 min/,
  );
  expect(found.command).toMatch(
    /^ganglion train 'my skin' --model r3gan --preset tiny --resolution 32 .*--images 43000 --out run$/,
  );
  expect(found.minutes).toBe(15);
  const still = nextStep({ ...over, imagesSeen: 60_000, grade: "partial", trend: "still" });
  expect(still.command).toMatch(/^ganglion generate/);
});

test("a run that copies is not gone on with, however much it improves", () => {
  const copies = { found: 5, of: 64, imagesSeen: 60_000 };
  const copying = { ...ended, imagesSeen: 60_000, grade: "partial", trend: "improving", copies } as const;
  expect(nextStep(copying)).toMatchObject({
    command: "ganglion generate runs/one --per-class 100 --out synthetic",
    reason: expect.stringMatching(/^5 of 64 images drawn at 60,000 images seen repeat training images/),
  });
  expect(nextStep({ ...copying, copies: { ...copies, found: 1 } }).command).toMatch(/--resume/);
});
