import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { encodePng } from "../src/data/index.ts";
import { writeFiles } from "../src/data/testing/fixtures.ts";
import type { DatasetSummary, ImagePage, Workspace } from "../src/studio/api.ts";
import { type Studio, startStudio } from "../src/studio/server/start-studio.ts";

/** sRGB of skins whose typology angles lie in the middle of I, III and VI. */
const SKINS = { I: [240, 214, 200], III: [185, 146, 118], VI: [70, 45, 32] } as const;
const SIZE = 32;

let studio: Studio;
let id: string;

async function skin([r, g, b]: readonly number[]): Promise<Uint8Array> {
  const data = new Uint8Array(SIZE * SIZE * 3);
  for (let i = 0; i < SIZE * SIZE; i++) {
    const lesion = i % SIZE > 10 && i % SIZE < 20 && i > 10 * SIZE && i < 20 * SIZE;
    data.set(lesion ? [60, 30, 20] : [r!, g!, b!], 3 * i);
  }
  return encodePng({ width: SIZE, height: SIZE, channels: 3, data });
}

beforeAll(async () => {
  const root = await temporaryFolder();
  const mask = Uint8Array.from({ length: SIZE * SIZE }, (_, i) =>
    i % SIZE > 8 && i % SIZE < 22 && i > 8 * SIZE && i < 22 * SIZE ? 255 : 0,
  );
  const tones = ["I", "I", "III", "VI"] as const;
  await writeFiles(join(root, "skins"), {
    ...Object.fromEntries(await Promise.all(tones.map(async (tone, i) => [`${i}.png`, await skin(SKINS[tone])]))),
    "mask.png": await encodePng({ width: SIZE, height: SIZE, channels: 1, data: mask }),
    "metadata.csv": `file_name,label,mask_file_name\n${[0, 1, 2, 3, 4].map((i) => `${i}.png,nevus,mask.png`).join("\n")}\n`,
  });
  // A picture that lies elsewhere is not read.
  await writeFiles(join(root, "elsewhere"), { "4.png": await skin(SKINS.I) });
  symlinkSync(join(root, "elsewhere/4.png"), join(root, "skins/4.png"));
  studio = await startStudio({ path: join(root, "skins"), port: 0, note: () => undefined });
  const { datasets } = (await (await ask("/api/workspace")).json()) as Workspace;
  id = datasets[0]!.id;
  expect(datasets[0]).toMatchObject({ tones: null, tonesEstimated: false });
});
afterAll(() => studio.close());

const base = () => `http://127.0.0.1:${studio.port}`;
const ask = (path: string, init: RequestInit = {}) =>
  fetch(base() + path, { ...init, headers: { authorization: `Bearer ${studio.token}`, ...init.headers } });
const post = (path: string, headers: Record<string, string>) => ask(path, { method: "POST", headers, body: "{}" });
const sameOrigin = () => ({ origin: base(), "content-type": "application/json" });

test("tones are estimated when they are asked for, and by the page alone", async () => {
  const path = `/api/datasets/${id}/tones`;
  expect((await post(path, { origin: "http://evil.example", "content-type": "application/json" })).status).toBe(403);
  expect((await post("/api/datasets/none/tones", sameOrigin())).status).toBe(404);
  const both = await Promise.all([post(path, sameOrigin()), post(path, sameOrigin())]);
  for (const response of both) {
    expect(response.status).toBe(200);
    expect((await response.json()) as DatasetSummary).toMatchObject({
      tones: [2, 0, 1, 0, 0, 1],
      tonesEstimated: true,
    });
  }
  const { datasets } = (await (await ask("/api/workspace")).json()) as Workspace;
  expect(datasets[0]).toMatchObject({ tones: [2, 0, 1, 0, 0, 1], tonesEstimated: true });
});

test("images can then be filtered by them; one that was not read has none", async () => {
  const page = async (query: string) => (await (await ask(`/api/datasets/${id}/images?${query}`)).json()) as ImagePage;
  expect((await page("tone=1")).images.map(({ index }) => index)).toEqual([0, 1]);
  expect((await page("tone=6")).images.map(({ index, tone }) => [index, tone])).toEqual([[3, 6]]);
  expect((await page("")).images.map(({ tone }) => tone)).toEqual([1, 1, 3, 6, null]);
});
