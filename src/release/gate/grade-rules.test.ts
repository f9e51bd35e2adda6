import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { Rng } from "../../core/rng.ts";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { type RawImage, writeDataset } from "../../data/index.ts";
import type { MetricsFile } from "../../evaluate/metrics-file.ts";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import { DEFAULT_CONFIG, type GateConfig } from "../config.ts";
import { checkGrade } from "./grade-rules.ts";
import { Reasons } from "./reasons.ts";

const SIDE = 32;
const COUNT = 120;
const HOOK = 240_000;

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

async function write(name: string, image: (i: number) => RawImage): Promise<void> {
  const rows = Array.from({ length: COUNT }, (_, i) => ({
    fileName: `images/${i}.png`,
    image: image(i),
    columns: { label: i % 2 === 0 ? "a" : "b" },
  }));
  await writeDataset(at(name), { rows, description: { label: "label" } });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  const plan = phantomPlan(2 * COUNT, 3);
  const noise = new Rng("grade rules");
  await write("real", (i) => renderPhantom(plan[i]!, SIDE).image);
  await write("other", (i) => renderPhantom(plan[COUNT + i]!, SIDE).image);
  await write("noise", () => ({
    ...renderPhantom(plan[0]!, SIDE).image,
    data: Uint8Array.from({ length: 3 * SIDE ** 2 }, () => 128 + 40 * noise.normal()),
  }));
}, HOOK);

async function check(synthetic: string, said: string | null, gate: Partial<GateConfig> = {}, picture = true) {
  const reasons = new Reasons();
  const verdict = { grade: said, sentence: `It is ${said}`, reasons: [] };
  const out = at(`evidence-${synthetic}`);
  await mkdir(out, { recursive: true });
  const found = await checkGrade(
    {
      metrics: said === null ? null : ({ verdict } as unknown as MetricsFile),
      training: { path: at("real"), label: "label", where: [], run: undefined },
      holdout: null,
      synthetic: at(synthetic),
      folder: picture ? out : null,
      config: { ...DEFAULT_CONFIG.gate, ...gate },
      threads: 1,
      cache: out,
      onProgress: silent,
      signal: new AbortController().signal,
    },
    reasons,
  );
  return { found, problems: reasons.problems, out };
}

test(
  "a grade in metrics.json that the images do not have is no help: it is made again, and the refusal has a picture",
  async () => {
    const { problems, out } = await check("noise", "indistinguishable");
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ["edited-grade", "metrics.json"],
      ["grade", "images"],
    ]);
    const picture = join(out, "refused.svg");
    expect(problems[1]!.message).toContain(`${picture} shows real and synthetic images (keep it inside)`);
    const svg = await readFile(picture, "utf8");
    expect(svg.match(/<image /g)).toHaveLength(16);
    expect(svg).toMatch(/>Real images<.*>Synthetic images</);
  },
  HOOK,
);

test(
  "without metrics the images alone decide; a lower grade may be asked for; nothing is written in a trial",
  async () => {
    const { problems } = await check("noise", null, {}, false);
    expect(problems.map(({ code, message }) => [code, /refused\.svg/.test(message)])).toEqual([["grade", false]]);
    const lowered = await check("noise", null, { minGrade: "noise" });
    expect(lowered.problems).toEqual([]);
    expect(lowered.found?.grade).toMatch(/^(noise|unlike)$/);
  },
  HOOK,
);

test(
  "images like the real ones pass, also where nothing can be said of their kinds",
  async () => {
    const { problems, found } = await check("other", null);
    expect(problems).toEqual([]);
    expect(found?.grade).toMatch(/unknown|close|indistinguishable/);
  },
  HOOK,
);
