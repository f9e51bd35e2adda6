import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { Rng } from "../../core/rng.ts";
import { openPackedStore, openStore, readDataset } from "../../data/index.ts";
import { trainEncoder } from "../../features/encoder.ts";
import {
  type FeatureExtractor,
  featureRows,
  type ImageSource,
  imagesInMemory,
  readAll,
  selectImages,
} from "../../features/extractor.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import { openMultiscaleExtractor } from "../../features/multiscale/multiscale-extractor.ts";
import { openRadiomicsExtractor } from "../../features/radiomics/radiomics-extractor.ts";
import { memorySource } from "../../features/testing/lesions.ts";
import { runtimeLinear64 } from "../../math/linear/runtime-linear64.ts";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import type { EvaluatedSets } from "../datasets.ts";
import type { Estimates } from "../metrics-file.ts";
import { METRICS } from "../quality/registry.ts";
import { type Degradation, degrade } from "./degrade.ts";
import { gradeExtractor } from "./grade-extractor.ts";
import { sightOf } from "./self-test.ts";
import { verdictOf } from "./verdict.ts";
import type { Verdict } from "./verdict-schema.ts";

const PRAISE = /close to the real|resemble|cannot be told/;
/** Nothing is known of all images: the draws alone decide. */
const NOTHING = Object.fromEntries(METRICS.map((name) => [name, null])) as Estimates;
const CLASSES = ["one", "other"];

/** Sets in memory; images alternate between two classes. */
function setOf(source: ImageSource): LabelledSet {
  const { resolution, channels, count } = source;
  const labels = Uint16Array.from({ length: count }, (_, i) => i % 2);
  const store = openStore({ source: readAll(source), resolution, channels, classes: CLASSES, labels });
  const samples = Array.from({ length: count }, () => ({}));
  const dataset = { samples, reader: { readMask: async () => null } };
  return { name: "", dataset: dataset as never, hash: "", store, labels };
}

async function verdict(real: LabelledSet, synthetic: ImageSource, extractor: FeatureExtractor): Promise<Verdict> {
  const { resolution, channels } = real.store;
  const sets: EvaluatedSets = {
    real,
    synthetic: setOf(synthetic),
    holdout: null,
    classes: CLASSES,
    resolution,
    channels,
    close: () => undefined,
  };
  const linear = runtimeLinear64();
  try {
    const rows = {
      real: featureRows(await extractor.extract(sets.real.store)),
      synthetic: featureRows(await extractor.extract(sets.synthetic.store)),
      holdout: null,
    };
    const sight = await sightOf(sets, extractor, rows, linear, 0, silent);
    const { likeness, selfTest } = gradeExtractor(sight, extractor.learned, CLASSES);
    const found = { overall: NOTHING, likeness, perClass: {}, perAttribute: {} };
    return verdictOf({
      features: { [extractor.name]: found },
      selfTest: { [extractor.name]: selfTest },
      protocol: { perClass: {}, perAttribute: {} } as never,
    });
  } finally {
    await linear.close();
  }
}

/** Sets that hold nothing of use, other than those that the self-test tries. */
const bad = (side: number): Degradation[] => [
  { degradation: "blur", strength: side / 24 },
  { degradation: "mean image and noise", strength: 0.6 },
  { degradation: "smooth random fields", strength: side / 5 },
];

function cases(name: string, images: () => Promise<{ real: ImageSource; other: ImageSource }>, skip: boolean): void {
  describe.skipIf(skip)(name, () => {
    test("by radiomics: fog, noise and blur get no praise, in other real images no difference is found", async () => {
      const { real: source, other } = await images();
      const real = setOf(source);
      const extractor = await openRadiomicsExtractor(real.store);
      try {
        for (const step of bad(source.resolution)) {
          const found = await verdict(real, await degrade(other, step, 9), extractor);
          expect(found.sentence, `${step.degradation} ${step.strength}`).not.toMatch(PRAISE);
          expect(found.grade, `${step.degradation} ${step.strength}`).not.toBe("unknown");
        }
        // 65 images tell nothing of missing kinds, so that the best that may be said is that nothing differs.
        const same = await verdict(real, other, extractor);
        expect(same.grade).toMatch(/close|indistinguishable|unknown/);
        expect(same.sentence).toMatch(/no difference was found|can be told from|cannot be told from/i);
      } finally {
        await extractor.close();
      }
    }, 300_000);

    test("by an encoder that saw few images: no praise, whatever it is shown", async () => {
      const { real: source, other } = await images();
      const real = setOf(source);
      const { store, labels } = real;
      const readInto: typeof store.readInto = (indices, out) => store.readInto(indices, out);
      const { count, resolution, channels } = store;
      const encoder = await trainEncoder(
        { count, resolution, channels, labels, classes: CLASSES, readInto },
        { imagesSeen: 256 },
      );
      try {
        for (const step of bad(source.resolution)) {
          const found = await verdict(real, await degrade(other, step, 9), encoder);
          expect(found.sentence, `${step.degradation} ${step.strength}`).not.toMatch(PRAISE);
        }
      } finally {
        await encoder.close();
      }
    }, 300_000);
  });
}

