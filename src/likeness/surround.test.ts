import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { phantomPlan, renderPhantom } from "../phantom/index.ts";
import { Likeness } from "./likeness.ts";
import { bestMatch } from "./match.ts";
import { IDENTITY } from "./similarity.ts";
import { type SurroundRule, surroundOf, surroundRule } from "./surround.ts";

const SIDE = 64;
/** Grey pictures of different patients. */
const greys = phantomPlan(24, 1)
  .filter((spec, i, all) => all.findIndex(({ patient }) => patient === spec.patient) === i)
  .slice(0, 8)
  .map((spec) => {
    const { data, channels } = renderPhantom(spec, SIDE).image;
    return Float32Array.from({ length: SIDE * SIDE }, (_, p) => data[p * channels]!);
  });

/** Laid over a picture: `value` at a place, or null where the picture stays. */
const over = (grey: Float32Array, value: (x: number, y: number) => number | null): Float32Array =>
  grey.map((own, p) => value(p % SIDE, Math.floor(p / SIDE)) ?? own);

const fromMiddle = (x: number, y: number) => Math.hypot(x - (SIDE - 1) / 2, y - (SIDE - 1) / 2);

/** The surrounds that collections have. */
const SURROUNDS: Record<string, (grey: Float32Array) => Float32Array> = {
  "a black rim of the lens": (grey) => over(grey, (x, y) => (fromMiddle(x, y) > 24 ? 6 + ((x * 7 + y * 3) % 5) : null)),
  "a rim with a soft flank": (grey) =>
    grey.map((own, p) => own * Math.min(1, Math.max(0.02, (29 - fromMiddle(p % SIDE, Math.floor(p / SIDE))) / 4))),
  "the sector of an ultrasound": (grey) => over(grey, (x, y) => (Math.abs(x - 31.5) > 6 + 0.5 * y ? 0 : null)),
  "a collimator set aslant": (grey) => over(grey, (x, y) => (x + 0.4 * y < 22 || x - 0.3 * y > 44 ? 3 : null)),
  "black bars": (grey) => over(grey, (_, y) => (y < 12 || y >= 52 ? 0 : null)),
  "white bars": (grey) => over(grey, (x) => (x < 10 || x >= 54 ? 255 : null)),
};

const evidence = (query: Float32Array, target: Float32Array, rule: SurroundRule = "left out"): number =>
  bestMatch(
    new Likeness(query, SIDE, rule),
    [true, false].map((rough) => ({ target: 0, similarity: IDENTITY, rough })),
    () => new Likeness(target, SIDE, rule),
  )!.value;

async function encoded(grey: Float32Array): Promise<Float32Array> {
  const shape = { width: SIDE, height: SIDE, channels: 1 } as const;
  const jpeg = await sharp(Uint8Array.from(grey), { raw: shape }).jpeg({ quality: 85 }).toBuffer();
  return Float32Array.from(await sharp(jpeg).toColourspace("b-w").raw().toBuffer());
}

describe.each(Object.entries(SURROUNDS))("%s", (_, surrounded) => {
  const pictures = greys.map(surrounded);

  test("makes no two pictures of different lesions alike", () => {
    const values = pictures.flatMap((a, i) => pictures.slice(i + 1).map((b) => evidence(a, b)));
    expect(Math.max(...values)).toBeLessThan(8);
  });

  test("hides no picture that was encoded again with it", async () => {
    const own: number[] = [];
    for (const picture of pictures) own.push(evidence(await encoded(picture), picture));
    expect(Math.min(...own)).toBeGreaterThan(10);
  });
});

describe("no surround is", () => {
  const share = (grey: Float32Array) => (surroundOf(grey, SIDE) ?? new Uint8Array(1)).reduce((a, b) => a + b, 0);

  test("skin, a hair that crosses the edge, a dark lesion within, smooth light from corner to corner", () => {
    for (const grey of greys) expect(share(grey)).toBe(0);
    expect(share(over(greys[0]!, (x, y) => (x === y + 5 ? 5 : null)))).toBe(0);
    expect(share(over(greys[0]!, (x, y) => (fromMiddle(x, y) < 15 ? 5 : null)))).toBe(0);
    expect(share(Float32Array.from({ length: SIDE * SIDE }, (_, p) => 200 + (p % SIDE) / 4))).toBe(0);
  });

  test("a flat picture", () => {
    expect(share(new Float32Array(SIDE * SIDE).fill(0))).toBe(0);
    expect(share(new Float32Array(SIDE * SIDE).fill(255))).toBe(0);
  });
});

describe("where most pictures have a surround", () => {
  /** Bodies in air: each has an outline of its own. */
  const bodies = greys.map((grey, i) =>
    over(grey, (x, y) => {
      const angle = Math.atan2(y - 31.5, x - 31.5);
      const radius = 17 + 4 * Math.sin(2 * angle + i) + 3 * Math.sin(3 * angle + 2.3 * i);
      return fromMiddle(x, y) > radius ? 0 : null;
    }),
  );

  test("it is kept; where half of them or fewer have one it is left out", () => {
    expect(surroundRule(bodies, SIDE)).toBe("kept");
    expect(surroundRule([...bodies.slice(0, 4), ...greys.slice(4)], SIDE)).toBe("left out");
    expect(surroundRule(greys, SIDE)).toBe("left out");
    expect(surroundRule([], SIDE)).toBe("left out");
  });

  test("the outlines of bodies are evidence, more of them than unrelated ones", async () => {
    for (const [i, body] of bodies.entries()) {
      const again = await encoded(body);
      expect(evidence(again, body, "kept")).toBeGreaterThan(1.5 * evidence(again, body));
      const other = bodies[(i + 1) % bodies.length]!;
      expect(evidence(again, body, "kept")).toBeGreaterThan(2 * evidence(other, body, "kept"));
    }
  });
});
