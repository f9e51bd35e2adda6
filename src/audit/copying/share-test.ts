import { percentSignificant } from "../../core/percent.ts";
import { takeRows } from "../../math/linear/linear64.ts";
import { type AuditKind, classOf, doubtOf, type MeasuredTest, weighedSeverity, withoutInterval } from "../measured.ts";
import { MIN_IN_SCOPE } from "../scopes.ts";
import type { SpaceTest } from "../space-test.ts";
import { nearest } from "../spaces.ts";
import { COPYING_NEEDS } from "./needs.ts";
import { type CopyingShare, copyingShare } from "./share.ts";

/** Excess over the expected share that counts as large. */
const LARGE_EXCESS = 0.1;

const SHARE: AuditKind = {
  section: "Data copying",
  weighed: true,
  severity: weighedSeverity,
  groupOf: () => "copying.share",
  strength: "z",
  words(test) {
    const { figures, scope } = test;
    const [share, expected] = [figures.share?.value ?? 0, figures.expected?.value ?? 0];
    const name = classOf(scope);
    const of = name === null ? "" : ` of ${name}`;
    return {
      title: `The synthetic images${of} lean on the training images: ${percentSignificant(share, 2)} lie nearer to them, ${percentSignificant(expected, 2)} would without a leak`,
      text: `Something of the particular training pictures is in the synthetic ones, beyond what is true of everybody. Train for a shorter time, on more images, or with differential privacy.${doubtOf(test)}`,
    };
  },
};

function shareTest(space: string, scope: string, n: number, found: CopyingShare | null): MeasuredTest {
  return {
    kind: SHARE,
    id: `copying.share.${space}`,
    title: `Nearer to training than to held-out images, by ${space}`,
    scope,
    n,
    figures:
      found === null
        ? { share: null }
        : { share: found.share, expected: withoutInterval(found.expected), z: withoutInterval(found.z) },
    control: null,
    p: found?.p ?? null,
    strong: found !== null && found.share.value - found.expected > LARGE_EXCESS,
    controlFails: false,
    needs: COPYING_NEEDS,
    limits:
      "Shows that the synthetic set is closer to its training images, not which image leaks. Held-out images must come from the same source as the training images: another clinic or camera has the same effect.",
  };
}

/** The share test over all images and over each scope that is a class. */
export const shareTests: SpaceTest = async ({ sets, space, distances, scopes, linear }) => {
  const { train, holdout, synthetic } = sets;
  const { syntheticToTrain, syntheticToHoldout } = distances;
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
    const enough = own.length >= MIN_IN_SCOPE;
    const groups = {
      train: Int32Array.from(scope.train, (i) => train.groups[i]!),
      holdout: Int32Array.from(scope.holdout, (i) => holdout.groups[i]!),
    };
    const queries = takeRows(space.synthetic, own);
    const near = enough && {
      train: await nearest(takeRows(space.train, scope.train), queries, linear, groups.train),
      holdout: await nearest(takeRows(space.holdout, scope.holdout), queries, linear, groups.holdout),
    };
    tests.push(shareTest(space.name, scope.name, own.length, near ? copyingShare(near, groups) : null));
  }
  return tests;
};
