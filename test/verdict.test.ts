import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rng } from "../src/core/rng.ts";
import { type RawImage, writeDataset } from "../src/data/index.ts";
import { writeLesions } from "../src/features/testing/lesions.ts";

const SIDE = 24;
let folder: string;
const path = (name: string) => join(folder, name);
const ganglion = (...words: string[]) =>
  promisify(execFile)(process.execPath, ["dist/cli/main.js", ...words, "--quiet"]);

/** Colour that drifts over the image, and nothing else: fog. */
function fog(rng: Rng): RawImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  const [a, b] = [rng.between(-40, 40), rng.between(-40, 40)];
  for (let i = 0; i < SIDE * SIDE; i++) {
    const drift = (a * (i % SIDE) + b * Math.floor(i / SIDE)) / SIDE;
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.max(0, Math.min(255, [200, 140, 130][c]! + drift));
  }
  return { width: SIDE, height: SIDE, channels: 3, data };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-verdict-"));
  await writeLesions(path("real"), { dark: 50, red: 50 }, 1);
  const rows = ["dark", "red"].flatMap((label) =>
    Array.from({ length: 50 }, (_, i) => ({
      fileName: `images/${label}-${i}.png`,
      image: fog(new Rng("fog", label, i)),
      columns: { diagnosis: label },
    })),
  );
  await writeDataset(path("fog"), { rows, description: { label: "diagnosis" } });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("fog is not praised, and the terminal, metrics.json and the report say the same sentence", async () => {
  const shared = [
    "evaluate",
    "--real",
    path("real"),
    "--synthetic",
    path("fog"),
    "--out",
    path("out"),
    "--threads",
    "1",
  ];
  const { stdout } = await ganglion(...shared, "--features", "radiomics");
  const { verdict, selfTest } = JSON.parse(await readFile(path("out/metrics.json"), "utf8"));
  expect(verdict.grade).toMatch(/unlike|noise/);
  expect(verdict.sentence).not.toMatch(/close to the real|resemble|cannot be told/);
  expect(selfTest.radiomics.ladder.length + selfTest.radiomics.skipped.length).toBe(16);
  expect(stdout.split("\n")).toContain(`${verdict.sentence}.`);
  expect(await readFile(path("out/report.html"), "utf8")).toContain(`<p class="headline">${verdict.sentence}</p>`);
}, 240_000);
