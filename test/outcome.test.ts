import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { sha256 } from "../src/core/hash.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { writePhantom } from "../src/phantom/index.ts";
import { outcomeSchema } from "../src/train/index.ts";

const root = await temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const set = at("my set");
const run = at("run of it");
const ganglion = (...argv: string[]) => callProgram(argv);
const outcomeOf = (folder: string) =>
  outcomeSchema.parse(JSON.parse(readFileSync(join(folder, "outcome.json"), "utf8")));

let said: string;
beforeAll(async () => {
  await writePhantom(set, { count: 160, size: 16 });
  const small = ["--preset", "tiny", "--resolution", "8", "--batch", "8", "--threads", "1", "--quiet"];
  const { code, err, out } = await ganglion("train", set, "--out", run, ...small, "--images", "16");
  expect([err, code]).toEqual(["", 0]);
  said = out;
}, 120_000);

test("the end of a training says the grade, the distance beside its floor, the trend and the next command", () => {
  const outcome = outcomeOf(run);
  const { verdict, distance, trend, next } = outcome;
  // Sixteen images seen: noise, and nothing is praised.
  expect(verdict.grade).toMatch(/^(noise|unlike|unknown)$/);
  for (const words of [verdict.sentence, ...verdict.reasons, trend.sentence, next.reason])
    expect(said).toContain(words);
  expect(said.trim().split("\n").at(-1)).toBe(`Next:     ${next.command}`);
  expect(distance!.value).toBeGreaterThan(distance!.floor);
  expect(said).toMatch(
    /Distance: FID [\d.]+, other real images [\d.]+, [\d.e+]+ times as far \(multiscale, \d+ images per side\)/,
  );
  expect(said).not.toMatch(/KID(?! is)/);
  expect(verdict.reasons.at(-1)).toMatch(
    /^The other real images are (\d+ held-out ones|half of the training images, since too few)/,
  );
  expect(trend).toMatchObject({ state: "unknown", measurements: 1, to: 16 });
  expect(outcome.imagesSeen).toBe(16);
  expect(outcome.generator).toBe(sha256(readFileSync(join(run, "generator.onnx"))));
});

test("a resumed run has the outcome of what it reached, the same for the same state", async () => {
  const copy = at("copy");
  cpSync(run, copy, { recursive: true });
  const again = await ganglion("train", set, "--out", copy, "--resume", "--json");
  expect(again.code, again.err).toBe(0);
  const { verdict, distance, trend } = outcomeOf(run);
  expect(JSON.parse(again.out)).toMatchObject({ outcome: "complete", imagesSeen: 16, verdict, distance, trend });
  // A command that is refused leaves what was said; one that trains on says it anew.
  const stopped = await ganglion("train", set, "--out", copy, "--resume", "--images", "24", "--set", "gamma=9");
  expect([stopped.code, existsSync(join(copy, "outcome.json"))]).toEqual([2, true]);
  const further = await ganglion("train", set, "--out", copy, "--resume", "--images", "24", "--quiet");
  expect(further.code, further.err).toBe(0);
  expect(outcomeOf(copy).trend).toMatchObject({ measurements: 2, from: 16, to: 24 });
}, 120_000);
