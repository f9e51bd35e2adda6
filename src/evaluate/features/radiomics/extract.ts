import { invariant } from "../../../core/errors.ts";
import { discretise } from "./discretise.ts";
import { FIRST_ORDER_FEATURES, firstOrderFeatures } from "./first-order.ts";
import { glcmFeatures } from "./glcm.ts";
import { GLCM_FEATURES } from "./glcm-features.ts";
import { GLDM_FEATURES, gldmFeatures } from "./gldm.ts";
import { GLRLM_FEATURES, glrlmFeatures } from "./glrlm.ts";
import { GLSZM_FEATURES, glszmFeatures } from "./glszm.ts";
import { type LevelGrid, levelGrid, type Offset, offsets, offsetWeights } from "./level-grid.ts";
import { NGTDM_FEATURES, ngtdmFeatures } from "./ngtdm.ts";
import { labelled, normalised, resegmented } from "./prepare.ts";
import { type FeatureClass, type RadiomicsSettings, radiomicsSettings } from "./settings.ts";
import { SHAPE_2D_FEATURES, shape2DFeatures } from "./shape2d.ts";
import { SHAPE_FEATURES, shapeFeatures } from "./shape3d.ts";
import { type LabelVolume, type Region, regionOf, type Volume } from "./volume.ts";

/** Names of each family, in the order they are given. */
export const FEATURES: Readonly<Record<FeatureClass, readonly string[]>> = {
  firstorder: FIRST_ORDER_FEATURES,
  glcm: GLCM_FEATURES,
  gldm: GLDM_FEATURES,
  glrlm: GLRLM_FEATURES,
  glszm: GLSZM_FEATURES,
  ngtdm: NGTDM_FEATURES,
  shape: SHAPE_FEATURES,
  shape2D: SHAPE_2D_FEATURES,
};

const isShape = (name: FeatureClass): boolean => name === "shape" || name === "shape2D";

/** Grey value features of a region by family. */
function greyFeatures(
  region: Region,
  settings: RadiomicsSettings,
): Partial<Record<FeatureClass, Record<string, number>>> {
  const discretised = discretise(region, settings);
  const { distances, weightingNorm, gldm_a, symmetricalGLCM } = settings;
  const grid: LevelGrid = levelGrid(region, discretised, settings);
  const weights = (directions: Offset[]) =>
    weightingNorm === null ? null : offsetWeights(directions, region.spacing, weightingNorm);
  const around = (reach: readonly number[]) => offsets(grid, settings, reach, true);
  const along = (reach: readonly number[]) => offsets(grid, settings, reach, false);
  const families: Partial<Record<FeatureClass, () => Record<string, number>>> = {
    firstorder: () => firstOrderFeatures(region, discretised, settings),
    glcm: () => {
      const directions = along(distances);
      return glcmFeatures(grid, directions, weights(directions), symmetricalGLCM);
    },
    gldm: () => gldmFeatures(grid, around(distances), gldm_a),
    glrlm: () => {
      const directions = along([1]);
      return glrlmFeatures(grid, directions, weights(directions));
    },
    glszm: () => glszmFeatures(grid, around([1])),
    ngtdm: () => ngtdmFeatures(grid, around(distances)),
  };
  const out: Partial<Record<FeatureClass, Record<string, number>>> = {};
  for (const name of settings.featureClasses) {
    const compute = families[name];
    if (compute !== undefined) out[name] = compute();
  }
  return out;
}

/**
 * Radiomic features of a region, under PyRadiomics' names (`original_glcm_Contrast`).
 * @param mask Labels; the region is where they equal the setting `label`.
 * @throws GanglionError `usage` for settings, `dataset` for an image and mask that cannot be used
 */
export function extractRadiomics(
  volume: Volume,
  mask: LabelVolume,
  given: Partial<RadiomicsSettings> = {},
): Record<string, number> {
  const settings = radiomicsSettings(given);
  const image = normalised(volume, settings);
  const whole = labelled(image, mask, settings.label);
  const chosen = resegmented(image, whole, settings);
  const out: Record<string, number> = {};
  const put = (image: string, family: FeatureClass, found: Record<string, number>) => {
    for (const name of FEATURES[family]) out[`${image}_${family}_${name}`] = found[name];
  };
  const form = regionOf(image, settings.resegmentShape ? chosen : whole);
  const region = regionOf(image, chosen);
  invariant(form !== null && region !== null, "a region without voxels");
  for (const [family, found] of Object.entries(greyFeatures(region, settings))) {
    put("original", family as FeatureClass, found);
  }
  for (const family of settings.featureClasses.filter(isShape)) {
    const found = family === "shape" ? shapeFeatures(form) : shape2DFeatures(form, 2 - settings.force2Ddimension);
    put("original", family, found);
  }
  return out;
}
