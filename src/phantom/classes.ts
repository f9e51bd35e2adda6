import type { Rng } from "../core/rng.ts";

/**
 * The seven classes of the phantom. They are drawn after the dermoscopic criteria of the seven diagnoses of HAM10000
 * (Tschandl 2018), but they are drawings: a phantom `melanoma` has no medical meaning.
 */
export const PHANTOM_CLASSES = [
  "nevus",
  "melanoma",
  "keratosis",
  "basal-cell",
  "actinic",
  "vascular",
  "fibroma",
] as const;

export type PhantomClass = (typeof PHANTOM_CLASSES)[number];

/** Share of each class; nevus to fibroma is 40:1, the imbalance that the phantom promises. */
export const PHANTOM_SHARES: Readonly<Record<PhantomClass, number>> = {
  nevus: 0.6,
  melanoma: 0.13,
  keratosis: 0.12,
  "basal-cell": 0.07,
  actinic: 0.045,
  vascular: 0.02,
  fibroma: 0.015,
};

/** What is drawn, in units of half the image side for lengths, 0..1 for strengths, counts for marks. */
export interface LesionTraits {
  radius: number;
  /** Long axis over short axis, >= 1. */
  aspect: number;
  /** Relative height of the border's waves. */
  borderWaves: number;
  /** Width of the border ramp relative to the radius. */
  edgeWidth: number;
  /** One-sidedness of shape and pigment. */
  asymmetry: number;
  /** Absorbance of brown pigment. */
  melanin: number;
  /** Extra pigment towards the centre, negative for a pale centre. */
  core: number;
  /** Unevenness of the pigment. */
  variegation: number;
  /** Dark eccentric patches. */
  blotches: number;
  /** Blue-grey veil. */
  veil: number;
  /** Absorbance of blood. */
  redness: number;
  /** Waxy tan cover. */
  keratin: number;
  network: number;
  /** Cells of the network across the image. */
  networkCells: number;
  /** Irregularity of the network's cells. */
  networkJitter: number;
  /** Round brown dots. */
  globules: number;
  /** Radial streaks at the border. */
  streaks: number;
  /** White-yellow dots. */
  milia: number;
  /** Dark plugs. */
  comedones: number;
  /** Brain-like ridges. */
  ridges: number;
  /** Branching vessels. */
  vessels: number;
  /** Blue-grey ovoid nests. */
  nests: number;
  /** Red to purple lagoons. */
  lacunae: number;
  /** Hue of the lagoons: 0 red, 1 blue-black. */
  lacunaHue: number;
  /** White scar-like centre. */
  scar: number;
  /** White flakes. */
  scale: number;
}

const PLAIN: LesionTraits = {
  radius: 0.4,
  aspect: 1.1,
  borderWaves: 0.05,
  edgeWidth: 0.15,
  asymmetry: 0.1,
  melanin: 0,
  core: 0,
  variegation: 0.2,
  blotches: 0,
  veil: 0,
  redness: 0,
  keratin: 0,
  network: 0,
  networkCells: 18,
  networkJitter: 0.5,
  globules: 0,
  streaks: 0,
  milia: 0,
  comedones: 0,
  ridges: 0,
  vessels: 0,
  nests: 0,
  lacunae: 0,
  lacunaHue: 0,
  scar: 0,
  scale: 0,
};

type Draw = (rng: Rng) => Partial<LesionTraits>;

