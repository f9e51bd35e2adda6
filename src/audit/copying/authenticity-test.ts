import { percentSignificant } from "../../core/percent.ts";
import { clopperPearson } from "../../math/distributions.ts";
import type { AuditKind } from "../measured.ts";
import type { SpaceTest } from "../space-test.ts";
import type { NearestRow } from "../spaces.ts";
import { COPYING_NEEDS } from "./needs.ts";

const AUTHENTICITY: AuditKind = {
  section: "Authenticity",
  weighed: false,
  severity({ figures, control }) {
    const [own, held] = [figures.authenticity, control?.authenticity];
    if (!own || !held) return null;
    return own.high < held.low ? "notice" : "none";
  },
  groupOf: () => "authenticity",
  strength: null,
  words({ figures, control }) {
    const [own, held] = [figures.authenticity?.value ?? 0, control?.authenticity?.value ?? 0];
    return {
      title: `${percentSignificant(own, 2)} of the synthetic images are “authentic”, ${percentSignificant(held, 2)} of new real images are`,
      text: "Synthetic images sit closer to single training images than new real images do; blurred images do the same.",
    };
  },
};

/** Authenticity (Alaa et al. 2022) of the synthetic images, with that of the held-out images as its control. */
export const authenticityTest: SpaceTest = async ({ space, distances }) => {
  const { syntheticToTrain, holdoutToTrain, trainToTrain } = distances;
  const [n, m] = [space.synthetic.rows, space.holdout.rows];
  const authentic = (row: NearestRow, count: number) => {
    let sum = 0;
    for (let i = 0; i < count; i++) if (row.distance[i]! > trainToTrain.distance[row.index[i]!]!) sum++;
    return { value: sum / count, ...clopperPearson(sum, count) };
  };
  return [
    {
      kind: AUTHENTICITY,
      id: `authenticity.${space.name}`,
      title: `Authenticity, by ${space.name}`,
      scope: "all",
      n,
      figures: { authenticity: authentic(syntheticToTrain, n) },
      control: { authenticity: authentic(holdoutToTrain, m) },
      p: null,
      strong: false,
      controlFails: false,
      needs: COPYING_NEEDS,
      limits:
        "Share of synthetic images farther from their nearest training image than that one is from other patients' (Alaa et al. 2022); the control is the same for held-out images. Smooth images lower it too, so it raises no alarm on its own.",
    },
  ];
};
