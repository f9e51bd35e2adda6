import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { referenceLinear64 } from "../../math/linear/reference-linear64.ts";
import { runtimeLinear64 } from "../../math/linear/runtime-linear64.ts";
import { parkMillerNormal } from "../testing/samples.ts";
import { fid } from "./fid.ts";
import { kid } from "./kid.ts";
import { prdc } from "./prdc.ts";

interface Case {
  n_real: number;
  n_fake: number;
  dim: number;
  seed_real: number;
  seed_fake: number;
  fake_shift: number;
  fake_scale: number;
  first_real: number[];
  fid: number;
  kid_unbiased_poly3: number;
  prdc_k5: { precision: number; recall: number; density: number; coverage: number };
}

const file = join(process.env.GANGLION_SHARED ?? "../shared", "reference/generative-metrics.json");
const missing = !existsSync(file) && process.env.CI !== "true";
if (missing) console.warn(`skipped: ${file} is absent, so FID, KID and PRDC are not compared with SciPy`);
const backends = { plain: referenceLinear64(), engine: runtimeLinear64() };
afterAll(() => backends.engine.close());
const relative = (value: number, wanted: number) => Math.abs(value - wanted) / Math.abs(wanted);

describe.skipIf(missing)("metrics equal the independent SciPy values", () => {
  const cases: Case[] = missing ? [] : JSON.parse(readFileSync(file, "utf8")).cases;
  const both = cases.flatMap((c) => [
    { ...c, backend: "plain" as const },
    { ...c, backend: "engine" as const },
  ]);
  test.each(both)("n $n_real against $n_fake in $dim dimensions, $backend products", async (c) => {
    const linear = backends[c.backend];
    const real = parkMillerNormal(c.n_real, c.dim, c.seed_real);
    const fake = parkMillerNormal(c.n_fake, c.dim, c.seed_fake, c.fake_scale, c.fake_shift);
    for (let i = 0; i < 3; i++) expect(relative(real.data[i]!, c.first_real[i]!)).toBeLessThan(1e-12);
    expect(relative(await fid(real, fake, linear), c.fid)).toBeLessThan(1e-6);
    expect(relative(await kid(real, fake, linear), c.kid_unbiased_poly3)).toBeLessThan(1e-9);
    const got = await prdc(real, fake, linear);
    for (const key of ["precision", "recall", "density", "coverage"] as const) {
      expect(relative(got[key], c.prdc_k5[key]), key).toBeLessThan(1e-9);
    }
  });
});
