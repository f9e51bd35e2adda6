/** Skin tones, body sites and cameras of the phantom. */

export type Rgb = readonly [number, number, number];

/** Fitzpatrick types I to VI with a typical sRGB colour under a dermatoscope's light and their share of patients. */
export const SKIN_TONES: readonly { readonly name: string; readonly colour: Rgb; readonly share: number }[] = [
  { name: "I", colour: [238, 200, 186], share: 0.17 },
  { name: "II", colour: [226, 180, 158], share: 0.28 },
  { name: "III", colour: [208, 157, 131], share: 0.24 },
  { name: "IV", colour: [178, 126, 98], share: 0.16 },
  { name: "V", colour: [134, 90, 68], share: 0.1 },
  { name: "VI", colour: [94, 62, 49], share: 0.05 },
];

/** Body sites with their share and how often hair lies over a lesion there. */
export const BODY_SITES: readonly { readonly name: string; readonly share: number; readonly hair: number }[] = [
  { name: "trunk", share: 0.34, hair: 0.3 },
  { name: "back", share: 0.22, hair: 0.2 },
  { name: "lower extremity", share: 0.2, hair: 0.45 },
  { name: "upper extremity", share: 0.12, hair: 0.35 },
  { name: "face", share: 0.07, hair: 0.1 },
  { name: "scalp", share: 0.05, hair: 0.7 },
];

/** The device of one source clinic: what it does to colours and light. */
export interface Camera {
  readonly name: string;
  readonly share: number;
  /** White balance, a factor per channel. */
  readonly gains: Rgb;
  /** Darkening of the corners, 0..1. */
  readonly vignette: number;
  /** Exponent on the 0..1 signal. */
  readonly gamma: number;
  /** Standard deviation of the sensor noise in grey levels of 255. */
  readonly noise: number;
}

export const CAMERAS: readonly Camera[] = [
  { name: "clinic-a", share: 0.45, gains: [1, 1, 1], vignette: 0.06, gamma: 1, noise: 1.5 },
  { name: "clinic-b", share: 0.3, gains: [1.03, 0.96, 1.01], vignette: 0.16, gamma: 1.06, noise: 2.5 },
  { name: "clinic-c", share: 0.15, gains: [0.97, 1.0, 1.06], vignette: 0.1, gamma: 0.95, noise: 2 },
  { name: "clinic-d", share: 0.1, gains: [1.03, 1.0, 0.9], vignette: 0.3, gamma: 1.02, noise: 3.5 },
];
