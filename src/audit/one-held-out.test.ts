import { expect, test } from "vitest";
import { silent } from "../core/progress.ts";
import { phantomPlan, renderPhantom } from "../phantom/index.ts";
import { auditSets } from "./audit.ts";
import { type MemoryImage, memorySets } from "./testing/memory-sets.ts";

const images = phantomPlan(40, 3).map(
  (spec, i): MemoryImage => ({ image: renderPhantom(spec, 16).image, label: i % 2 ? "a" : "b", patient: `p${i}` }),
);

test("held-out images of one patient: membership is not tried, and that is said", async () => {
  const holdout = images.slice(20, 23).map((image) => ({ ...image, patient: "alone" }));
  const sets = memorySets({ train: images.slice(0, 20), holdout, synthetic: images.slice(23) });
  const { audit } = await auditSets(sets, [], { seed: 0, threads: 1, onProgress: silent });
  expect(audit.cautions).toContainEqual({
    code: "one-held-out",
    message: expect.stringContaining("The 3 held-out images are of one patient: membership inference needs two"),
  });
  const tried = audit.tests.filter(({ id }) => id.startsWith("membership."));
  expect(tried.length).toBeGreaterThan(0);
  expect(tried.every(({ figures }) => figures.auc === null)).toBe(true);
});
