import { expect, test } from "vitest";
import { extractRadiomics } from "./extract.ts";
import { filteredImages, imageNames } from "./filtered-images.ts";
import { laplacianOfGaussian } from "./laplacian-of-gaussian.ts";
import { radiomicsSettings } from "./settings.ts";
import type { Triple, Volume } from "./volume.ts";
import { waveletImages } from "./wavelet.ts";

const volumeOf = (size: Triple, spacing: Triple = [1, 1, 1]): Volume => ({
  size,
  spacing,
  data: Float64Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => (i * i * 31 + 7 * i) % 101),
});

/** pywt.swtn(image, "coif1", level=1, axes=(2, 1, 0)) of PyWavelets 1.1.1 at four voxels, the slices continued by one. */
const WAVELET: Record<string, readonly number[]> = {
  LLL: [90.584318086, 120.51550594, 133.35455509, 133.489396254],
  LLH: [-16.043251564, 28.262212919, 10.213067285, -3.433074122],
  LHL: [38.797978535, 37.494526082, -22.747157306, -27.971355132],
  LHH: [1.387994183, 11.019472567, -15.918764069, -4.118190547],
  HLL: [-6.764995807, -21.456744748, -24.183741067, 28.204723682],
  HLH: [-37.732799516, 24.889366741, 10.353224247, 14.292489742],
  HHL: [-3.233405523, -45.228199211, 17.850196551, -31.920356948],
  HHH: [3.013643416, -17.024809782, -1.883748274, 12.109324268],
};

/** The same of the smooth band: level 2 of PyRadiomics. */
const SECOND: Record<string, readonly number[]> = {
  LLH: [-14.764234723, 17.564575635, 23.138435245, -1.29261926],
  LLL: [298.385172614, 322.851463455, 378.039191541, 354.348378382],
};

const places = [0, 53, 137, 239];

test("wavelet bands equal PyWavelets, level by level", () => {
  const volume = volumeOf([8, 6, 5]);
  const one = waveletImages(volume, [0, 1, 2], 1, 0);
  expect(one.map(({ band }) => band)).toEqual(["LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL"]);
  for (const { band, volume: found } of one) {
    for (const [k, at] of places.entries()) expect(found.data[at], band).toBeCloseTo(WAVELET[band]![k]!, 8);
  }
  const two = waveletImages(volume, [0, 1, 2], 2, 0);
  expect(two).toHaveLength(15);
  for (const { level, band, volume: found } of two.filter(({ level, band }) => level === 2 && band in SECOND)) {
    for (const [k, at] of places.entries())
      expect(found.data[at], `${level} ${band}`).toBeCloseTo(SECOND[band]![k]!, 8);
  }
  const skipped = waveletImages(volume, [0, 1, 2], 1, 1);
  expect(skipped.find(({ band }) => band === "LLL")).toMatchObject({ level: 1, volume: two[14]!.volume });
});

/** itk::LaplacianRecursiveGaussianImageFilter of ITK 5.2, normalised across scale, at every 37th voxel; float32 inside. */
const LOG: readonly (readonly [sigma: number, values: readonly number[]])[] = [
  [
    1,
    [
      22.6297359, -20.0692139, -32.5312424, 5.13789463, 8.5712986, -2.33638763, 11.9504471, 15.0943546, -13.8692074,
      22.3777332, -14.89464, -26.4214211, -28.5165482, 10.5936365,
    ],
  ],
  [
    2.5,
    [
      5.46559, -0.0265243053, -10.2692175, -3.69355822, -4.63173914, 10.1956377, 3.96963644, 3.74686217, 2.02900124,
      0.176549315, -4.84277439, -10.6870213, -4.5263381, 7.28164482,
    ],
  ],
];

test.each(LOG)("the Laplacian of Gaussian of sigma %f mm equals ITK's", (sigma, values) => {
  const found = laplacianOfGaussian(volumeOf([8, 9, 7], [1, 1.5, 2]), sigma, [0, 1, 2]);
  for (const [k, value] of values.entries()) {
    expect(Math.abs(found.data[37 * k]! - value)).toBeLessThan(5e-7 * 32);
  }
});

test("images are named as PyRadiomics names them, and features follow", () => {
  const imageTypes = { Original: {}, LoG: { sigma: [2, 1.5] }, Wavelet: { level: 2 } };
  const flat = radiomicsSettings({ force2D: true, imageTypes });
  const volume = volumeOf([9, 8, 1]);
  const names = [
    "original",
    "log-sigma-2-0-mm-2D",
    "log-sigma-1-5-mm-2D",
    ...["LH", "HL", "HH"].map((band) => `wavelet-${band}`),
    ...["LH", "HL", "HH", "LL"].map((band) => `wavelet2-${band}`),
  ];
  expect(imageNames(flat)).toEqual(names);
  expect([...filteredImages(volume, flat)].map(({ name }) => name)).toEqual(names);
  const found = extractRadiomics(volume, null, { force2D: true, imageTypes, featureClasses: ["firstorder"] });
  expect(Object.keys(found)).toHaveLength(18 * names.length);
  // Detail bands of a periodic image have mean 0.
  const even = extractRadiomics(volumeOf([8, 8, 1]), null, {
    force2D: true,
    imageTypes,
    featureClasses: ["firstorder"],
  });
  expect(even["wavelet-HL_firstorder_Mean"]).toBeCloseTo(0, 10);
  expect(even["wavelet2-LL_firstorder_Mean"]).toBeCloseTo(4 * even.original_firstorder_Mean!, 8);
});

test("images too small for a filter are refused with what to change", () => {
  const single = volumeOf([8, 8, 1]);
  expect(() => extractRadiomics(single, null, { imageTypes: { LoG: { sigma: [1] } } })).toThrow(/8 x 8 x 1.*force2D/);
  expect(() => extractRadiomics(single, null, { imageTypes: { Wavelet: {} } })).toThrow(/8 x 8 x 1.*force2D/);
});
