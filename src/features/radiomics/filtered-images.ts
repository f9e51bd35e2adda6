import { laplacianOfGaussian } from "./laplacian-of-gaussian.ts";
import { type RadiomicsSettings, radiomicsError } from "./settings.ts";
import type { Volume } from "./volume.ts";
import { waveletBands, waveletImages } from "./wavelet.ts";

/** Axes that are filtered: with `force2D` those within the slices. */
const filteredAxes = ({ force2D, force2Ddimension }: RadiomicsSettings): number[] =>
  [0, 1, 2].filter((axis) => !force2D || axis !== 2 - force2Ddimension);

/** `log-sigma-1-5-mm-3D`; whole numbers keep a digit, `2-0`. */
function scaleName(sigma: number, axes: number): string {
  const text = Number.isInteger(sigma) ? sigma.toFixed(1) : String(sigma);
  return `log-sigma-${text.replace(".", "-")}-mm-${axes}D`;
}

const bandName = (level: number, band: string): string => `wavelet${level === 1 ? "" : level}-${band}`;

/** Names of the images that the settings ask for, in the order of {@link filteredImages}. */
export function imageNames(settings: RadiomicsSettings): string[] {
  const { Original, LoG, Wavelet } = settings.imageTypes;
  const axes = filteredAxes(settings).length;
  const names = Original === undefined ? [] : ["original"];
  for (const sigma of LoG?.sigma ?? []) names.push(scaleName(sigma, axes));
  if (Wavelet !== undefined) {
    const { level = 1 } = Wavelet;
    const bands = waveletBands(axes);
    for (let step = 1; step <= level; step++) {
      for (const band of step === level ? bands : bands.slice(0, -1)) names.push(bandName(step, band));
    }
  }
  return names;
}

/** Fewest voxels along an axis for the recursive filters. */
const MIN_LINE = 4;

/**
 * The images that the settings ask for, one at a time, of the size of the image.
 * @throws GanglionError `dataset` when the image is too small for a filter
 */
export function* filteredImages(
  volume: Volume,
  settings: RadiomicsSettings,
): Generator<{ readonly name: string; readonly volume: Volume }> {
  const { Original, LoG, Wavelet } = settings.imageTypes;
  const axes = filteredAxes(settings);
  if (Original !== undefined) yield { name: "original", volume };
  for (const sigma of LoG?.sigma ?? []) {
    if (axes.some((axis) => volume.size[axis]! < MIN_LINE)) {
      throw radiomicsError(
        `LoG: the image is ${volume.size.join(" x ")} voxels, ${MIN_LINE} are needed along each axis; set force2D for a single slice`,
      );
    }
    yield { name: scaleName(sigma, axes.length), volume: laplacianOfGaussian(volume, sigma, axes) };
  }
  if (Wavelet !== undefined) {
    const { level = 1, start_level = 0 } = Wavelet;
    for (const found of waveletImages(volume, axes, level, start_level)) {
      yield { name: bandName(found.level, found.band), volume: found.volume };
    }
  }
}
