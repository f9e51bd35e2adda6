import { describe, expect, test } from "vitest";
import { conditionColour, toneValue } from "../../data/index.ts";
import { imagesInMemory } from "../../features/extractor.ts";
import type { MapGenerator } from "../../model/map-generator.ts";
import { type AskedMap, drawnChanges, realChanges } from "./draw-pairs.ts";

const SIZE = 8;
const AREA = SIZE ** 2;

/** A region of 2 x 2 pixels in the middle. */
const region = Uint8Array.from({ length: AREA }, (_, i) => {
  const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
  return x >= 3 && x < 5 && y >= 3 && y < 5 ? 255 : 0;
});

/** A grey generator of three conditions: a pixel is 100 times G, plus `leak` everywhere that B is asked for, plus the latent. */
function fake({ latent = 0, leak = 0, classes = ["a", "b", "c"] } = {}): MapGenerator & { seen: Float32Array[] } {
  const seen: Float32Array[] = [];
  const description = { classes, resolution: SIZE, channels: 1, latent } as unknown as MapGenerator["description"];
  return {
    seen,
    description,
    hash: "",
    async draw(maps, latents) {
      seen.push(maps.slice());
      return Uint8Array.from({ length: (maps.length / 3 / AREA) * AREA }, (_, i) => {
        const [n, p] = [Math.floor(i / AREA), i % AREA];
        const [green, blue] = [maps[(3 * n + 1) * AREA + p], maps[(3 * n + 2) * AREA + p]];
        const centre = maps[(3 * n + 1) * AREA + 3 * SIZE + 3]!;
        const noise = latent === 0 ? 0 : 40 * Math.sign(latents[n * latent]!);
        return Math.round(80 + noise + 100 * green! + 10 * blue! + leak * centre);
      });
    },
    close: async () => undefined,
  };
}

const maps = (n: number): AskedMap[] =>
  Array.from({ length: n }, (_, i) => ({ condition: ["a", "b", "c"][i % 3]!, tone: 1 + (i % 6), region }));

const options = { seed: 0, side: 64 };

describe("drawn pairs", () => {
  test("differ in the condition alone: region and tone are as asked", async () => {
    const generator = fake();
    await drawnChanges(generator, maps(12), options);
    const [first, second] = generator.seen;
    for (let n = 0; n < 12; n++) {
      const at = (of: Float32Array, channel: number, p: number) => of[(3 * n + channel) * AREA + p];
      const centre = 3 * SIZE + 3;
      expect(at(first!, 0, 0)).toBeCloseTo(toneValue(1 + (n % 6)), 6);
      expect(at(second!, 0, 0)).toBe(at(first!, 0, 0));
      expect([at(first!, 1, 0), at(second!, 1, 0)]).toEqual([0, 0]);
      const colour = (of: Float32Array) => [at(of, 1, centre), at(of, 2, centre)];
      expect(colour(first!)).toEqual([...conditionColour(n % 3, 3)]);
      expect(colour(second!)).not.toEqual(colour(first!));
    }
  });

  test("a generator that keeps to the region changes nothing outside, one that leaks does", async () => {
    const kept = await drawnChanges(fake(), maps(30), options);
    expect([kept.condition.n, kept.condition.outside!.value, kept.condition.ratio!.value]).toEqual([30, 0, 0]);
    expect(kept.condition.inside!.value).toBeGreaterThan(4);
    const leaky = await drawnChanges(fake({ leak: 50 }), maps(30), options);
    expect(leaky.condition.outside!.value).toBeGreaterThan(5);
    expect(leaky.condition.ratio!.value).toBeLessThan(1);
  });

  test("the condition is changed with the latent kept, the seeds with the map kept", async () => {
    const { condition, seeds } = await drawnChanges(fake({ latent: 1 }), maps(30), options);
    expect(condition.outside!.value).toBe(0);
    expect(seeds!.outside!.value).toBeGreaterThan(10);
    expect(seeds!.ratio!.value).toBeCloseTo(1, 9);
    expect((await drawnChanges(fake(), maps(3), options)).seeds).toBeNull();
  });

  test("a generator of other conditions, or of one, is refused in words", async () => {
    const other = drawnChanges(fake({ classes: ["a", "x"] }), maps(3), options);
    await expect(other).rejects.toThrow(/--run: the generator does not know b, c \(its conditions: a, x\)/);
    const single = drawnChanges(fake({ classes: ["a"] }), maps(1), options);
    await expect(single).rejects.toThrow(/knows one condition only/);
  });
});

describe("real pairs", () => {
  const images = imagesInMemory(
    Uint8Array.from({ length: 4 * AREA }, (_, i) => [10, 50, 90, 200][Math.floor(i / AREA)]!),
    SIZE,
    1,
  );
  const regions = Uint8Array.from({ length: 4 * AREA }, (_, i) => region[i % AREA]!);

  test("are of one tone and two conditions", () => {
    const found = realChanges({ images, labels: [0, 1, 0, 1], tones: [1, 1, 2, 0], regions }, 0)!;
    // Images 0 and 1, each with the other as mate; 2 has no mate, 3 no tone.
    expect([found.n, found.outside!.value, found.inside!.value]).toEqual([2, 40, 40]);
  });

  test("there are none where every tone has one condition", () => {
    expect(realChanges({ images, labels: [0, 0, 1, 1], tones: [1, 1, 2, 2], regions }, 0)).toBeNull();
  });
});
