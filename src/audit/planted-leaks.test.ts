import { beforeAll, describe, expect, test } from "vitest";
import { silent } from "../core/progress.ts";
import { phantomPlan, renderPhantom } from "../phantom/index.ts";
import { auditSets } from "./audit.ts";
import type { AuditFile } from "./audit-file.ts";
import { type MemoryImage, memorySets } from "./testing/memory-sets.ts";
import { PLANTS, type Plant, plant } from "./testing/plant.ts";

const SIDE = 32;
/** Images of the phantom: training, held-out, and further ones that stand for a generator without a leak. */
const [TRAIN, HELD, CLEAN] = [180, 180, 60];
const PLANTED = 12;

let train: MemoryImage[];
let holdout: MemoryImage[];
let clean: MemoryImage[];
const sets = (synthetic: MemoryImage[]) => memorySets({ train, holdout, synthetic });
const audited = async (synthetic: MemoryImage[], seed = 0): Promise<AuditFile> =>
  (await auditSets(sets(synthetic), [], { seed, threads: 1, onProgress: silent })).audit;

async function leak(kind: Plant, indices: readonly number[]): Promise<MemoryImage[]> {
  const images = await plant(kind, sets(clean).train.store, indices, 1);
  return images.map((image, i) => ({ image, label: train[indices[i]!]!.label }));
}

beforeAll(() => {
  const draw = (specs: ReturnType<typeof phantomPlan>): MemoryImage[] =>
    specs.map((spec) => ({
      image: renderPhantom(spec, SIDE).image,
      label: spec.label,
      patient: `${spec.seed} ${spec.patient}`,
    }));
  const byPatient = (seed: number, count: number) => draw(phantomPlan(count, seed));
  train = byPatient(1, TRAIN);
  holdout = byPatient(2, HELD);
  clean = byPatient(3, CLEAN);
});

const indices = Array.from({ length: PLANTED }, (_, i) => i * 13);
const found: Plant[] = [
  "exact",
  "flipped",
  "rotated",
  "JPEG 70",
  "brightened",
  "cropped 5 %",
  "80 % of one, 20 % of another",
];

describe("planted copies", () => {
  test.each(found)("%s: most are called copies of the right image, and no clean image is", async (kind) => {
    const { copies, tests, findings, verdict } = await audited([...clean, ...(await leak(kind, indices))]);
    const right = copies.filter(({ synthetic, train: from }) => {
      const place = Number(/\d+/.exec(synthetic)?.[0]) - CLEAN;
      return place >= 0 && from === `train/${indices[place]}.png`;
    });
    expect(right.length).toBe(copies.length);
    expect(right.length).toBeGreaterThanOrEqual(PLANTED - 4);
    expect(tests.find(({ id }) => id === "copies.pixel")?.severity).toBe("critical");
    expect(findings[0]).toMatchObject({ test: "copies.pixel", severity: "critical" });
    expect(verdict).toMatch(/Do not release/);
  });

  test("copies of a training image that is there twice, unknown to be one patient's, are found too", async () => {
    train = [...train, { ...train[0]!, patient: "someone else" }];
    const { copies } = await audited([...clean, ...(await leak("exact", [0]))]);
    train = train.slice(0, -1);
    expect(copies.length).toBe(1);
  });
});

test("a generator overfitted on a few images is found", async () => {
  const fifty = Array.from({ length: 60 }, (_, i) => i % 20);
  const { findings, copies } = await audited(await leak("memorised", fifty));
  expect(copies.length).toBeGreaterThan(12);
  expect(findings.length).toBeGreaterThan(1);
});

test("further real images passed as synthetic raise no alarm", async () => {
  const { findings, copies, verdict } = await audited(clean);
  expect(copies).toEqual([]);
  expect(findings.filter(({ severity }) => severity === "critical" || severity === "warning")).toEqual([]);
  expect(verdict).toMatch(/no proof/);
});

test("the same seed gives the same audit", async () => {
  expect(JSON.stringify(await audited(clean, 5))).toBe(JSON.stringify(await audited(clean, 5)));
});

test("every planted kind is known to the suite", () => {
  expect(Object.keys(PLANTS).sort()).toEqual([...found, "noised", "half of one, half of another", "memorised"].sort());
});
