import { clopperPearson } from "../../math/distributions.ts";
import { type Linear64, takeRows } from "../../math/linear/linear64.ts";
import type { MeasuredTest } from "../measured.ts";
import type { AuditSets } from "../open-sets.ts";
import type { Scope } from "../scopes.ts";
import { LEAST_IN_SCOPE } from "../scopes.ts";
import { type NearestRow, nearest, type Space } from "../spaces.ts";
import { cellCentres, cellsOf } from "./cells.ts";
import { type CopyingShare, copyingShare } from "./share.ts";
import { threeSamples } from "./three-samples.ts";

/** Most cells of the test on three samples. */
const MOST_CELLS = 10;
/** Images of each set that a cell should hold on average. */
const CELL_IMAGES = 25;
/** Excess over the expected share that counts as large. */
const LARGE_EXCESS = 0.1;

const NEEDS = "Nothing: this measures the synthetic set itself, with access to all real images.";
const exactly = (value: number) => ({ value, low: value, high: value });

/** Nearest real images of one space, computed once for all tests. */
export interface SpaceDistances {
  /** Nearest training image of each synthetic image. */
  readonly syntheticToTrain: NearestRow;
  readonly syntheticToHoldout: NearestRow;
  readonly holdoutToTrain: NearestRow;
  /** Nearest training image of another patient. */
  readonly trainToTrain: NearestRow;
}

export async function spaceDistances(sets: AuditSets, space: Space, linear: Linear64): Promise<SpaceDistances> {
  const { train, holdout } = sets;
  return {
    syntheticToTrain: await nearest(space.train, space.synthetic, linear, train.groups),
    syntheticToHoldout: await nearest(space.holdout, space.synthetic, linear, holdout.groups),
    holdoutToTrain: await nearest(space.train, space.holdout, linear, train.groups, holdout.groups),
    trainToTrain: await nearest(space.train, space.train, linear, train.groups, train.groups),
  };
}

function shareTest(space: string, scope: string, n: number, found: CopyingShare | null): MeasuredTest {
  return {
    id: `copying.share.${space}`,
    title: `Nearer to training than to held-out images, by ${space}`,
    scope,
    n,
    figures:
      found === null ? { share: null } : { share: found.share, expected: exactly(found.expected), z: exactly(found.z) },
    control: null,
    p: found?.p ?? null,
    strong: found !== null && found.share.value - found.expected > LARGE_EXCESS,
    controlFails: false,
    needs: NEEDS,
    limits:
      "Shows that the synthetic set is closer to its training images, not which image leaks. Held-out images must come from the same source as the training images: another clinic or camera has the same effect.",
  };
}

/** The share test over all images and over each scope that is a class. */
async function shareTests(
  { train, holdout, synthetic }: AuditSets,
  space: Space,
  { syntheticToTrain, syntheticToHoldout }: SpaceDistances,
  scopes: readonly Scope[],
  linear: Linear64,
): Promise<MeasuredTest[]> {
  const tests: MeasuredTest[] = [];
  for (const scope of scopes) {
    if (scope.label === null) {
      if (scope.name !== "all") continue;
      const near = { train: syntheticToTrain, holdout: syntheticToHoldout };
      tests.push(
        shareTest(
          space.name,
          "all",
          space.synthetic.rows,
          copyingShare(near, { train: train.groups, holdout: holdout.groups }),
        ),
      );
      continue;
    }
    const own = Int32Array.from(synthetic.labels, (_, i) => i).filter((i) => synthetic.labels[i] === scope.label);
    const enough = own.length >= LEAST_IN_SCOPE;
    const groups = {
      train: Int32Array.from(scope.train, (i) => train.groups[i]),
      holdout: Int32Array.from(scope.holdout, (i) => holdout.groups[i]),
    };
    const queries = takeRows(space.synthetic, own);
    const near = enough && {
      train: await nearest(takeRows(space.train, scope.train), queries, linear, groups.train),
      holdout: await nearest(takeRows(space.holdout, scope.holdout), queries, linear, groups.holdout),
    };
    tests.push(shareTest(space.name, scope.name, own.length, near ? copyingShare(near, groups) : null));
  }
  return tests;
}

/** Data copying in one space: the share test, the test on three samples, authenticity. */
export async function copyingTests(
  sets: AuditSets,
  space: Space,
  distances: SpaceDistances,
  scopes: readonly Scope[],
  linear: Linear64,
  seed: number,
): Promise<MeasuredTest[]> {
  const { syntheticToTrain, holdoutToTrain, trainToTrain } = distances;
  const [n, m] = [space.synthetic.rows, space.holdout.rows];
  const k = Math.max(1, Math.min(MOST_CELLS, Math.floor(Math.min(n, m) / CELL_IMAGES)));
  const centres = await cellCentres(space.train, k, linear, seed);
  const cell = {
    synthetic: await cellsOf(centres, space.synthetic, linear),
    holdout: await cellsOf(centres, space.holdout, linear),
  };
  const three = threeSamples({ synthetic: syntheticToTrain.distance, holdout: holdoutToTrain.distance }, cell);
  const authentic = (row: NearestRow, count: number) => {
    let sum = 0;
    for (let i = 0; i < count; i++) if (row.distance[i] > trainToTrain.distance[row.index[i]]) sum++;
    return { value: sum / count, ...clopperPearson(sum, count) };
  };
  const [own, held] = [authentic(syntheticToTrain, n), authentic(holdoutToTrain, m)];
  return [
    ...(await shareTests(sets, space, distances, scopes, linear)),
    {
      id: `copying.three-samples.${space.name}`,
      title: `Data copying on three samples, by ${space.name}`,
      scope: "all",
      n,
      figures:
        three === null
          ? { z: null }
          : { z: exactly(three.z), "worst cell z": exactly(three.worst.z), cells: exactly(three.cells) },
      control: null,
      p: null,
      strong: false,
      controlFails: false,
      needs: NEEDS,
      limits:
        "Z below −5 is what the authors take for copying (Meehan et al. 2020). Smooth or blurred synthetic images are nearer to everything and lower it too, so it raises no alarm on its own: read it together with the share above.",
    },
    {
      id: `authenticity.${space.name}`,
      title: `Authenticity, by ${space.name}`,
      scope: "all",
      n,
      figures: { authenticity: own },
      control: { authenticity: held },
      p: null,
      strong: false,
      controlFails: false,
      needs: NEEDS,
      limits:
        "Share of synthetic images farther from their nearest training image than that one is from other patients' (Alaa et al. 2022); the control is the same for held-out images. Smooth images lower it too, so it raises no alarm on its own.",
    },
  ];
}
