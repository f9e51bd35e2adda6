import { expect, test } from "vitest";
import { imagesInMemory } from "../../features/extractor.ts";
import type { CopyScores, CopySearch } from "../copies/search-copies.ts";
import { type PlantedCopies, plantCopies, recallOf } from "./recall.ts";

const SIDE = 16;

test("empty images are not planted", async () => {
  const bytes = new Uint8Array(8 * SIDE * SIDE);
  // One of eight shows something.
  for (let p = 0; p < SIDE * SIDE; p++) bytes[5 * SIDE * SIDE + p] = 10 * (p % SIDE);
  const { planted } = await plantCopies(imagesInMemory(bytes, SIDE, 1), 10, 1);
  const own = planted.filter(({ sources }) => sources.every((source) => source === 5));
  expect(own.length).toBeGreaterThan(0.8 * planted.length);
});

test("a planted copy counts as found by another image of its patient, and not by one of another's", () => {
  const n = 2;
  const scores: CopyScores = {
    target: Int32Array.of(1, 2),
    transform: new Uint8Array(n),
    score: new Float64Array(n),
    distance: new Float64Array(n),
    structure: null,
    joint: null,
  };
  const search = { threshold: null, synthetic: scores, structure: null } as unknown as CopySearch;
  const planted = [
    { kind: "flipped", sources: [0, 3] },
    { kind: "noised", sources: [0, 3] },
  ];
  const images = imagesInMemory(new Uint8Array(n * SIDE * SIDE), SIDE, 1);
  // Images 0 and 1 are of one patient.
  const found = recallOf(search, scores, { images, planted } satisfies PlantedCopies, Int32Array.of(7, 7, 8, 9));
  const of = (kind: string) => found.find(({ alteration }) => alteration === kind)?.found;
  expect([of("flipped"), of("noised")]).toEqual([1, 0]);
});
