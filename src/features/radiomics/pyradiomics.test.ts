import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCsv } from "../../data/csv.ts";
import { extractRadiomics } from "./extract.ts";
import type { FeatureClass, RadiomicsSettings } from "./settings.ts";
import { readNrrd } from "./testing/nrrd.ts";
import type { Volume } from "./volume.ts";

/** PyRadiomics' own baselines: one column a case, its settings in a cell as a Python dictionary. */
const folder = join(process.env.GANGLION_SHARED ?? "../shared", "reference/pyradiomics");
const missing = !existsSync(folder) && process.env.CI !== "true";
if (missing) console.warn(`skipped: ${folder} is absent, so radiomics are not compared with PyRadiomics`);

const FILES: readonly FeatureClass[] = ["firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape", "shape2D"];
const SETTINGS = "diagnostics_Configuration_Settings";

/** Settings that name what we do not have, each at the value that leaves images as they are. */
const NEUTRAL: Record<string, readonly unknown[]> = {
  additionalInfo: [true],
  correctMask: [true],
  interpolator: [null, "sitkBSpline"],
  minimumROIDimensions: [1, 2],
  minimumROISize: [null],
  padDistance: [5],
  preCrop: [false],
  resampledPixelSpacing: [null],
};

interface Case {
  readonly family: FeatureClass;
  readonly name: string;
  readonly settings: Record<string, unknown>;
  readonly wanted: readonly (readonly [string, number])[];
}

const fromPython = (text: string): Record<string, unknown> =>
  JSON.parse(
    text.replaceAll("'", '"').replaceAll("None", "null").replaceAll("True", "true").replaceAll("False", "false"),
  );

function casesOf(family: FeatureClass): Case[] {
  const { header, rows } = parseCsv(readFileSync(join(folder, `baseline_${family}.csv`), "utf8"), family);
  const settings = rows.find(([name]) => name === SETTINGS)!;
  return header.slice(1).map((name, k) => ({
    family,
    name,
    settings: fromPython(settings[k + 1]!),
    wanted: rows.filter(([row]) => row!.startsWith("original_")).map((row) => [row[0]!, Number(row[k + 1])] as const),
  }));
}

const cases = missing ? [] : FILES.flatMap(casesOf);
const resampled = ({ settings }: Case) => settings.resampledPixelSpacing !== null;

/** One slice of a volume. */
const slice = ({ size: [nx, ny], spacing, data }: Volume, z: number): Volume => ({
  size: [nx, ny, 1],
  spacing,
  data: data.slice(nx * ny * z, nx * ny * (z + 1)),
});

/** The slices that the 2-D shape baselines were taken of. */
const SHAPE_2D_SLICES: Record<string, number> = { brain1: 16, breast1: 9 };

describe.skipIf(missing)("features equal PyRadiomics' baselines", () => {
  const volumes = new Map<string, Volume>();
  const volume = (name: string): Volume => {
    const found = volumes.get(name) ?? readNrrd(join(folder, `${name}.nrrd`));
    volumes.set(name, found);
    return found;
  };

  test("only cases with resampling are left out", () => {
    expect(cases.filter(resampled).map(({ family, name }) => `${family} ${name}`)).toEqual(
      FILES.filter((family) => family !== "shape2D").flatMap((family) => [
        `${family} brain1_resampling`,
        `${family} breast1_resampling`,
      ]),
    );
    expect(cases.filter((c) => !resampled(c))).toHaveLength(74);
  });

  test.each(cases.filter((c) => !resampled(c)))("$family of $name", ({ family, name, settings, wanted }) => {
    const image = name.split("_")[0]!;
    const given = { ...settings };
    for (const [key, values] of Object.entries(NEUTRAL)) {
      if (key in given) expect(values, key).toContainEqual(given[key]);
      delete given[key];
    }
    const pick = (v: Volume) => (family === "shape2D" ? slice(v, SHAPE_2D_SLICES[image]!) : v);
    const found = extractRadiomics(pick(volume(`${image}_image`)), pick(volume(`${image}_label`)), {
      ...(given as Partial<RadiomicsSettings>),
      featureClasses: [family],
    });
    expect(Object.keys(found).sort()).toEqual(wanted.map(([key]) => key).sort());
    for (const [key, value] of wanted) {
      expect(Math.abs(found[key]! - value), `${key}: ${found[key]} for ${value}`).toBeLessThanOrEqual(
        1e-6 * Math.abs(value) + 1e-12,
      );
    }
  });
});
