import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guaranteeOf } from "../../audit/run-check.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { encodePng } from "../../data/index.ts";
import { defaultRecipes, readConfig } from "../../train/index.ts";
import { callProgram } from "../testing/call-program.ts";

const root = await temporaryFolder();

/** Twelve grey images of six patients. */
async function writeSet(): Promise<string> {
  const set = join(root, "set");
  await mkdir(join(set, "images"), { recursive: true });
  const lines = ["file_name,label,patient_id"];
  for (let i = 0; i < 12; i++) {
    const data = Uint8Array.from({ length: 64 }, (_, at) => (at * 3 + i * 17) % 256);
    await writeFile(join(set, `images/${i}.png`), await encodePng({ width: 8, height: 8, channels: 1, data }));
    lines.push(`images/${i}.png,${i % 2 === 0 ? "a" : "b"},p${i >> 1}`);
  }
  await writeFile(join(set, "metadata.csv"), `${lines.join("\n")}\n`);
  return set;
}

const set = await writeSet();
const small = [
  "networks.code=4",
  "networks.embedding=2",
  "networks.generatorMaps=4",
  "networks.widest=8",
  "networks.discriminatorMaps=4",
];
const words = (run: string) => [
  ...["train", set, "--out", join(root, run), "--resolution", "8", "--threads", "1", "--batch", "3"],
  ...small.flatMap((setting) => ["--set", setting]),
];
const budget = ["--images", "12", "--dp-epsilon", "6", "--dp-delta", "1e-2"];

test("a private training from the command line: patients as records, the budget in every place that states it", async () => {
  const { code, out, err } = await callProgram([...words("run"), ...budget, "--dp-unit", "patient", "--json"]);
  expect(err).toContain("epsilon 6 at delta 0.01 for one patient of 6; 4 steps");
  expect(code, err).toBe(0);
  const result = JSON.parse(out);
  expect(result.differentialPrivacy).toMatchObject({ unit: "patient", records: 6, steps: 4, samplingRate: 0.5 });
  expect(result.differentialPrivacy.epsilon).toBeLessThanOrEqual(6);
  const config = await readConfig(join(root, "run", "config.json"));
  expect(config).toMatchObject({ recipe: { balanceExponent: 1, batch: 3 }, differentialPrivacy: { unit: "patient" } });
  expect(defaultRecipes.tiny.balanceExponent).not.toBe(1);
  // What an audit of its images will state, and a release on its card.
  const { epsilon, delta, accountant } = result.differentialPrivacy;
  expect(await guaranteeOf(join(root, "run"))).toEqual({
    epsilon,
    delta,
    unit: "one patient (group size 1)",
    accountant,
  });

  // The same words go on with it; it is spent. Other settings do not, nor does a run that was not private.
  const again = await callProgram([...words("run"), "--resume", "--images", "600", "--json"]);
  expect(again.code, again.err).toBe(0);
  expect(JSON.parse(again.out)).toMatchObject({ imagesSeen: 12, ended: expect.stringContaining("budget is spent") });
  const fewer = await callProgram(["train", set, "--out", join(root, "run"), "--resume", "--images", "600", "--quiet"]);
  expect(fewer, "without the first --batch and --dp options").toMatchObject({ code: 0, err: "" });
  const more = await callProgram([
    ...words("run"),
    "--resume",
    "--dp-epsilon",
    "9",
    "--dp-delta",
    "1e-2",
    "--dp-unit",
    "patient",
  ]);
  expect(more).toMatchObject({ code: 2, err: expect.stringContaining("--dp-epsilon, --dp-delta, --dp-unit") });
}, 120_000);

test("what would break the guarantee is refused before anything is written", async () => {
  const refused = async (...more: string[]) => {
    const { code, err } = await callProgram([...words("refused"), ...more]);
    expect(code, err).toBe(2);
    return err;
  };
  expect(await refused("--dp-epsilon", "6")).toMatch(/a guarantee needs both/);
  expect(await refused("--dp-epsilon", "6", "--dp-delta", "1e-2", "--minutes", "1")).toMatch(/give --images/);
  expect(await refused(...budget, "--set", "balanceExponent=0.5")).toMatch(/more often than the accountant counts/);
  expect(await refused(...budget, "--model", "dermgan")).toMatch(/its generator learns from real images/);
  expect(await refused("--images", "12", "--dp-clip", "2")).toMatch(/these need --dp-epsilon/);
});

test("a dry run tells the noise and what each epoch spends", async () => {
  const { code, out } = await callProgram([...words("dry"), ...budget, "--dry-run"]);
  expect(code).toBe(0);
  expect(out).toMatch(
    /noise {10}multiplier \d+(\.\d+)?, clipping norm 1, each image is in a step with probability 0\.250/,
  );
  expect(out).toMatch(/epoch {5}1 {10}4 steps, epsilon [2-6]\.\d{3}/);
}, 60_000);
