import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { decodeImage, type PackedMaps } from "../../data/index.ts";
import { averagePool, input, interpret } from "../../graph/index.ts";
import {
  type Architecture,
  type DermganArchitecture,
  dermganSizes,
  discriminate,
  drawGrowing,
  fillImage,
  generate,
  grownState,
  judgeGrowing,
  networkLayouts,
  openGenerator,
  openMapGenerator,
  type PgganArchitecture,
  pgganSizes,
  presetNetworks,
  type R3ganArchitecture,
  readCheckpoint,
  scorePatches,
  splitFlat,
  stateLayouts,
  type TrainingState,
  upsampleBilinear,
  viewWeights,
} from "../../model/index.ts";
import { architectureOf, parseResolved } from "../config.ts";
import type { DermganConfig } from "../dermgan/config.ts";
import { dermganRecipes } from "../dermgan/recipe.ts";
import { initialState } from "../initial-state.ts";
import type { PgganConfig } from "../pggan/config.ts";
import { pgganRecipes } from "../pggan/recipe.ts";
import type { RunConfig } from "../run-config.ts";
import { RunFolder } from "../run-folder.ts";
import { testConfig } from "../testing/config.ts";
import { memoryStore } from "../testing/memory-store.ts";
import { train } from "../train.ts";
import type { TrainerPosition } from "../training-steps.ts";
import { GrowingTrainer } from "./growing-trainer.ts";
import { stagesOf } from "./stages.ts";

const root = await temporaryFolder();
const grow = { from: 8, until: 0.5, fade: 1 };

/** Networks that grow from 8 to 16 pixels; 64 images in batches of 8: up to 32 at 8, then up to 48 while layers are faded in. */
const noiseConfig = testConfig({
  resolution: 16,
  networks: { ...presetNetworks.tiny, code: 6, embedding: 4, generatorMaps: 4, discriminatorMaps: 3, widest: 8 },
  recipe: { grow },
});

/** The same of dermgan, from 16 to 32. */
const { networks: _, recipe: __, ...shared } = testConfig({ resolution: 32 });
const mapConfig = parseResolved({
  ...shared,
  model: "dermgan",
  networks: { ...dermganSizes.tiny, generatorMaps: 4, discriminatorMaps: 3, widest: 8 },
  recipe: {
    ...dermganRecipes.tiny,
    batch: 8,
    diversityWeight: 0.5,
    wrongConditionShare: 0.5,
    grow: { ...grow, from: 16 },
  },
  maps: { kind: "box", tonesEstimated: false, toneCounts: [6, 0, 0, 0, 0, 0], empty: 0, hash: "0" },
} as RunConfig) as DermganConfig;

/** The same as that of r3gan, of pggan. */
const growingConfig = parseResolved({
  ...testConfig({ resolution: 16 }),
  model: "pggan",
  networks: { ...pgganSizes.tiny, code: 6, generatorMaps: 4, discriminatorMaps: 3, widest: 8 },
  recipe: { ...pgganRecipes.tiny, batch: 8, grow },
} as RunConfig) as PgganConfig;

const storeOf = (resolution: number) =>
  memoryStore([0, 1, 0, 1, 0, 1], (i, p) => (i * 90 + 7 * p + (p >> 5) * 3) % 256, {
    ...{ channels: 1, resolution, classes: ["dark", "bright"] },
  });
const box = { xMin: 0.25, yMin: 0.25, xMax: 0.75, yMax: 0.5 };
const training: PackedMaps = {
  ...{ kind: "box", resolution: 32, boxes: Array.from({ length: 6 }, () => [box]), tonesEstimated: false },
  regions: Uint8Array.from({ length: 6 * 32 ** 2 }, (_, i) => (i % 1024 < 512 && i % 32 > 7 ? 255 : 0)),
  tones: new Uint8Array(6).fill(1),
};
const noise = { config: noiseConfig, store: storeOf(16) };
const mapped = {
  config: mapConfig,
  store: storeOf(32),
  maps: { training, shown: { store: storeOf(32), maps: training } },
};
const families = [
  ["r3gan", noise],
  ["pggan", { config: growingConfig, store: storeOf(16) }],
  ["dermgan", mapped],
] as const;

/** Shapes before and while the layers of the last resolution are faded in, and of the whole networks. */
function shapesOf<A extends Architecture>(config: RunConfig): [A, A, A] {
  const [before, fading, whole] = stagesOf(config).map((stage) => architectureOf(config, stage) as A);
  return [before!, fading!, whole!];
}

