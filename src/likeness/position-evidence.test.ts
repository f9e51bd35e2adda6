import { expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { phantomPlan } from "../phantom/plan.ts";
import { renderPhantom } from "../phantom/render.ts";
import { Likeness } from "./likeness.ts";
import { roughEvidence } from "./match.ts";
import { PositionEvidence } from "./position-evidence.ts";
import { transformed } from "./similarity.ts";
import { greyOf, shrunk } from "./structure.ts";
import { POSITIONS } from "./structure-hash.ts";

const planes = phantomPlan(7, 3).map((spec) => {
  const { data } = renderPhantom(spec, 64).image;
  const planar = Uint8Array.from(data, (_, k) => data[3 * (k % 4096) + Math.floor(k / 4096)]!);
  return shrunk(greyOf(planar, 3), 64, 32);
});

test("says in every position what the general comparison says", () => {
  const evidence = new PositionEvidence();
  let most = 0;
  for (const [i, plane] of planes.entries()) {
    for (const [position, similarity] of POSITIONS.entries()) {
      const query = new Likeness(plane, 32, "kept").half;
      const shown = transformed(planes[position % 2 === 0 ? i : 0]!, 32, similarity).values;
      const target = new Likeness(shown, 32, "kept").half;
      const expected = roughEvidence(query, target, similarity);
      evidence.lay(query.structure, position);
      const tiles = PositionEvidence.tilesOf(target.structure)!;
      expect(evidence.with(tiles, 0)).toBeCloseTo(expected, 4);
      most = Math.max(most, expected);
      const enough = evidence.with(tiles, 8);
      if (expected >= 8) expect(enough).toBeCloseTo(expected, 4);
      else expect(enough).toBeLessThan(8);
    }
  }
  expect(most).toBeGreaterThan(40);
});

test("a structure of which a part is not shown has no tiles", () => {
  const rng = new Rng(5, "structure");
  const structure = Float32Array.from({ length: 1024 }, () => rng.normal());
  expect(PositionEvidence.tilesOf(structure)).toHaveLength(1024);
  structure[700] = Number.NaN;
  expect(PositionEvidence.tilesOf(structure)).toBeNull();
});
