import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { writeDataset } from "../data/index.ts";
import { DEFAULT_FEATURES } from "../features/default-features.ts";
import { drawLesion, writeLesions } from "../features/testing/lesions.ts";
import { conv2d, emitOnnx, input, reduceMean, reshape } from "../graph/index.ts";
import { evaluate } from "./evaluate.ts";

let folder: string;
const path = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes one image many times. */
async function writeEqual(name: string, n: number): Promise<string> {
  const image = drawLesion("red", new Rng("equal"));
  const rows = Array.from({ length: n }, (_, i) => ({ fileName: `images/${i}.png`, image, columns: { dx: "red" } }));
  await writeDataset(path(name), { rows, description: { label: "dx" } });
  return path(name);
}

async function evaluated(real: string, synthetic: string, name: string, features?: string[]) {
  const { metrics, reportPath } = await evaluate({ real, synthetic, features, out: path(`out-${name}`) });
  const text = (await readFile(reportPath, "utf8")).replaceAll(/data:image[^"]*/g, "");
  expect(text.match(/.{0,60}(NaN|undefined|Infinity).{0,30}/)).toBeNull();
  return metrics;
}

test.each([
  ["1 image", { red: 1 }, { red: 1 }, 1],
  ["2 images", { red: 2 }, { red: 2 }, 2],
  ["2 images of two classes", { red: 1, dark: 1 }, { red: 1, dark: 1 }, 2],
  ["10 images", { red: 6, dark: 4 }, { red: 6, dark: 4 }, 10],
  ["20 images, one class of two", { red: 18, dark: 2 }, { red: 18, dark: 2 }, 20],
  ["one class of 20", { red: 20 }, { red: 20 }, 20],
])(
  "radiomics of %s end in figures, in null where there are none, and in no verdict",
  async (name, real, synthetic, n) => {
    await writeLesions(path(`real-${name}`), real, 1);
    await writeLesions(path(`synthetic-${name}`), synthetic, 2);
    const metrics = await evaluated(path(`real-${name}`), path(`synthetic-${name}`), name, ["radiomics"]);
    expect(metrics.protocol.overall.n).toBe(n);
    const { fid, frd } = metrics.features.radiomics!.overall;
    if (n === 1) expect([fid, frd]).toEqual([null, null]);
    else expect(fid!.low).toBeLessThanOrEqual(fid!.value);
    expect(metrics.verdict.grade).toBe("unknown");
    expect(metrics.verdict.sentence).toMatch(
      /^Cannot say how close the synthetic images are to the real ones: radiomics: \d+ images? per side can be compared fairly, 30 are needed$/,
    );
  },
);

test("the default features need no classes and no number of images, and take images that are all equal", async () => {
  for (const n of [1, 2, 20]) {
    await writeLesions(path(`few-${n}`), { red: n }, 5);
    const metrics = await evaluated(path(`few-${n}`), path(`few-${n}`), `few-${n}`);
    expect(Object.keys(metrics.features)).toEqual([...DEFAULT_FEATURES]);
    expect(metrics.verdict.sentence).toMatch(/^Cannot say .*: multiscale: \d+ images? per side .*, 30 are needed$/);
  }
  const real = await writeEqual("all-equal", 64);
  await writeLesions(path("varied"), { red: 64 }, 6);
  for (const [a, b] of [
    [real, real],
    [real, path("varied")],
    [path("varied"), real],
  ] as const) {
    const { verdict, warnings, nearest } = await evaluated(a, b, "equal-by-default");
    expect(["unknown", "unlike", "noise"]).toContain(verdict.grade);
    const said = warnings.filter((warning) => warning.startsWith("All 64 ")).map((warning) => warning.split(" ")[2]);
    expect(said).toEqual([...(a === real ? ["real"] : []), ...(b === real ? ["synthetic"] : [])]);
    // An exact copy is a suspect also where real images repeat each other.
    if (a === b) expect(nearest.pixel.suspects).toBe(64);
  }
}, 240_000);

test("an encoder of one class is refused with what to use instead", async () => {
  await writeLesions(path("single"), { red: 12 }, 4);
  const features = ["encoder"];
  const refused = evaluate({ real: path("single"), synthetic: path("single"), features, out: path("out-single") });
  await expect(refused).rejects.toThrow(
    /--features encoder: .* all 12 images of .* are of one; .*--features radiomics/,
  );
});

test("real images that are all equal, and a synthetic set of them, are said not to be judged", async () => {
  const real = await writeEqual("equal", 64);
  await writeLesions(path("red"), { red: 64 }, 3);
  for (const [name, synthetic] of [
    ["equal to equal", real],
    ["equal to others", path("red")],
  ]) {
    const metrics = await evaluated(real, synthetic!, name!, ["radiomics"]);
    expect(metrics.features.radiomics!.overall.frd).toBeNull();
    expect(["unknown", "unlike", "noise"]).toContain(metrics.verdict.grade);
  }
  const among = await evaluated(path("red"), real, "others to equal", ["radiomics"]);
  expect(["unknown", "unlike", "noise"]).toContain(among.verdict.grade);
}, 240_000);

test("an extractor that gives every image the same features has no say, for that reason", async () => {
  const real = await writeLesions(path("constant-real"), { red: 64 }, 7);
  const synthetic = await writeLesions(path("constant-synthetic"), { red: 64 }, 8, 60);
  const [batch, size] = [8, 16];
  const zeros = conv2d(input("pixels", [batch, 3, size, size]), input("w", [4, 3, 3, 3]), { stride: 2, padding: 1 });
  const features = reshape(reduceMean(zeros, [2, 3]), [batch, 4]);
  const model = path("constant.onnx");
  await writeFile(model, emitOnnx({ features }, { weights: { w: new Float32Array(4 * 27) } }));
  const { verdict } = await evaluated(real, synthetic, "constant", [`onnx:${model}`]);
  expect(verdict.grade).toBe("unknown");
  expect(verdict.sentence).toMatch(/it gives images without content the same features as real images$/);
});
