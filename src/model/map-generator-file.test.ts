import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { input, interpret } from "../graph/index.ts";
import { dermganSizes, designDermgan, LATENT_KINDS } from "./dermgan/architecture.ts";
import { dermganGeneratorLayout } from "./dermgan/generator.ts";
import type { Architecture } from "./family.ts";
import { openGenerator, toBytes } from "./generator-file.ts";
import { mapFamilyOf } from "./known-families.ts";
import type { MapDescription } from "./map-description.ts";
import { openMapGenerator, writeMapGenerator } from "./map-generator-file.ts";
import { initialise, viewWeights } from "./parameters.ts";
import { designPix2pixhd, pix2pixhdSizes } from "./pix2pixhd/architecture.ts";
import { designSpade, spadeSizes } from "./spade/architecture.ts";

const folder = await temporaryFolder();
const size = { ...dermganSizes.tiny, generatorMaps: 4, widest: 6, code: 4 };
const architectureOf = (latentKind: (typeof LATENT_KINDS)[number]) =>
  designDermgan({ ...size, latentKind }, { resolution: 16, channels: 3, classes: 2 });
const painter = designSpade(
  { ...spadeSizes.tiny, generatorMaps: 4, widest: 6, hidden: 3, code: 4 },
  { resolution: 16, channels: 3, classes: 2 },
);
const translator = designPix2pixhd(
  { ...pix2pixhdSizes.tiny, generatorMaps: 4, widest: 6 },
  { resolution: 16, channels: 3, classes: 2 },
);
const describe = (latent: number): MapDescription => ({
  model: "dermgan",
  classes: ["a", "b"],
  resolution: 16,
  channels: 3,
  latent,
  mapKind: "box",
  tonesEstimated: true,
  toneCounts: [1, 2, 3, 0, 0, 0],
  imagesSeen: 100,
  seed: 1,
  license: "",
});

const kinds = LATENT_KINDS.map((kind): [string, Architecture] => [`dermgan, latent ${kind}`, architectureOf(kind)]);

test.each([...kinds, ["spade", painter] as const, ["pix2pixhd", translator] as const])(
  "%s: a written generator draws what its graph says, in any number",
  async (name, a) => {
    const family = mapFamilyOf(a);
    const layout = family.layouts(a).generator;
    const weights = initialise(layout, 1, "generator").map((w) => (family.name === "dermgan" ? 10 * w : w));
    const path = join(folder, `${name}.onnx`);
    await writeMapGenerator(path, a, weights, describe(a.latent));
    const generator = await openMapGenerator(path, { threads: 1 });
    expect(generator.description).toEqual(describe(a.latent));
    const count = 18;
    const rng = new Rng("maps");
    const maps = Float32Array.from({ length: count * 3 * 256 }, () => rng.uniform());
    const latents = new Rng("latents").fillNormal(new Float32Array(count * a.latent));
    const drawn = await generator.draw(maps, latents);
    expect(drawn.length).toBe(count * 3 * 256);
    const last = count - 1;
    const z = a.latent === 0 ? null : input("z", [1, a.latent]);
    const views = viewWeights(layout, input("g", [layout.length]));
    const [expected] = interpret([family.generate(a, views, input("maps", [1, 3, 16, 16]), z)], {
      g: weights,
      maps: maps.subarray(last * 768),
      z: latents.subarray(last * a.latent),
    });
    const bytes = toBytes(expected!);
    expect(drawn.subarray(last * 768).every((byte, i) => Math.abs(byte - bytes[i]!) <= 1)).toBe(true);
    // An image does not depend on its neighbours.
    const alone = await generator.draw(maps.subarray(last * 768), latents.subarray(last * a.latent));
    expect(alone).toEqual(drawn.subarray(last * 768));
    await generator.close();
  },
);

test("a generator of the other model, and a damaged one, are refused with a word of what they are", async () => {
  const a = architectureOf("none");
  const path = join(folder, "other.onnx");
  await writeMapGenerator(path, a, initialise(dermganGeneratorLayout(a), 1, "generator"), describe(0));
  expect((await failure(openGenerator(path))).message).toMatch(/fills semantic maps \(dermgan, pix2pixhd, spade\)/);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 4;
  await writeFile(path, bytes);
  expect((await failure(openMapGenerator(path))).message).toMatch(/damaged/);
});