/** One row a class. Ranges of neighbours overlap on purpose: an atypical nevus looks like an early melanoma. */
const DRAWS: Readonly<Record<PhantomClass, Draw>> = {
  nevus: (rng) => {
    const atypia = rng.uniform() ** 2;
    const globular = rng.uniform() < 0.3;
    return {
      radius: rng.between(0.26, 0.5) + 0.16 * atypia,
      aspect: rng.between(1, 1.35),
      borderWaves: 0.03 + 0.13 * atypia,
      edgeWidth: rng.between(0.1, 0.32),
      asymmetry: 0.05 + 0.5 * atypia,
      melanin: rng.between(0.35, 1) + 0.35 * atypia,
      core: rng.between(0, 0.7),
      variegation: 0.1 + 0.4 * atypia,
      blotches: atypia > 0.5 ? 1 : 0,
      veil: rng.uniform() < 0.08 ? rng.between(0.1, 0.35) : 0,
      redness: rng.between(0, 0.3),
      network: globular ? 0.1 : rng.between(0.2, 0.8),
      networkCells: rng.between(15, 24),
      networkJitter: 0.6 + 0.35 * atypia,
      globules: globular ? rng.between(12, 40) : rng.between(0, 4),
      streaks: 0.25 * atypia * rng.uniform(),
    };
  },
  melanoma: (rng) => {
    const severity = rng.between(0.1, 1);
    return {
      radius: rng.between(0.34, 0.55) + 0.18 * severity,
      aspect: rng.between(1.05, 1.55),
      borderWaves: 0.07 + 0.17 * severity,
      edgeWidth: rng.between(0.06, 0.22),
      asymmetry: rng.between(0.3, 0.6) + 0.4 * severity,
      melanin: rng.between(0.7, 1.2) + 0.5 * severity,
      core: rng.between(-0.3, 0.4),
      variegation: 0.25 + 0.6 * severity,
      blotches: 1 + rng.integer(1 + Math.round(3 * severity)),
      veil: rng.uniform() < 0.25 + 0.55 * severity ? rng.between(0.25, 0.85) : 0,
      redness: rng.between(0, 0.5) * severity,
      network: rng.between(0.2, 0.7),
      networkCells: rng.between(12, 19),
      networkJitter: rng.between(0.75, 1),
      globules: rng.between(0, 14),
      streaks: rng.uniform() < 0.6 ? rng.between(0.2, 0.9) * severity : 0,
    };
  },
  keratosis: (rng) => {
    const melanin = rng.between(0.2, 0.9);
    return {
      radius: rng.between(0.32, 0.68),
      aspect: rng.between(1, 1.5),
      borderWaves: rng.between(0.04, 0.14),
      edgeWidth: rng.between(0.03, 0.1),
      asymmetry: rng.between(0.05, 0.5),
      melanin,
      variegation: rng.between(0.2, 0.5),
      redness: rng.between(0, 0.15),
      keratin: rng.between(0.3, 0.75),
      milia: rng.between(4, 20),
      comedones: rng.between(2, 14),
      ridges: rng.between(0.2, 0.9),
      networkCells: rng.between(8, 13),
    };
  },
  "basal-cell": (rng) => ({
    radius: rng.between(0.3, 0.62),
    aspect: rng.between(1, 1.5),
    borderWaves: rng.between(0.06, 0.18),
    edgeWidth: rng.between(0.15, 0.4),
    asymmetry: rng.between(0.2, 0.7),
    melanin: rng.between(0, 0.22),
    variegation: rng.between(0.2, 0.5),
    redness: rng.between(0.25, 0.6),
    scar: rng.uniform() < 0.3 ? rng.between(0.1, 0.35) : 0,
    vessels: 2 + rng.integer(6),
    nests: 2 + rng.integer(9),
    blotches: rng.uniform() < 0.25 ? 1 : 0,
    veil: rng.between(0, 0.25),
  }),
  actinic: (rng) => ({
    radius: rng.between(0.38, 0.75),
    aspect: rng.between(1, 1.6),
    borderWaves: rng.between(0.1, 0.24),
    edgeWidth: rng.between(0.4, 0.8),
    asymmetry: rng.between(0.1, 0.6),
    melanin: rng.between(0.05, 0.45),
    variegation: rng.between(0.4, 0.9),
    redness: rng.between(0.35, 0.85),
    network: rng.between(0, 0.25),
    networkCells: rng.between(9, 14),
    networkJitter: rng.between(0.5, 0.9),
    milia: rng.between(0, 8),
    scale: rng.between(0.25, 0.85),
  }),
  vascular: (rng) => ({
    radius: rng.between(0.18, 0.5),
    aspect: rng.between(1, 1.35),
    borderWaves: rng.between(0.03, 0.13),
    edgeWidth: rng.between(0.05, 0.18),
    asymmetry: rng.between(0, 0.4),
    redness: rng.between(0.6, 1.3),
    variegation: rng.between(0.1, 0.3),
    lacunae: 5 + rng.integer(18),
    lacunaHue: rng.uniform() ** 1.5,
    veil: rng.uniform() < 0.3 ? rng.between(0.1, 0.35) : 0,
  }),
  fibroma: (rng) => ({
    radius: rng.between(0.3, 0.58),
    aspect: rng.between(1, 1.25),
    borderWaves: rng.between(0.02, 0.08),
    edgeWidth: rng.between(0.3, 0.6),
    asymmetry: rng.between(0, 0.25),
    melanin: rng.between(0.3, 0.75),
    core: rng.between(-0.6, -0.2),
    variegation: rng.between(0.05, 0.25),
    redness: rng.between(0.05, 0.35),
    network: rng.between(0.2, 0.5),
    networkCells: rng.between(17, 25),
    networkJitter: rng.between(0.55, 0.8),
    scar: rng.between(0.45, 0.95),
  }),
};

/** Draws the traits of one lesion of a class. */
export function drawTraits(label: PhantomClass, rng: Rng): LesionTraits {
  return { ...PLAIN, ...DRAWS[label](rng) };
}
