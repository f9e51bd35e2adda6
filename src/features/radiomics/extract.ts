import { invariant } from "../../core/errors.ts";
import { discretise } from "./discretise.ts";
import { filteredImages, imageNames } from "./filtered-images.ts";
import { FIRST_ORDER_FEATURES, firstOrderFeatures } from "./first-order.ts";
import { glcmFeatures } from "./glcm.ts";
import { GLCM_FEATURES } from "./glcm-features.ts";
import { GLDM_FEATURES, gldmFeatures } from "./gldm.ts";
import { GLRLM_FEATURES, glrlmFeatures } from "./glrlm.ts";
import { GLSZM_FEATURES, glszmFeatures } from "./glszm.ts";
import { levelGrid, type Offset, offsets, offsetWeights } from "./level-grid.ts";
import { NGTDM_FEATURES, ngtdmFeatures } from "./ngtdm.ts";
import { labelled, normalised, resegmented } from "./prepare.ts";
import { type FeatureClass, type RadiomicsSettings, radiomicsSettings } from "./settings.ts";
import { SHAPE_2D_FEATURES, shape2DFeatures } from "./shape2d.ts";
import { SHAPE_FEATURES, shapeFeatures } from "./shape3d.ts";
import { type LabelVolume, type Region, regionOf, type Volume } from "./volume.ts";

/** Names of each family, in the order they are given. */
const FEATURES: Readonly<Record<FeatureClass, readonly string[]>> = {
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

/** Grey value features of a region by family, in the order of the setting. */
function greyFeatures(region: Region, settings: RadiomicsSettings): [FeatureClass, Record<string, number>][] {
  const discretised = discretise(region, settings);
  const { distances, weightingNorm, gldm_a, symmetricalGLCM } = settings;
  const grid = levelGrid(region, discretised, settings);
  const weights = (directions: Offset[]) =>
    weightingNorm === null ? null : offsetWeights(directions, region.spacing, weightingNorm);
  const around = (reach: readonly number[]) => offsets(grid, settings, reach, true);
  const along = (reach: readonly number[]) => offsets(grid, settings, reach, false);
  const compute = (family: FeatureClass): Record<string, number> | null => {
    switch (family) {
      case "firstorder":
        return firstOrderFeatures(region, discretised, settings);
      case "glcm": {
        const directions = along(distances);
        return glcmFeatures(grid, directions, weights(directions), symmetricalGLCM);
      }
      case "gldm":
        return gldmFeatures(grid, around(distances), gldm_a);
      case "glrlm": {
        const directions = along([1]);
        return glrlmFeatures(grid, directions, weights(directions));
      }
      case "glszm":
        return glszmFeatures(grid, around([1]));
      case "ngtdm":
        return ngtdmFeatures(grid, around(distances));
      default:
        return null;
    }
  };
  return settings.featureClasses.flatMap((family) => {
    const found = compute(family);
    return found === null ? [] : [[family, found] as [FeatureClass, Record<string, number>]];
  });
}

/** Names of the features that {@link extractRadiomics} gives, in its order. */
export function radiomicsNames(settings: RadiomicsSettings): string[] {
  const grey = settings.featureClasses.filter((name) => !isShape(name));
  const of = (image: string, family: FeatureClass) => FEATURES[family].map((name) => `${image}_${family}_${name}`);
  return [
    ...settings.featureClasses.filter(isShape).flatMap((family) => of("original", family)),
    ...imageNames(settings).flatMap((image) => grey.flatMap((family) => of(image, family))),
  ];
}

/**
 * Radiomic features of a region, under PyRadiomics' names (`original_glcm_Contrast`).
 * @param mask Labels; the region is where they equal the setting `label`. Null for all of the image.
 * @throws GanglionError `usage` for settings, `dataset` for an image and mask that cannot be used
 */
export function extractRadiomics(
  volume: Volume,
  mask: LabelVolume | null,
  given: Partial<RadiomicsSettings> = {},
): Record<string, number> {
  return extractChecked(volume, mask, radiomicsSettings(given));
}

/** {@link extractRadiomics} with settings that were checked once. */
export function extractChecked(
  volume: Volume,
  mask: LabelVolume | null,
  settings: RadiomicsSettings,
): Record<string, number> {
  const image = normalised(volume, settings);
  const whole = mask === null ? new Uint8Array(volume.data.length).fill(1) : labelled(image, mask, settings.label);
  const chosen = resegmented(image, whole, settings);
  const out: Record<string, number> = {};
  const put = (name: string, family: FeatureClass, found: Record<string, number>) => {
    for (const feature of FEATURES[family]) out[`${name}_${family}_${feature}`] = found[feature]!;
  };
  for (const family of settings.featureClasses.filter(isShape)) {
    const form = regionOf(image, settings.resegmentShape ? chosen : whole);
    invariant(form !== null, "a region without voxels");
    put(
      "original",
      family,
      family === "shape" ? shapeFeatures(form) : shape2DFeatures(form, 2 - settings.force2Ddimension),
    );
  }
  for (const { name, volume: filtered } of filteredImages(image, settings)) {
    const region = regionOf(filtered, chosen);
    invariant(region !== null, "a region without voxels");
    for (const [family, found] of greyFeatures(region, settings)) put(name, family, found);
  }
  return out;
}
