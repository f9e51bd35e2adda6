import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { Rng } from "../src/core/rng.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { familyNames, openGenerator } from "../src/model/index.ts";
import { writePhantom } from "../src/phantom/index.ts";
import { missingBrowser } from "./testing/chromium.ts";
import { openStudio, type StudioVisits } from "./testing/studio-browser.ts";

const SIZE = 16;

describe.skipIf(missingBrowser("nothing is drawn from noise in the studio"))("the draw page", () => {
  let folder: string;
  let visits: StudioVisits;
  const runs = new Map<string, string>();

  beforeAll(async () => {
    folder = await temporaryFolder();
    await writePhantom(join(folder, "set"), { count: 40, size: SIZE });
    for (const model of familyNames("noise")) {
      const words = ["train", join(folder, "set"), "--model", model, "--out", join(folder, model), "--quiet"];
      const sizes = ["--resolution", `${SIZE}`, "--batch", "4", "--images", "32", "--threads", "1"];
      const { code, err } = await callProgram([...words, ...sizes]);
      expect([code, err]).toEqual([0, ""]);
    }
    visits = await openStudio(folder);
    await visits.visit("", {}, async (page) => {
      const script = "fetch('/api/workspace').then((r) => r.json())";
      const { runs: found } = (await page.evaluate(script)) as { runs: { id: string; name: string }[] };
      for (const { id, name } of found) runs.set(name, id);
    });
  }, 300_000);
  afterAll(() => visits?.close());

  test.each(familyNames("noise"))("draws with a generator of %s what the command line draws", async (model) => {
    const generator = await openGenerator(join(folder, model, "generator.onnx"), { threads: 1 });
    const { latent, classes } = generator.description;
    const planes = await generator.draw(new Rng(1, "latent").fillNormal(new Float32Array(latent)), [1]);
    await generator.close();
    expect(await readFile(join(folder, model, "config.json"), "utf8")).toContain(`"model": "${model}"`);
    await visits.visit(`#/draw/${runs.get(model)}`, {}, async (page) => {
      await page.getByRole("radio", { name: classes[1]! }).check();
      await page.locator(".actions .primary:enabled").waitFor();
      const found = (await page.evaluate(`(() => {
        const canvas = document.querySelector('.stage canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, ${SIZE}, ${SIZE});
        return Array.from(data).filter((_, i) => i % 4 !== 3);
      })()`)) as number[];
      const drawn = (i: number) => planes[(i % 3) * SIZE ** 2 + Math.floor(i / 3)]!;
      const worst = Math.max(...found.map((level, i) => Math.abs(level - drawn(i))));
      expect(worst).toBeLessThanOrEqual(1);
      expect(new Set(found).size).toBeGreaterThan(4);
    });
  });
});
