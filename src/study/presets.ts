/** The class of all images that are not of the class asked for. */
export const OTHER_CLASS = "other";

/** Figures of every preset. */
const METRICS = ["auc", "balancedAccuracy", "f1", "ece"];

/**
 * What a configuration that names a preset need not say; a key that it has takes the place of the preset's. Data and test
 * sets are always the user's.
 */
export const STUDY_PRESETS = {
  /** One generator, one ratio, all controls: minutes at 32 pixels. */
  quick: {
    generators: { r3gan: { from: "train", images: 20_000 } },
    arms: { synthetic: [{ generators: ["r3gan"], ratios: [1, "balance"], only: true }] },
    classifier: { kind: "network", epochs: 15, patience: 5, views: 4 },
    seeds: [0, 1, 2, 3, 4],
    metrics: METRICS,
    primary: "auc",
  },
  /**
   * The arms of Bissoto, Valle and Avila 2021 (arXiv 2104.10603): two generators from noise and two that fill masks, ratios, the
   * four ways to pick images (a generator from masks has no discriminator that ranks them alone), and real data reduced step by
   * step and filled up; ten trainings each. Every generator gives as many images at a ratio, which those of the paper did not.
   */
  bissoto: {
    generators: {
      stylegan2: { from: "train", model: "stylegan2", images: 400_000 },
      pggan: { from: "train", model: "pggan", images: 400_000 },
      spade: { from: "train", model: "spade", mapKind: "mask", images: 400_000 },
      pix2pixhd: { from: "train", model: "pix2pixhd", mapKind: "mask", images: 400_000 },
    },
    arms: {
      synthetic: [
        {
          generators: ["stylegan2", "pggan"],
          samplers: ["random", "best", "worst", "diverse"],
          ratios: [0.25, 0.5, 1, 2],
          only: true,
        },
        { generators: ["spade", "pix2pixhd"], samplers: ["random"], ratios: [0.25, 0.5, 1, 2], only: true },
      ],
      reduced: {
        generators: ["stylegan2", "pggan", "spade", "pix2pixhd"],
        samplers: ["random"],
        shares: [1 / 2, 1 / 4, 1 / 8, 1 / 16],
      },
    },
    classifier: { kind: "network", epochs: 60, patience: 10, views: 8 },
    seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    metrics: METRICS,
    primary: "auc",
  },
  /** The augmentation of rare classes of Ghorbani et al. 2019 (PMLR 116:155-170, section 5): minority classes by F1. */
  dermgan: {
    generators: { dermgan: { from: "train", model: "dermgan", images: 60_000 } },
    arms: {
      synthetic: [{ generators: ["dermgan"], ratios: [0.5, 1, "balance"], classes: ["minority"] }],
    },
    classifier: { kind: "network", epochs: 30, patience: 10, views: 4 },
    seeds: [0, 1, 2, 3, 4],
    metrics: METRICS,
    primary: "f1",
  },
} as const;

export type StudyPreset = keyof typeof STUDY_PRESETS;
