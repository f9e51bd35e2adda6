import { expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { POSITIONS } from "../../likeness/structure-hash.ts";
import type { LaidPair, SearchSetup } from "./search-block.ts";
import { searchBlocks } from "./search-blocks.ts";

/** Structure that is the same in each of the first three positions, which are turns. */
const RINGS = Float32Array.from({ length: 1024 }, (_, p) =>
  Math.sin(1.7 * Math.hypot((p % 32) - 15.5, Math.floor(p / 32) - 15.5)),
);

/** Pictures in three positions, of which every tenth is close to an earlier one in one of them; all have one structure. */
function setupOf(count: number): SearchSetup {
  const rng = new Rng(3, "search");
  const shared = (words: number) => new Uint32Array(new SharedArrayBuffer(4 * words));
  const [asTheyAre, parts, structured] = [shared(2 * count), shared(6 * count), shared(count)];
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 2; k++) asTheyAre[2 * i + k] = rng.integer(2 ** 32);
    for (let k = 0; k < 6; k++) parts[6 * i + k] = k < 2 ? asTheyAre[2 * i + k]! : rng.integer(2 ** 32);
    structured[i] = i % 7 === 0 ? 0b001 : 0b111;
    if (i % 10 === 0 && i > 0) {
      const earlier = rng.integer(i);
      parts[6 * i + 4] = asTheyAre[2 * earlier]! ^ 0b1011;
      parts[6 * i + 5] = asTheyAre[2 * earlier + 1]!;
    }
  }
  const pictures = Uint32Array.from({ length: count }, (_, i) => i);
  const inMemory = new Float32Array(new SharedArrayBuffer(4 * RINGS.length * count));
  for (let i = 0; i < count; i++) inMemory.set(RINGS, RINGS.length * i);
  const structures = { stride: RINGS.length, from: 0, length: RINGS.length, inMemory, path: null };
  return { count, most: 10, asTheyAre, parts, structured, pictures, structures };
}

async function all(setup: SearchSetup, inThreads: boolean): Promise<LaidPair[][]> {
  const blocks: LaidPair[][] = [];
  for await (const block of searchBlocks(setup, inThreads)) blocks.push(block);
  return blocks;
}

test("threads find what one thread finds, in its order; it is what comparing all with all finds", async () => {
  const setup = setupOf(700);
  const [one, many] = [await all(setup, false), await all(setup, true)];
  expect(many).toEqual(one);
  const bits = (word: number) => {
    let count = 0;
    for (let left = word; left !== 0; left &= left - 1) count++;
    return count;
  };
  const expected: string[] = [];
  for (let place = 0; place < setup.count; place++)
    for (let position = 0; position < 3; position++)
      for (let other = 0; other < setup.count; other++) {
        if (other === place || ((setup.structured[place]! >> position) & 1) === 0) continue;
        const at = 2 * (3 * place + position);
        const apart =
          bits(setup.parts[at]! ^ setup.asTheyAre[2 * other]!) +
          bits(setup.parts[at + 1]! ^ setup.asTheyAre[2 * other + 1]!);
        if (apart <= 10) expected.push([place, other, POSITIONS[position]!.angle].join());
      }
  const found = one.flat().map(({ query, target, similarity }) => [query, target, similarity.angle].join());
  expect(found.sort()).toEqual(expected.sort());
  expect(expected.length).toBeGreaterThan(50);
});

test("whoever stops early leaves no thread behind", async () => {
  for await (const block of searchBlocks(setupOf(500), true)) {
    expect(block.length).toBeLessThan(500);
    break;
  }
});

test("pictures whose hashes are close and whose structures are not are no pair", async () => {
  const setup = setupOf(300);
  const rng = new Rng(4, "search");
  setup.structures.inMemory.forEach((_, p, plane) => {
    plane[p] = rng.normal();
  });
  expect((await all(setup, false)).flat()).toEqual([]);
});
