import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCsv } from "../../data/csv.ts";
import { extractRadiomics } from "./extract.ts";
import { defaultSettings, type FeatureClass, type RadiomicsSettings } from "./settings.ts";
import { readNifti } from "./testing/nifti.ts";
import type { Volume } from "./volume.ts";

/** The digital phantom of the Image Biomarker Standardisation Initiative and its reference values. */
const folder = join(process.env.GANGLION_SHARED ?? "../shared", "reference/ibsi");
const missing = !existsSync(folder) && process.env.CI !== "true";
if (missing) console.warn(`skipped: ${folder} is absent, so radiomics are not compared with the IBSI phantom`);

/** How a value is made from ours; a name alone stands for itself. */
type Rule = string | ((value: (name: string) => number) => number);

/** IBSI's covariance of the 74 voxel centres has divisor n-1, PyRadiomics' and so ours has n. */
const UNBIASED = Math.sqrt(74 / 73);

const MORPHOLOGY: Record<string, Rule> = {
  "Volume (mesh)": "MeshVolume",
  "Volume (voxel counting)": "VoxelVolume",
  "Surface area (mesh)": "SurfaceArea",
  "Surface to volume ratio": "SurfaceVolumeRatio",
  Sphericity: "Sphericity",
  "Maximum 3D diameter": "Maximum3DDiameter",
  "Major axis length": (value) => value("MajorAxisLength") * UNBIASED,
  "Minor axis length": (value) => value("MinorAxisLength") * UNBIASED,
  "Least axis length": (value) => value("LeastAxisLength") * UNBIASED,
  Elongation: "Elongation",
  Flatness: "Flatness",
};

const STATISTICS: Record<string, Rule> = {
  Mean: "Mean",
  variance: "Variance",
  skewness: "Skewness",
  "(Excess) kurtosis": (value) => value("Kurtosis") - 3,
  Median: "Median",
  Minimum: "Minimum",
  "10\\ :sup:`th` percentile": "10Percentile",
  "90\\ :sup:`th` percentile": "90Percentile",
  Maximum: "Maximum",
  "interquartile range": "InterquartileRange",
  range: "Range",
  "mean absolute deviation": "MeanAbsoluteDeviation",
  "robust mean absolute deviation": "RobustMeanAbsoluteDeviation",
  energy: "Energy",
  "Root mean square": "RootMeanSquared",
  entropy: "Entropy",
  uniformity: "Uniformity",
};

const GLCM: Record<string, Rule> = {
  "Joint maximum": "MaximumProbability",
  "Joint average": "JointAverage",
  "Joint variance": "SumSquares",
  "Joint entropy": "JointEntropy",
  "Difference average": "DifferenceAverage",
  "Difference variance": "DifferenceVariance",
  "Difference entropy": "DifferenceEntropy",
  "Sum average": "SumAverage",
  "Sum variance": "ClusterTendency",
  "Sum entropy": "SumEntropy",
  "Angular second moment": "JointEnergy",
  Contrast: "Contrast",
  Dissimilarity: "DifferenceAverage",
  "Inverse difference": "Id",
  "Normalised inverse difference": "Idn",
  "Inverse difference moment": "Idm",
  "Normalised inverse difference moment": "Idmn",
  "Inverse variance": "InverseVariance",
  Correlation: "Correlation",
  Autocorrelation: "Autocorrelation",
  "Cluster tendency": "ClusterTendency",
  "Cluster shade": "ClusterShade",
  "Cluster prominence": "ClusterProminence",
  "Information correlation 1": "Imc1",
  "Information correlation 2": "Imc2",
};

const GLRLM: Record<string, Rule> = {
  "Short runs emphasis": "ShortRunEmphasis",
  "Long runs emphasis": "LongRunEmphasis",
  "Low grey level run emphasis": "LowGrayLevelRunEmphasis",
  "High grey level run emphasis": "HighGrayLevelRunEmphasis",
  "Short run low grey level emphasis": "ShortRunLowGrayLevelEmphasis",
  "Short run high grey level emphasis": "ShortRunHighGrayLevelEmphasis",
  "Long run low grey level emphasis": "LongRunLowGrayLevelEmphasis",
  "Long run high grey level emphasis": "LongRunHighGrayLevelEmphasis",
  "Grey level non-uniformity": "GrayLevelNonUniformity",
  "Normalised grey level non-uniformity": "GrayLevelNonUniformityNormalized",
  "Run length non-uniformity": "RunLengthNonUniformity",
  "Normalised run length non-uniformity": "RunLengthNonUniformityNormalized",
  "Run percentage": "RunPercentage",
  "Grey level variance": "GrayLevelVariance",
  "Run length variance": "RunVariance",
  "Run entropy": "RunEntropy",
};