/** A state under way: no vector is zero. */
function movedState(a: Architecture): TrainingState {
  const rng = new Rng("moved");
  const state = initialState(a, 1);
  for (const vector of Object.values(state)) for (let i = 0; i < vector.length; i++) vector[i]! += 0.1 * rng.normal();
  return state;
}

const viewsOf = (a: Architecture, name: "generator" | "discriminator") => {
  const { length } = networkLayouts(a)[name];
  return viewWeights(networkLayouts(a)[name], input(`${name}${a.resolution}`, [length]));
};

const near = (found: ArrayLike<number>, wanted: ArrayLike<number>) =>
  expect(Math.max(...Array.from(wanted, (value, i) => Math.abs(value - found[i]!)))).toBeLessThan(1e-6);

describe("layers that are faded in", () => {
  test("r3gan: draw and judge as the networks did before at a share of 0, and as they are alone at 1", () => {
    const [small, fading, whole] = shapesOf<R3ganArchitecture>(noiseConfig);
    const before = movedState(small);
    const after = grownState(before, small, fading, movedState(fading));
    const grown = grownState(after, fading, whole, initialState(whole, 1));
    const [z, labels, share] = [input("z", [2, fading.latent]), input("labels", [2, 2]), input("share", [])];
    const images = input("images", [2, 1, 16, 16]);
    const latent = new Rng("z").fillNormal(new Float32Array(2 * fading.latent));
    const feeds = {
      ...{ z: latent, labels: [1, 0, 0, 1], images: new Rng("images").fillNormal(new Float32Array(512)) },
      smaller: Float32Array.from({ length: 2 * small.latent }, (_, i) =>
        Number(latent[Math.floor(i / small.latent) * fading.latent + (i % small.latent)]),
      ),
      ...{ generator8: before.generator, discriminator8: before.discriminator },
      ...{ generator16: after.generator, discriminator16: after.discriminator },
    };
    const values = (at: number) => {
      const drawn = generate(fading, viewsOf(fading, "generator"), z, labels, share);
      const judged = discriminate({ ...fading, fading: at }, viewsOf(fading, "discriminator"), images, labels);
      return interpret([drawn, judged], { ...feeds, share: [at] });
    };
    const smaller = generate(small, viewsOf(small, "generator"), input("smaller", [2, small.latent]), labels);
    const [enlarged, judged] = interpret(
      [upsampleBilinear(smaller), discriminate(small, viewsOf(small, "discriminator"), averagePool(images), labels)],
      feeds,
    );
    near(values(0)[0]!, enlarged!);
    near(values(0)[1]!, judged!);
    const alone = interpret(
      [
        generate(whole, viewsOf(whole, "generator"), z, labels),
        discriminate(whole, viewsOf(whole, "discriminator"), images, labels),
      ],
      { ...feeds, generator16: grown.generator, discriminator16: grown.discriminator },
    );
    near(values(1)[0]!, alone[0]!);
    near(values(1)[1]!, alone[1]!);
    expect(Math.abs(alone[1]![0]! - judged![0]!)).toBeGreaterThan(1e-3);
    // Whoever reads a checkpoint draws by the share that it was written with.
    const half = { ...fading, fading: 0.25 };
    const [read] = interpret([generate(half, viewsOf(fading, "generator"), z, labels)], feeds);
    near(read!, values(0.25)[0]!);
  });

  test("pggan: the same, beside the other images of a batch", () => {
    const [small, fading, whole] = shapesOf<PgganArchitecture>(growingConfig);
    const before = movedState(small);
    const after = grownState(before, small, fading, movedState(fading));
    const grown = grownState(after, fading, whole, initialState(whole, 1));
    const [z, labels, share] = [input("z", [2, fading.latent]), input("labels", [2, 2]), input("share", [])];
    const images = input("images", [2, 1, 16, 16]);
    const feeds = {
      ...{ z: new Rng("z").fillNormal(new Float32Array(2 * fading.latent)), labels: [1, 0, 0, 1] },
      images: new Rng("images").fillNormal(new Float32Array(512)),
      ...{ generator8: before.generator, discriminator8: before.discriminator },
      ...{ generator16: after.generator, discriminator16: after.discriminator },
    };
    const drawn = drawGrowing(fading, viewsOf(fading, "generator"), z, labels, share);
    const judged = judgeGrowing(fading, viewsOf(fading, "discriminator"), images, labels, 2, share).logits;
    const smaller = drawGrowing(small, viewsOf(small, "generator"), z, labels);
    const half = averagePool(images);
    const judgedHalf = judgeGrowing(small, viewsOf(small, "discriminator"), half, labels, 2).logits;
    const alone = [
      drawGrowing(whole, viewsOf(whole, "generator"), z, labels),
      judgeGrowing(whole, viewsOf(whole, "discriminator"), images, labels, 2).logits,
    ];
    const values = (at: number) => interpret([drawn, judged], { ...feeds, share: [at] });
    const small0 = interpret([upsampleBilinear(smaller), judgedHalf], feeds);
    const whole1 = interpret(alone, {
      ...feeds,
      generator16: grown.generator,
      discriminator16: grown.discriminator,
    });
    for (const i of [0, 1]) {
      near(values(0)[i]!, small0[i]!);
      near(values(1)[i]!, whole1[i]!);
      expect(Math.abs(whole1[i]![0]! - small0[i]![0]!)).toBeGreaterThan(1e-3);
    }
  });

  test("dermgan: the same, also on the way down from the map", () => {
    const [small, fading, whole] = shapesOf<DermganArchitecture>(mapConfig);
    const before = movedState(small);
    const after = grownState(before, small, fading, movedState(fading));
    const grown = grownState(after, fading, whole, initialState(whole, 1));
    const [z, maps, share] = [input("z", [2, fading.latent]), input("maps", [2, 3, 32, 32]), input("share", [])];
    const images = input("images", [2, 1, 32, 32]);
    const latent = new Rng("z").fillNormal(new Float32Array(2 * fading.latent));
    const feeds = {
      z: latent,
      images: new Rng("images").fillNormal(new Float32Array(2048)),
      maps: new Float32Array(6144).map((_, i) => ((i * 7) % 11) / 11),
      smaller: Float32Array.from({ length: 2 * small.latent }, (_, i) =>
        Number(latent[Math.floor(i / small.latent) * fading.latent + (i % small.latent)]),
      ),
      ...{ generator16: before.generator, discriminator16: before.discriminator },
      ...{ generator32: after.generator, discriminator32: after.discriminator },
    };
    const values = (at: number) => {
      const drawn = fillImage(fading, viewsOf(fading, "generator"), maps, z, share);
      const { logits } = scorePatches(fading, viewsOf(fading, "discriminator"), maps, images, share);
      return interpret([drawn, logits], { ...feeds, share: [at] });
    };
    const half = averagePool(maps);
    const smaller = fillImage(small, viewsOf(small, "generator"), half, input("smaller", [2, small.latent]));
    const { logits } = scorePatches(small, viewsOf(small, "discriminator"), half, averagePool(images));
    const [enlarged, judged] = interpret([upsampleBilinear(smaller), logits], feeds);
    near(values(0)[0]!, enlarged!);
    near(values(0)[1]!, judged!);
    const alone = interpret(
      [
        fillImage(whole, viewsOf(whole, "generator"), maps, z),
        scorePatches(whole, viewsOf(whole, "discriminator"), maps, images).logits,
      ],
      { ...feeds, generator32: grown.generator, discriminator32: grown.discriminator },
    );
    near(values(1)[0]!, alone[0]!);
    near(values(1)[1]!, alone[1]!);
    expect(Math.abs(alone[1]![0]! - judged![0]!)).toBeGreaterThan(1e-3);
  });
});

