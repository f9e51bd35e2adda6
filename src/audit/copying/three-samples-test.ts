import { cellCentres, cellsOf } from "../../math/linear/k-means.ts";
import { type AuditKind, type MeasuredTest, withoutInterval } from "../measured.ts";
import type { SpaceTest } from "../space-test.ts";
import { COPYING_NEEDS } from "./needs.ts";
import { threeSamples } from "./three-samples.ts";

/** Most cells of the test on three samples. */
const MAX_CELLS = 10;
/** Images of each set that a cell should hold on average. */
const CELL_IMAGES = 25;
/** Z below which the authors speak of copying (Meehan et al. 2020). */
const COPYING_Z = -5;

const THREE_SAMPLES: AuditKind = {
  section: "Data copying",
  weighed: false,
  severity({ figures: { z } }) {
    if (!z) return null;
    return z.value < COPYING_Z ? "notice" : "none";
  },
  groupOf: () => "copying.three-samples",
  strength: "z",
  words: ({ figures }) => ({
    title: "Synthetic images lie nearer to training images than new real images do",
    text: `Z is ${(figures.z?.value ?? 0).toFixed(1)}. That is what copying looks like, but blurred images do the same: see whether the share nearer to training than to held-out images agrees.`,
  }),
};

/** Distances to the nearest training image of synthetic beside those of held-out images, cell by cell. */
export const threeSamplesTest: SpaceTest = async ({ space, distances, linear, seed }) => {
  const n = space.synthetic.rows;
  const k = Math.max(1, Math.min(MAX_CELLS, Math.floor(Math.min(n, space.holdout.rows) / CELL_IMAGES)));
  const centres = await cellCentres(space.train, k, linear, seed);
  const cell = {
    synthetic: await cellsOf(centres, space.synthetic, linear),
    holdout: await cellsOf(centres, space.holdout, linear),
  };
  const found = threeSamples(
    { synthetic: distances.syntheticToTrain.distance, holdout: distances.holdoutToTrain.distance },
    cell,
  );
  const figures: MeasuredTest["figures"] =
    found === null
      ? { z: null }
      : {
          z: withoutInterval(found.z),
          "worst cell z": withoutInterval(found.worst.z),
          cells: withoutInterval(found.cells),
        };
  return [
    {
      kind: THREE_SAMPLES,
      id: `copying.three-samples.${space.name}`,
      title: `Data copying on three samples, by ${space.name}`,
      scope: "all",
      n,
      figures,
      control: null,
      p: null,
      strong: false,
      controlFails: false,
      needs: COPYING_NEEDS,
      limits:
        "Z below −5 is what the authors take for copying (Meehan et al. 2020). Smooth or blurred synthetic images are nearer to everything and lower it too, so it raises no alarm on its own: read it together with the share above.",
    },
  ];
};