const GLSZM: Record<string, Rule> = {
  "Small zone emphasis": "SmallAreaEmphasis",
  "Large zone emphasis": "LargeAreaEmphasis",
  "Low grey level zone emphasis": "LowGrayLevelZoneEmphasis",
  "High grey level zone emphasis": "HighGrayLevelZoneEmphasis",
  "Small zone low grey level emphasis": "SmallAreaLowGrayLevelEmphasis",
  "Small zone high grey level emphasis": "SmallAreaHighGrayLevelEmphasis",
  "Large zone low grey level emphasis": "LargeAreaLowGrayLevelEmphasis",
  "Large zone high grey level emphasis": "LargeAreaHighGrayLevelEmphasis",
  "Grey level non-uniformity": "GrayLevelNonUniformity",
  "Normalised grey level non-uniformity": "GrayLevelNonUniformityNormalized",
  "Zone size non-uniformity": "SizeZoneNonUniformity",
  "Normalised zone size non-uniformity": "SizeZoneNonUniformityNormalized",
  "Zone percentage": "ZonePercentage",
  "Grey level variance": "GrayLevelVariance",
  "Zone size variance": "ZoneVariance",
  "Zone size entropy": "ZoneEntropy",
};

const NGTDM: Record<string, Rule> = Object.fromEntries(
  ["Coarseness", "Contrast", "Busyness", "Complexity", "Strength"].map((name) => [name, name]),
);

const GLDM: Record<string, Rule> = {
  "Low dependence emphasis": "SmallDependenceEmphasis",
  "High dependence emphasis": "LargeDependenceEmphasis",
  "Low grey level count emphasis": "LowGrayLevelEmphasis",
  "High grey level count emphasis": "HighGrayLevelEmphasis",
  "Low dependence low grey level emphasis": "SmallDependenceLowGrayLevelEmphasis",
  "Low dependence high grey level emphasis": "SmallDependenceHighGrayLevelEmphasis",
  "High dependence low grey level emphasis": "LargeDependenceLowGrayLevelEmphasis",
  "High dependence high grey level emphasis": "LargeDependenceHighGrayLevelEmphasis",
  "Grey level non-uniformity": "GrayLevelNonUniformity",
  "Dependence count non-uniformity": "DependenceNonUniformity",
  "Normalised dependence count non-uniformity": "DependenceNonUniformityNormalized",
  "Grey level variance": "GrayLevelVariance",
  "Dependence count variance": "DependenceVariance",
  "Dependence count entropy": "DependenceEntropy",
};

/** IBSI's families: ours, the rules, and what is cut from IBSI's names of statistics before they are looked up. */
const FAMILIES: Record<string, { family: FeatureClass; rules: Record<string, Rule>; cut?: RegExp }> = {
  "Morphological features": { family: "shape", rules: MORPHOLOGY },
  "Intensity-based statistical features": {
    family: "firstorder",
    rules: STATISTICS,
    cut: / ?\b[Ii]ntensity(-based)? ?/,
  },
  "Intensity histogram features": {
    family: "firstorder",
    rules: STATISTICS,
    cut: / ?\b([Dd]iscretised intensity|Intensity histogram) ?/,
  },
  "Grey level co-occurrence based features": { family: "glcm", rules: GLCM },
  "Grey level run length based features": { family: "glrlm", rules: GLRLM },
  "Grey level size zone based features": { family: "glszm", rules: GLSZM },
  "Neighbourhood grey tone difference based features": { family: "ngtdm", rules: NGTDM },
  "Neighbouring grey level dependence based features": { family: "gldm", rules: GLDM },
};

/** Settings behind IBSI's names of aggregation; by slice means that each slice is a region and features are averaged. */
const AGGREGATIONS: Record<string, { bySlice?: true; settings: Partial<RadiomicsSettings> }> = {
  "": { settings: {} },
  "2D": { bySlice: true, settings: { force2D: true } },
  "2D, averaged": { bySlice: true, settings: { force2D: true } },
  "2D, slice-merged": { bySlice: true, settings: { force2D: true, weightingNorm: "no_weighting" } },
  "2.5D": { settings: { force2D: true } },
  "2.5D, direction-merged": { settings: { force2D: true } },
  "2.5D, merged": { settings: { force2D: true, weightingNorm: "no_weighting" } },
  "3D": { settings: {} },
  "3D, averaged": { settings: {} },
  "3D, merged": { settings: { weightingNorm: "no_weighting" } },
};