async function phantoms(): Promise<{ real: ImageSource; other: ImageSource }> {
  const plan = new Rng("fooled").shuffle([...phantomPlan(200, 3)]);
  const images = plan.map((spec) => renderPhantom(spec, 32).image);
  return { real: memorySource(images.slice(0, 130)), other: memorySource(images.slice(130)) };
}

cases("the phantom", phantoms, false);

describe("what is no ordinary set", () => {
  const images = (from: number, count: number) => {
    const plan = new Rng("fooled").shuffle([...phantomPlan(200, 3)]).slice(from, from + count);
    return memorySource(plan.map((spec) => renderPhantom(spec, 32).image));
  };
  async function byMultiscale(real: ImageSource, synthetic: ImageSource): Promise<Verdict> {
    const extractor = await openMultiscaleExtractor(real);
    try {
      return await verdict(setOf(real), synthetic, extractor);
    } finally {
      await extractor.close();
    }
  }

  test("30 images are too few, 64 get a sentence that names how many were compared or what differs", async () => {
    const few = await byMultiscale(images(0, 30), images(100, 30));
    expect(few.grade).toBe("unknown");
    expect(few.sentence).toMatch(
      /^Cannot say .*: multiscale: 14 images per side can be compared fairly, 30 are needed$/,
    );
    const more = await byMultiscale(images(0, 64), images(100, 64));
    expect(more.grade).toBe("unknown");
    expect(more.sentence).toMatch(
      /no difference was found, but on 32 images per side missing kinds .* would not be noticed/,
    );
  });

  test("a synthetic set of the real images is said to be nearer than real images are", async () => {
    const real = images(0, 130);
    const found = await byMultiscale(real, real);
    expect(found.sentence).not.toMatch(/clearly differ|without content/);
    expect(found.reasons[0]).toMatch(/as copies would be: look at the nearest pairs/);
  }, 120_000);

  test("an extractor that returns constants has no say", async () => {
    const real = setOf(images(0, 130));
    const found = await verdict(real, images(130, 70), {
      name: "constant",
      dimension: 3,
      description: "",
      extract: async ({ count }) => ({ n: count, d: 3, data: new Float64Array(3 * count).fill(7) }),
      close: async () => undefined,
    });
    expect(found.grade).toBe("unknown");
    expect(found.sentence).toMatch(
      /^Cannot say .*: constant: it gives images without content the same features as real images/,
    );
  }, 120_000);

  test("real images that are all equal: others are not praised, and equal ones are no crash", async () => {
    const bytes = readAll(images(0, 1));
    const equal = imagesInMemory(
      Uint8Array.from({ length: 64 * 3 * 32 ** 2 }, (_, i) => bytes[i % (3 * 32 ** 2)]!),
      32,
      3,
    );
    expect((await byMultiscale(equal, images(0, 64))).sentence).not.toMatch(PRAISE);
    expect((await byMultiscale(equal, equal)).sentence).not.toMatch(/clearly differ|NaN|Infinity/);
    expect((await byMultiscale(images(0, 64), equal)).sentence).not.toMatch(PRAISE);
  }, 120_000);
});

const skin = join(process.env.GANGLION_SHARED ?? "../shared", "data/ham10000");
const missing = !existsSync(skin) && process.env.CI !== "true";
if (missing) console.warn(`skipped: ${skin} is absent, so no real images are spoilt`);

async function lesions(): Promise<{ real: ImageSource; other: ImageSource }> {
  const folder = await mkdtemp(join(tmpdir(), "ganglion-test-"));
  const dataset = await readDataset(skin, { label: "dx" });
  const order = new Rng("fooled").shuffle([...dataset.samples.keys()]).slice(0, 200);
  const chosen = { ...dataset, samples: order.map((i) => dataset.samples[i]!) };
  const store = await openPackedStore(chosen, { resolution: 32, folder });
  const pick = (from: number, to: number): ImageSource => {
    const rows = Int32Array.from({ length: to - from }, (_, i) => from + i);
    const picked = selectImages(store, rows);
    const bytes = readAll(picked);
    return openStore({
      source: bytes,
      resolution: 32,
      channels: 3,
      classes: CLASSES,
      labels: new Uint16Array(to - from),
    });
  };
  const found = { real: pick(0, 130), other: pick(130, 200) };
  store.close();
  await rm(folder, { recursive: true, force: true });
  return found;
}

cases("skin lesions", lesions, missing);
