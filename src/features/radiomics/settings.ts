import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";

/** Families of features, by PyRadiomics' names. */
export const FEATURE_CLASSES = ["firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape", "shape2D"] as const;

export type FeatureClass = (typeof FEATURE_CLASSES)[number];

/** How directions of a co-occurrence or run matrix are merged. */
type WeightingNorm = "no_weighting" | "manhattan" | "euclidean" | "infinity";

/** Images that features are computed on. */
interface ImageTypes {
  /** The image itself. */
  readonly Original?: object;
  /** Laplacian of Gaussian, one image a scale; `sigma` in mm. */
  readonly LoG?: { readonly sigma: readonly number[] };
  /** Undecimated wavelet (coif1), eight images a level, four with `force2D`. */
  readonly Wavelet?: {
    /** Levels of the decomposition. Defaults to 1. */
    readonly level?: number;
    /** Levels skipped before the first. Defaults to 0. */
    readonly start_level?: number;
  };
}

/** Settings under PyRadiomics' names; what stands here means the same there. */
export interface RadiomicsSettings {
  /** Value of the label volume that is the region. Defaults to 1. */
  readonly label: number;
  /** Width of a grey level, its edges multiples of it. Defaults to 25. */
  readonly binWidth: number;
  /** Count of grey levels between least and greatest value, used instead of `binWidth`. Defaults to null, not used. */
  readonly binCount: number | null;
  /** Whether neighbours across slices are left out. Defaults to false. */
  readonly force2D: boolean;
  /** Axis across the slices of `force2D`: 0 is z, 1 is y, 2 is x. Defaults to 0. */
  readonly force2Ddimension: 0 | 1 | 2;
  /** Infinity norms of the offsets of GLCM, GLDM and NGTDM, in voxels. Defaults to [1]. */
  readonly distances: readonly number[];
  /** Greatest difference of levels that still depend on each other (GLDM). Defaults to 0. */
  readonly gldm_a: number;
  /** Merges directions of GLCM and GLRLM with these weights before features are taken. Defaults to null: features are averaged. */
  readonly weightingNorm: WeightingNorm | null;
  /** Whether pairs count in both directions (GLCM). Defaults to true. */
  readonly symmetricalGLCM: boolean;
  /** Added to grey values in Energy, TotalEnergy and RootMeanSquared. Defaults to 0. */
  readonly voxelArrayShift: number;
  /** Whether the image is brought to mean 0, standard deviation `normalizeScale`. Defaults to false. */
  readonly normalize: boolean;
  /** Standard deviation after `normalize`. Defaults to 1. */
  readonly normalizeScale: number;
  /** After `normalize`, values beyond so many standard deviations are cut to them. Defaults to null, none. */
  readonly removeOutliers: number | null;
  /** One or two thresholds that voxels of the region must lie between. Defaults to null, none. */
  readonly resegmentRange: readonly number[] | null;
  /** What the thresholds count: grey values, shares of the greatest value, standard deviations from the mean. Defaults to "absolute". */
  readonly resegmentMode: "absolute" | "relative" | "sigma";
  /** Whether the thresholds hold for shape features too. Defaults to false. */
  readonly resegmentShape: boolean;
  /** Families to compute. Defaults to all but `shape2D`. */
  readonly featureClasses: readonly FeatureClass[];
  /** Images to compute on. Defaults to the original one. */
  readonly imageTypes: ImageTypes;
}

export const defaultSettings: RadiomicsSettings = {
  label: 1,
  binWidth: 25,
  binCount: null,
  force2D: false,
  force2Ddimension: 0,
  distances: [1],
  gldm_a: 0,
  weightingNorm: null,
  symmetricalGLCM: true,
  voxelArrayShift: 0,
  normalize: false,
  normalizeScale: 1,
  removeOutliers: null,
  resegmentRange: null,
  resegmentMode: "absolute",
  resegmentShape: false,
  featureClasses: FEATURE_CLASSES.filter((name) => name !== "shape2D"),
  imageTypes: { Original: {} },
};

const positive = (value: number): boolean => Number.isFinite(value) && value > 0;
const whole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;

/**
 * Fills what is not given with defaults and checks all of it.
 * @throws GanglionError `usage` with every broken setting
 */
export function radiomicsSettings(given: Partial<RadiomicsSettings> = {}): RadiomicsSettings {
  const problems: Problem[] = [];
  const found = (path: string, holds: boolean, rule: string, value: unknown) => {
    if (!holds) problems.push({ code: "setting", path, message: `${rule}, found ${quoted(value)}` });
  };
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(defaultSettings, name)) {
      problems.push({ code: "unknown-setting", path: name, message: `there is no such setting; leave it out` });
    }
  }
  const s: RadiomicsSettings = { ...defaultSettings, ...given };
  found("label", whole(s.label, 0), "write a whole number", s.label);
  found("binWidth", positive(s.binWidth), "write a number above 0", s.binWidth);
  found("binCount", s.binCount === null || whole(s.binCount, 1), "write a whole number from 1, or null", s.binCount);
  found("force2Ddimension", [0, 1, 2].includes(s.force2Ddimension), "write 0 (z), 1 (y) or 2 (x)", s.force2Ddimension);
  const distances = s.distances.length > 0 && s.distances.every((d) => whole(d, 1));
  found("distances", distances, "write whole numbers from 1", s.distances);
  found("gldm_a", s.gldm_a >= 0, "write a number from 0", s.gldm_a);
  const norms = [null, "no_weighting", "manhattan", "euclidean", "infinity"];
  found("weightingNorm", norms.includes(s.weightingNorm), `write one of ${norms.join(", ")}`, s.weightingNorm);
  found("voxelArrayShift", Number.isFinite(s.voxelArrayShift), "write a number", s.voxelArrayShift);
  found("normalizeScale", positive(s.normalizeScale), "write a number above 0", s.normalizeScale);
  const outliers = s.removeOutliers;
  found("removeOutliers", outliers === null || positive(outliers), "write a number above 0, or null", outliers);
  const range = s.resegmentRange;
  const ranged = range === null || ((range.length === 1 || range.length === 2) && range.every(Number.isFinite));
  found("resegmentRange", ranged, "write one or two numbers, or null", range);
  const modes = ["absolute", "relative", "sigma"];
  found("resegmentMode", modes.includes(s.resegmentMode), `write one of ${modes.join(", ")}`, s.resegmentMode);
  const families = s.featureClasses.every((name) => FEATURE_CLASSES.includes(name));
  found("featureClasses", families, `write names of ${FEATURE_CLASSES.join(", ")}`, s.featureClasses);
  const { LoG, Wavelet } = s.imageTypes;
  if (LoG !== undefined) found("LoG.sigma", LoG.sigma.every(positive), "write numbers above 0 (mm)", LoG.sigma);
  if (Wavelet !== undefined) {
    const { level = 1, start_level = 0 } = Wavelet;
    found("Wavelet.level", whole(level, 1), "write a whole number from 1", level);
    found("Wavelet.start_level", whole(start_level, 0), "write a whole number from 0", start_level);
  }
  throwIfProblems("usage", "radiomics: settings cannot be used", problems);
  return s;
}

/** An error about what features are computed of. */
export const radiomicsError = (message: string): GanglionError => new GanglionError("dataset", `radiomics: ${message}`);
