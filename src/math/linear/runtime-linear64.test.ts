import { afterAll, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { type Linear64, type Matrix, matrix, type ProductOptions } from "./linear64.ts";
import { referenceLinear64 } from "./reference-linear64.ts";
import { runtimeLinear64 } from "./runtime-linear64.ts";

const fast = runtimeLinear64({ threads: 1 });
const plain = referenceLinear64();
afterAll(() => fast.close());

const random = (rows: number, columns: number, key: string) =>
  matrix(rows, columns, new Rng(key).fillNormal(new Float64Array(rows * columns)));
// Sizes on both sides of the tile of 512, so that whole, cut and corner tiles are all met.
const x = random(600, 24, "x");
const y = random(530, 24, "y");

function expectNear(got: Float64Array, wanted: Float64Array, tolerance = 1e-12): void {
  expect(got.length).toBe(wanted.length);
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let worst = 0;
  for (let i = 0; i < got.length; i++) worst = Math.max(worst, Math.abs(got[i]! - wanted[i]!) / scale);
  expect(worst).toBeLessThan(tolerance);
}

/** The whole product from its tiles, and how often each entry was visited. */
async function assembled(linear: Linear64, a: Matrix, b: Matrix, options?: ProductOptions) {
  const values = new Float64Array(a.rows * b.rows);
  const visits = new Float64Array(a.rows * b.rows);
  await linear.innerProducts(
    a,
    b,
    (tile) => {
      for (let i = 0; i < tile.rows; i++) {
        for (let j = 0; j < tile.columns; j++) {
          const at = (tile.rowStart + i) * b.rows + tile.columnStart + j;
          values[at] = tile.values[i * tile.stride + j]!;
          visits[at]!++;
        }
      }
    },
    options,
  );
  return { values, visits };
}

test("products and second moments equal the plain ones", async () => {
  expectNear((await fast.multiplyTransposed(x, y)).data, (await plain.multiplyTransposed(x, y)).data);
  expectNear((await fast.multiplyTransposed(x, x)).data, (await plain.multiplyTransposed(x, x)).data);
  const centre = Float64Array.from({ length: 24 }, (_, i) => i / 10);
  const tall = random(2500, 5, "tall");
  expectNear((await fast.moments(x, centre)).data, (await plain.moments(x, centre)).data);
  expectNear((await fast.moments(tall, centre.slice(0, 5))).data, (await plain.moments(tall, centre.slice(0, 5))).data);
});

test("tiles give every inner product once; of a symmetric product the upper triangle at least", async () => {
  const wanted = (await plain.multiplyTransposed(x, y)).data;
  for (const linear of [fast, plain]) {
    const { values, visits } = await assembled(linear, x, y);
    expect(visits.every((n) => n === 1)).toBe(true);
    expectNear(values, wanted);
    const own = await assembled(linear, y, y, { symmetric: true });
    let missed = 0;
    for (let i = 0; i < y.rows; i++) for (let j = i; j < y.rows; j++) if (own.visits[i * y.rows + j] !== 1) missed++;
    expect(missed).toBe(0);
    const whole = await assembled(linear, y, y);
    expect(whole.visits.every((n) => n === 1)).toBe(true);
    await expect(assembled(linear, x, y, { symmetric: true })).rejects.toThrow("of one matrix");
  }
});

test("weighted sums of the cubic kernel equal the plain ones, for two sets and for one", async () => {
  const u = random(x.rows, 3, "u").data.map(Math.abs);
  const v = random(y.rows, 3, "v").data.map(Math.abs);
  const left = matrix(x.rows, 3, u);
  const right = matrix(y.rows, 3, v);
  expectNear(await fast.cubicForms(x, y, left, right), await plain.cubicForms(x, y, left, right));
  expectNear(await fast.cubicForms(x, x, left, left), await plain.cubicForms(x, x, left, left));
  const once = await fast.cubicForms(x, x, left, left, { symmetric: true });
  expectNear(once, await plain.cubicForms(x, x, left, left));
  await expect(fast.cubicForms(x, x, left, matrix(x.rows, 3), { symmetric: true })).rejects.toThrow("weights");
});
