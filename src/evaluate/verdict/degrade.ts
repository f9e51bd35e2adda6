import { type ImageSource, imagesInMemory, readAll } from "../../features/extractor.ts";
import { shiftedColours } from "./degradations/colours.ts";
import { coveredLesion } from "./degradations/cover-lesion.ts";
import { checkerboard, noise } from "./degradations/grain.ts";
import { jpeg } from "./degradations/jpeg.ts";
import { shuffledPatches } from "./degradations/patches.ts";
import type { PixelChange } from "./degradations/planes.ts";
import { blur, lowPass } from "./degradations/sharpness.ts";
import { meanImageAndNoise, smoothRandomFields } from "./degradations/without-content.ts";

/** One way to spoil images. */
interface Kind {
  readonly change: PixelChange;
  /** What the strength counts. */
  readonly unit: string;
  /** How images so spoilt are called in a sentence. @param strength as a text */
  readonly words: (strength: string) => string;
}

const kinds = {
  blur: { change: blur, unit: "standard deviation in pixels", words: (s) => `a blur of ${s} px` },
  "low-pass": {
    change: lowPass,
    unit: "times smaller and enlarged again",
    words: (s) => `images at 1/${s} of the resolution`,
  },
  noise: { change: noise, unit: "standard deviation in grey levels", words: (s) => `noise of ${s} grey levels` },
  JPEG: { change: jpeg, unit: "quality", words: (s) => `JPEG of quality ${s}` },
  checkerboard: { change: checkerboard, unit: "grey levels", words: (s) => `a checkerboard of ${s} grey levels` },
  "shifted colours": {
    change: shiftedColours,
    unit: "share of the colours, twice that of the contrast of grey images",
    words: (s) => `colours shifted by ${s}`,
  },
  "lesion painted over": {
    change: coveredLesion,
    unit: "radius in pixels where there is no mask",
    words: () => "lesions painted over with their surroundings",
  },
  "shuffled patches": {
    change: shuffledPatches,
    unit: "side of the patches in pixels",
    words: (s) => `patches of ${s} px shuffled`,
  },
  "mean image and noise": {
    change: meanImageAndNoise,
    unit: "standard deviations of the images",
    words: () => "the mean image with noise",
  },
  "smooth random fields": {
    change: smoothRandomFields,
    unit: "standard deviation of the kernel in pixels",
    words: () => "smooth random fields",
  },
} satisfies Readonly<Record<string, Kind>>;

export type DegradationName = keyof typeof kinds;

/** One way to spoil real images, and how much. */
export interface Degradation {
  readonly degradation: DegradationName;
  /** {@link strengthUnit} says what it counts. */
  readonly strength: number;
}

/**
 * What every evaluation does to real images of the given side, the pixels of each image alone. Strengths in pixels grow
 * with the side, so that the same share of an image is spoilt at every size.
 */
export const ladder = (side: number): readonly Degradation[] => [
  { degradation: "blur", strength: side / 64 },
  { degradation: "blur", strength: side / 32 },
  { degradation: "blur", strength: side / 16 },
  { degradation: "low-pass", strength: 2 },
  { degradation: "noise", strength: 20 },
  { degradation: "JPEG", strength: 20 },
  { degradation: "checkerboard", strength: 10 },
  { degradation: "shifted colours", strength: 0.1 },
  { degradation: "lesion painted over", strength: side / 4 },
  { degradation: "shuffled patches", strength: Math.max(1, Math.floor(side / 4)) },
  { degradation: "mean image and noise", strength: 1 },
  { degradation: "smooth random fields", strength: side / 8 },
];

/** Degradations that leave no image at all. */
export const WITHOUT_CONTENT: readonly DegradationName[] = ["mean image and noise", "smooth random fields"];

/** What is done to a set of images and not to each image; nothing is drawn anew for it. */
const setKinds = {
  "one class missing": { unit: "classes", words: () => "a set without one class" },
  "half of the modes missing": {
    unit: "share of the images",
    words: () => "a set without half of the kinds of images",
  },
  "half of the thumbnails missing": {
    unit: "share of the images",
    words: () => "a set without half of the kinds of images, by their small copies",
  },
  "swapped classes": { unit: "share of the images", words: () => "classes swapped" },
} satisfies Readonly<Record<string, Omit<Kind, "change">>>;

type SetDegradationName = keyof typeof setKinds;

/** A step of the self-test: images or a set of them spoilt. */
export interface Step {
  readonly degradation: DegradationName | SetDegradationName;
  readonly strength: number;
}

const all: Readonly<Record<Step["degradation"], Omit<Kind, "change">>> = { ...kinds, ...setKinds };

/** Names of all steps. */
export const DEGRADATIONS = Object.keys(all) as Step["degradation"][];

/** What the strength of a degradation counts. */
export const strengthUnit = (degradation: Step["degradation"]): string => all[degradation].unit;

/** What is so spoilt, in the words of a sentence, e.g. "a blur of 2 px". */
export const degradationWords = ({ degradation, strength }: Step): string =>
  all[degradation].words(String(Number(strength.toPrecision(2))));

/**
 * Spoils images, the same for the same seed. Kinds that go by several images (mean image and noise, smooth random fields)
 * take their colours from all images of the source.
 * @param regions uint8 `[n, S, S]`, not zero where the lesion is. Defaults to no masks.
 */
export async function degrade(
  source: ImageSource,
  { degradation, strength }: Degradation,
  seed: number,
  regions: Uint8Array | null = null,
): Promise<ImageSource> {
  const { resolution: side, channels, count } = source;
  const images = { bytes: readAll(source), count, channels, side, regions };
  return imagesInMemory(await kinds[degradation].change(images, strength, seed), side, channels);
}