test.each(families)("%s: weights, moments and averages go over by name", (_, { config }) => {
  const [small, fading, whole] = shapesOf(config);
  const state = movedState(small);
  const first = initialState(fading, 1);
  const begun = structuredClone(first);
  const after = grownState(state, small, fading, first);
  const layouts = { small: stateLayouts(small), fading: stateLayouts(fading), whole: stateLayouts(whole) };
  for (const vector of Object.keys(state)) {
    const before = splitFlat(layouts.small[vector]!, state[vector]!);
    const now = splitFlat(layouts.fading[vector]!, after[vector]!);
    const untouched = splitFlat(layouts.fading[vector]!, begun[vector]!);
    const carried = Object.values(now).filter((values) =>
      Object.values(before).some((old) => old.length === values.length && old.every((x, i) => x === values[i])),
    );
    expect([vector, carried.length]).toEqual([vector, Object.keys(before).length]);
    const fresh = Object.keys(now).filter((name) => !carried.includes(now[name]!));
    for (const name of fresh) expect(now[name]).toEqual(untouched[name]);
    expect(fresh.some((name) => name.startsWith("image.") || name.startsWith("conv0."))).toBe(true);
    // At the end of the fading all but the layers of the smaller image stay.
    const last = grownState(after, fading, whole, initialState(whole, 2))[vector]!;
    const kept = Object.entries(now).filter(([name]) => !name.startsWith("before."));
    expect(Object.entries(splitFlat(layouts.whole[vector]!, last)).sort()).toEqual(kept.sort());
  }
});

