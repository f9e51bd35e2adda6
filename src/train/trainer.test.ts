import { expect, test } from "vitest";
import type { TrainingState } from "../model/index.ts";
import { architectureOf } from "./config.ts";
import { initialState } from "./initial-state.ts";
import { FIRST_LOSS_SCALE } from "./loss-scale.ts";
import { testConfig } from "./testing/config.ts";
import { memoryStore } from "./testing/memory-store.ts";
import { Trainer } from "./trainer.ts";
import type { TrainerPosition } from "./training-steps.ts";

const store = memoryStore([0, 1, 0, 1], (i, p) => (i * 90 + p) % 256, {
  channels: 1,
  resolution: 8,
  classes: ["dark", "bright"],
});

function open(precision: "float32" | "half"): Promise<Trainer> {
  const config = testConfig({ precision });
  const architecture = architectureOf(config);
  return Trainer.open({ config, architecture, store, state: initialState(architecture, 0) });
}

test("a step whose gradients overflow is skipped: nothing is learned, the scale falls, training goes on", async () => {
  const trainer = await open("half");
  expect(await trainer.advance()).not.toBeNull();
  const before = structuredClone(await trainer.readState());
  trainer.restore({ ...trainer.position, lossScale: { scale: Number.POSITIVE_INFINITY, goodSteps: 5 } });
  expect(await trainer.advance()).toBeNull();
  expect(await trainer.readState()).toEqual(before);
  expect(trainer.position).toMatchObject({ step: 2, lossScale: { goodSteps: 0 } });
  trainer.restore({ ...trainer.position, lossScale: FIRST_LOSS_SCALE });
  const report = await trainer.advance();
  expect(Number.isFinite(report?.lossG)).toBe(true);
  expect(trainer.position.lossScale.goodSteps).toBe(1);
  expect(await trainer.readState()).not.toEqual(before);
  await trainer.close();
});

test("a skipped step whose logits are no numbers leaves the augmentation as it was", async () => {
  const config = testConfig({ precision: "half" });
  const architecture = architectureOf(config);
  const state = initialState(architecture, 0);
  state.discriminator.fill(3e38);
  const trainer = await Trainer.open({ config, architecture, store, state });
  for (let step = 0; step < 6; step++) expect(await trainer.advance()).toBeNull();
  expect(trainer.position).toMatchObject({ step: 6, skippedSteps: 6, pendingOrderSigns: 0, signals: null });
  expect(trainer.position.augmentProbability).toBe(0);
  await trainer.close();
});

test("in float32 the loss scale has no part", async () => {
  const trainer = await open("float32");
  await trainer.advance();
  expect(trainer.position).toMatchObject({ step: 1, lossScale: FIRST_LOSS_SCALE });
  await trainer.close();
});

const linear = { from: 0.5, until: 1, first: 1, last: 0, shape: "linear" } as const;
const level = { ...linear, last: 1 } as const;
const schedule = { rates: linear, gamma: { ...linear, first: 10, last: 1 }, augment: level };

/** A training of ten minutes on a clock that says what it is told. */
async function timed(minutes: number, position?: TrainerPosition, state?: TrainingState) {
  const recipe = { schedule, conditioning: { startImages: 16, endImages: 64 } };
  const config = testConfig({ images: null, minutes, recipe });
  const architecture = architectureOf(config);
  const trainer = await Trainer.open({
    config,
    architecture,
    store,
    state: structuredClone(state ?? initialState(architecture, 0)),
  });
  if (position !== undefined) trainer.restore(position);
  return trainer;
}

test("a budget of minutes: what is gone on with follows the checkpoint, not the clock of the process", async () => {
  const trainer = await timed(10);
  for (let step = 0; step < 8; step++) await trainer.advance();
  trainer.notePace(300);
  await trainer.advance();
  const [position, state] = [trainer.position, structuredClone(await trainer.readState())];
  // 64 images in 300 of 600 seconds; the 8 since then count at that pace.
  expect(trainer.figures.budgetShare).toBeCloseTo(0.5 * (72 / 64), 12);
  const goOn = async (one: Trainer) => {
    for (let step = 0; step < 3; step++) await one.advance();
    const found = [one.position, structuredClone(await one.readState())];
    await one.close();
    return found;
  };
  const expected = await goOn(trainer);
  expect(await goOn(await timed(10, position, state))).toEqual(expected);
  // Twice the minutes: the share is half of what it was, and the rates rise again.
  const more = await timed(20, position, state);
  expect(more.figures.budgetShare).toBeCloseTo(0.25 * (72 / 64), 12);
  expect((await goOn(more))[1]).not.toEqual(expected[1]);
}, 240_000);