interface Reference {
  readonly ibsi: string;
  readonly feature: string;
  readonly aggregation: string;
  readonly value: number;
  /** Half a unit of the last digit where the file states none. */
  readonly tolerance: number;
}

/** Half a unit of the third significant digit, that all values are given to. */
const halfDigit = (value: number) => (value === 0 ? 0.005 : 0.5 * 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2));

function references(): Reference[] {
  const { rows } = parseCsv(readFileSync(join(folder, "digital-phantom-values.csv"), "utf8"), "ibsi");
  return rows.map(([ibsi, feature, , , aggregation, text, tolerance]) => {
    const value = Number(text!);
    return {
      ibsi: ibsi!,
      feature: feature!,
      aggregation: aggregation!,
      value,
      tolerance: Math.max(Number(tolerance || 0), halfDigit(value)),
    };
  });
}

function ruleOf({ ibsi, feature }: Reference): { family: FeatureClass; rule: Rule } | null {
  const known = FAMILIES[ibsi];
  if (known === undefined) return null;
  const name =
    known.cut === undefined
      ? feature
      : feature.replace(known.cut, (found) => (found.startsWith(" ") && found.endsWith(" ") ? " " : ""));
  const rule = known.rules[name];
  return rule === undefined ? null : { family: known.family, rule };
}

const all = missing ? [] : references();
const covered = all.flatMap((reference) => {
  const found = ruleOf(reference);
  return found === null ? [] : [{ ...reference, ...found }];
});

describe.skipIf(missing)("features lie within the tolerances of the IBSI digital phantom", () => {
  const image = missing ? null : readNifti(join(folder, "digital-phantom.nii.gz"));
  const mask = missing ? null : readNifti(join(folder, "digital-phantom-mask.nii.gz"));
  const base: Partial<RadiomicsSettings> = { ...defaultSettings, binWidth: 1 };

  const slices = (volume: Volume): Volume[] => {
    const [nx, ny, nz] = volume.size;
    const area = nx * ny;
    return Array.from({ length: nz }, (_, z) => ({
      size: [nx, ny, 1],
      spacing: volume.spacing,
      data: volume.data.slice(z * area, (z + 1) * area),
    }));
  };
  const computed = new Map<string, Record<string, number>>();
  /** Every feature by one aggregation. */
  const features = (aggregation: string): Record<string, number> => {
    const known = computed.get(aggregation);
    if (known !== undefined) return known;
    const { bySlice, settings } = AGGREGATIONS[aggregation]!;
    const given = { ...base, ...settings };
    const parts = bySlice
      ? slices(image!).map((slice, z) =>
          extractRadiomics(slice, slices(mask!)[z]!, {
            ...given,
            featureClasses: base.featureClasses!.filter((name) => name !== "shape"),
          }),
        )
      : [extractRadiomics(image!, mask!, given)];
    const out = Object.fromEntries(
      Object.keys(parts[0]!).map((name) => [name, parts.reduce((sum, part) => sum + part[name]!, 0) / parts.length]),
    );
    computed.set(aggregation, out);
    return out;
  };

  test.each(covered)("$ibsi: $feature $aggregation", ({ family, rule, aggregation, value, tolerance }) => {
    const of = (name: string): number => features(aggregation)[`original_${family}_${name}`]!;
    const found = typeof rule === "string" ? of(rule) : rule(of);
    expect(Math.abs(found - value), `${found} for ${value}`).toBeLessThanOrEqual(tolerance * (1 + 1e-9));
  });

  test("how many values are covered", () => {
    const counts: Record<string, string> = {};
    for (const family of new Set(all.map(({ ibsi }) => ibsi))) {
      const of = (list: readonly Reference[]) => list.filter(({ ibsi }) => ibsi === family).length;
      counts[family] = `${of(covered)} of ${of(all)}`;
    }
    expect(counts).toEqual({
      "Morphological features": "11 of 25",
      "Local intensity features": "0 of 2",
      "Intensity-based statistical features": "15 of 18",
      "Intensity histogram features": "15 of 23",
      "Intensity-volume histogram features": "0 of 6",
      "Grey level co-occurrence based features": "150 of 150",
      "Grey level run length based features": "96 of 96",
      "Grey level size zone based features": "48 of 48",
      "Grey level distance zone based features": "0 of 48",
      "Neighbourhood grey tone difference based features": "15 of 15",
      "Neighbouring grey level dependence based features": "42 of 51",
    });
  });
});