test("the newest layers are corrected by their own number of updates", async () => {
  const { store, config } = noise;
  const [, fading] = shapesOf<R3ganArchitecture>(config);
  const stage = stagesOf(config)[1]!;
  const first = initialState(fading, 0);
  const open = () => GrowingTrainer.open({ config, architecture: fading, stage, store, state: structuredClone(first) });
  const at = async (updates: number) => {
    const trainer = await open();
    trainer.restore({ ...trainer.position, step: 5, growth: { stage: 1, updates } });
    await trainer.advance();
    // The generator learns from the discriminator as it is after the step.
    const { discriminator } = await trainer.readState();
    const moved = splitFlat(networkLayouts(fading).discriminator, Float32Array.from(discriminator));
    await trainer.close();
    return moved;
  };
  const [fresh, old] = [await at(5), await at(0)];
  const second = (block: string) => `${block}.block0.second.weight`;
  expect(fresh[second("stage2")]).not.toEqual(old[second("stage2")]);
  for (const name of [second("stage1"), "before.image.weight", "logit.weight"]) expect(fresh[name]).toEqual(old[name]);
});

/** Trains until so many images were seen, in a sitting of its own. */
async function sitting(options: (typeof families)[number][1], run: RunFolder, until: number, resume: boolean) {
  const stop = new AbortController();
  const onProgress = ({ stage, done }: { stage: string; done: number }) => {
    if (stage === "train" && done >= until) stop.abort();
  };
  return train({ ...options, run, resume, onProgress, signal: stop.signal });
}

test.each(families)(
  "%s: a training is stopped before, at and after its changes of size and goes on bit for bit",
  async (name, options) => {
    const { config } = options;
    const [whole, parts] = [new RunFolder(join(root, `${name}-whole`)), new RunFolder(join(root, `${name}-parts`))];
    for (const run of [whole, parts]) await run.create(config);
    expect(await train({ ...options, run: whole })).toMatchObject({ outcome: "complete", imagesSeen: 64 });
    const seen: unknown[] = [];
    for (const until of [24, 32, 40, 48, 56]) {
      const result = await sitting(options, parts, until, until > 24);
      expect([result.outcome, result.imagesSeen]).toEqual(["interrupted", until]);
      const names = readdirSync(join(parts.path, "checkpoints")).filter((file) => /^\d/.test(file));
      const { architecture, progress } = await readCheckpoint(join(parts.path, "checkpoints", names.sort().at(-1)!));
      seen.push([until, config.resolution / architecture.resolution, architecture.fading, progress.growth]);
      // What can be drawn from has its whole resolution.
      expect(readdirSync(parts.path).includes("generator.onnx")).toBe(until > 48);
    }
    expect(seen).toEqual([
      [24, 2, undefined, { stage: 0, updates: 0 }],
      [32, 2, undefined, { stage: 0, updates: 0 }],
      [40, 1, 0.5, { stage: 1, updates: 4, reached: 0 }],
      [48, 1, 1, { stage: 1, updates: 4, reached: 0.5 }],
      [56, 1, undefined, { stage: 2, updates: 6 }],
    ]);
    expect(await train({ ...options, run: parts, resume: true })).toMatchObject({ outcome: "complete" });
    const [one, other] = [(await whole.latestCheckpoint())!, (await parts.latestCheckpoint())!];
    expect(other.state).toEqual(one.state);
    expect(other.progress).toEqual({ ...one.progress, seconds: expect.any(Number) });
    // A grid of the smaller networks has the resolution of the run.
    const [small, large] = await Promise.all(
      ["000000032.png", "000000064.png"].map(async (file) =>
        decodeImage(await readFile(join(parts.path, "samples", file))),
      ),
    );
    expect([small!.width, small!.height]).toEqual([large!.width, large!.height]);
    const open = name === "dermgan" ? openMapGenerator : openGenerator;
    const generator = await open(whole.generatorPath, { threads: 1 });
    expect(generator.description.resolution).toBe(config.resolution);
    await generator.close();
  },
  300_000,
);

