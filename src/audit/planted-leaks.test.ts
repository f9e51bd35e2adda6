import { beforeAll, describe, expect, test } from "vitest";
import { silent } from "../core/progress.ts";
import { decodePng, type RawImage } from "../data/index.ts";
import { correlation } from "../features/multiscale/subbands.ts";
import { phantomPlan, renderPhantom } from "../phantom/index.ts";
import { auditSets } from "./audit.ts";
import type { AuditFile } from "./audit-file.ts";
import { seldomFound } from "./recall/recall.ts";
import { renderAuditReport } from "./report/render-audit-report.ts";
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
  "turned by 10°",
  "shrunk and enlarged",
  "half of one, half of another",
  "left half of one, right half of another",
  "middle pasted on another",
];

/** Kinds that are made from two training images: either is the right one. */
const mixed = found.filter((kind) => /another/.test(kind));
/** Kinds of which only about half are found at this size, by both searches together. */
const hardly: Plant[] = ["noised", "shrunk by nearest neighbours"];

describe("planted copies", () => {
  // In a set of its own, as the threshold falls with the number of images and JPEG at this size lies just below it.
  const alone: Plant = "JPEG 70";
  const together = found.filter((kind) => kind !== alone);
  let audit: AuditFile;
  let auditAlone: AuditFile;
  beforeAll(async () => {
    const synthetic = [...clean];
    for (const kind of together) synthetic.push(...(await leak(kind, indices)));
    audit = await audited(synthetic);
    auditAlone = await audited([...clean, ...(await leak(alone, indices))]);
  }, 300_000);

  /** Copies named of one kind, with their place in it. */
  const copiesOf = (kind: Plant) =>
    (kind === alone ? auditAlone : audit).copies
      .map(({ synthetic, train: from }) => ({ place: Number(/\d+/.exec(synthetic)?.[0]) - CLEAN, from }))
      .filter(({ place }) => Math.floor(place / PLANTED) === (kind === alone ? 0 : together.indexOf(kind)))
      .map(({ place, from }) => ({ place: place % PLANTED, from }));

  test.each(found)("%s: most are called copies of the right image", (kind) => {
    const copies = copiesOf(kind);
    const shift = mixed.includes(kind) ? 1 + Math.floor(PLANTED / 2) : 0;
    const right = copies.filter(({ place, from }) =>
      [place, (place + shift) % PLANTED].some((source) => from === `train/${indices[source]}.png`),
    );
    expect(right.length).toBe(copies.length);
    expect(right.length).toBeGreaterThanOrEqual(PLANTED - 4);
  });

  test("no clean image is, and the copies are said first", () => {
    for (const { copies, tests, findings, verdict } of [audit, auditAlone]) {
      expect(copies.filter(({ synthetic }) => Number(/\d+/.exec(synthetic)?.[0]) < CLEAN)).toEqual([]);
      expect(tests.find(({ id }) => id === "copies.pixel")?.severity).toBe("critical");
      expect(findings[0]).toMatchObject({ test: "copies.pixel", severity: "critical" });
      expect(verdict).toMatch(/Do not release/);
    }
  });

  test("the report of an audit says what it finds of each kind", () => {
    const recall = new Map(audit.recall?.map(({ alteration, planted, found: k }) => [alteration, k / planted]));
    expect(recall.size).toBe(11);
    for (const kind of ["flipped", "turned by 10°", "left half of one, right half of another"]) {
      expect(recall.get(kind)).toBeGreaterThanOrEqual(0.7);
    }
    for (const kind of hardly) expect(recall.has(kind)).toBe(true);
    const said = seldomFound(audit.recall ?? []) ?? "";
    for (const [kind, share] of recall) expect([kind, said.includes(`${kind} (`)]).toEqual([kind, share < 0.5]);
  });

  test("copies of a training image that is there twice, unknown to be one patient's, are found too", async () => {
    train = [...train, { ...train[0]!, patient: "someone else" }];
    const { copies } = await audited([...clean, ...(await leak("exact", [0]))]);
    train = train.slice(0, -1);
    expect(copies.length).toBe(1);
  });
});

test("the report lays a turned copy on its training image, and frames the half that another one shares with it", async () => {
  const turned = await leak("turned by 10°", indices.slice(0, 3));
  const halves = await leak("left half of one, right half of another", indices.slice(6, 9));
  const audited = sets([...clean, ...turned, ...halves]);
  const found = await auditSets(audited, [], { seed: 0, threads: 1, onProgress: silent });
  const figures = (await renderAuditReport(audited, found))
    .split("<figure")
    .filter((part) => part.includes("evidence"));
  const about = (words: RegExp) => figures.filter((figure) => words.test(figure));
  const [lying, framed] = [about(/, turned (10|350)°/), about(/<i style="left: (0|50)%; top: 0%/)];
  expect([lying.length >= 2, framed.length >= 2], figures.map((f) => f.replaceAll(/"data:[^"]*"/g, "")).join()).toEqual(
    [true, true],
  );
  for (const figure of lying) {
    const uris = [...figure.matchAll(/base64,([^"]*)"/g)].map(([, data]) => Buffer.from(data!, "base64"));
    const [left, right] = await Promise.all(uris.map((png) => decodePng(png)));
    const inside = [...left!.data.keys()].filter((p) => left!.data[p] !== 128);
    const of = (image: RawImage) => Float64Array.from(inside, (p) => image.data[p]!);
    expect(correlation(of(left!), of(right!))).toBeGreaterThan(0.95);
  }
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
  expect(Object.keys(PLANTS).sort()).toEqual([...found, ...hardly, "memorised"].sort());
});