test("a budget of minutes: stages follow the checkpoint, and one that has begun stays when the budget is raised", async () => {
  const { store } = noise;
  const timed = async (
    minutes: number,
    position?: TrainerPosition,
    state?: TrainingState,
    architecture?: Architecture,
  ) => {
    const config = { ...noiseConfig, images: null, minutes };
    const stages = stagesOf(config);
    const stage = stages[position?.growth.stage ?? 0]!;
    const shapes = architecture ?? architectureOf(config, stage);
    const first = structuredClone(state ?? initialState(shapes, 0));
    const trainer = await GrowingTrainer.open({ config, stage, architecture: shapes, store, state: first });
    if (position !== undefined) trainer.restore(position);
    return trainer;
  };
  const trainer = await timed(10);
  for (let step = 0; step < 4; step++) await trainer.advance();
  expect(trainer.architecture.resolution).toBe(8);
  // 32 images in 330 of 600 seconds: past the half.
  trainer.notePace(330);
  await trainer.advance();
  expect(trainer.architecture).toMatchObject({ resolution: 16, fading: expect.closeTo(4 * (0.55 * 1.25 - 0.5), 9) });
  const [position, state] = [trainer.position, structuredClone(await trainer.readState())];
  const goOn = async (one: GrowingTrainer) => {
    for (let step = 0; step < 2; step++) await one.advance();
    const found = [one.position, structuredClone(await one.readState())];
    await one.close();
    return found;
  };
  const expected = await goOn(trainer);
  expect(expected[0]).toMatchObject({ growth: { stage: 2 } });
  expect(await goOn(await timed(10, position, state))).toEqual(expected);
  // A budget of 40 minutes is used to 14 %, at which this resolution would not have begun: what its layers had in the last step they keep.
  const raised = await timed(40, position, state);
  const { fading } = raised.architecture;
  expect(fading).toBeCloseTo(0.2, 9);
  await raised.advance();
  expect(raised.architecture).toMatchObject({ resolution: 16, fading });
  await raised.close();
}, 240_000);

describe("what does not fit is refused", () => {
  test.each([
    [{}, { from: 16 }, /--set grow\.from=16: these networks grow by doubling to 16 pixels; use 8$/],
    [{}, { from: 12 }, /--set grow\.from=12/],
    [{ images: null }, {}, /--grow: the resolutions share a budget; give --images or --minutes, or --no-grow$/],
    [
      { images: 24 },
      {},
      /--images 24: a training that grows takes a batch of 8 at least in each of 3 stages; use 32 or more, or --no-grow$/,
    ],
    [{}, { until: 1 }, /--set grow\.until/],
  ])("%j %j", async (changes, growth, message) => {
    const recipe = { ...noiseConfig.recipe, grow: { ...grow, ...growth } };
    const error = await failure(
      Promise.resolve().then(() => parseResolved({ ...noiseConfig, ...changes, recipe } as RunConfig)),
    );
    expect([error.code, error.message]).toEqual(["usage", expect.stringMatching(message)]);
  });

  test("networks without a layer to begin without", async () => {
    const networks = { ...mapConfig.networks, discriminatorHalvings: 3, generatorMaps: 8 };
    const error = await failure(Promise.resolve().then(() => parseResolved({ ...mapConfig, networks } as RunConfig)));
    expect(error.message).toMatch(/--set grow\.from=16: these networks grow by doubling to 32 pixels/);
  });
});

test("four resolutions: equal shares of the budget for the lower ones, and the last is whole for half of the rest at least", () => {
  const stages = stagesOf({ resolution: 64, recipe: { grow: { from: 8, until: 0.75, fade: 1 } } });
  const text = stages.map(
    ({ resolution, fading, from, until }) => `${resolution}${fading ? "f" : ""} ${from} ${until}`,
  );
  expect(text).toEqual(["8 0 0.25", "16f 0.25 0.5", "32f 0.5 0.75", "64f 0.75 0.875", "64 0.875 1"]);
  expect(stagesOf({ resolution: 64, recipe: {} })).toHaveLength(1);
  const { heads: _none, ...whole } = architectureOf(noiseConfig) as R3ganArchitecture;
  expect(architectureOf(noiseConfig, stagesOf(noiseConfig).at(-1)!)).toEqual(whole);
});
