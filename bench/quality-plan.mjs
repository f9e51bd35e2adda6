// What `bench/quality.mjs` trains, and on which images.

/** Shares of HAM10000 held out so that 1,000, 300 and 100 of its 4,487 images are left to train on. */
const subset = (images) => ({ source: "ham10000", label: "dx", holdout: 1 - images / 4487 });

/** Collections by name: the folder that is copied, the class's column, and the share held out (null: the split it comes with). */
export const COLLECTIONS = {
  isic2017: { source: "isic2017", label: "diagnosis", holdout: null },
  sarcoma: { source: "sarcoma-mr", label: "label", holdout: 0.2 },
  ham10000: { source: "ham10000", label: "dx", holdout: 0.15 },
  "ham10000-1000": subset(1000),
  "ham10000-300": subset(300),
  "ham10000-100": subset(100),
};

const SMALL = ["--preset", "small", "--resolution", "64"];
/** FROZEN stands for the file that is given with --frozen. */
const FROZEN = ["--frozen", "FROZEN"];
const FROM_SKIN = [
  ...["--from", "skin-64", "--from-class", "nv=nevus", "--from-class", "mel=melanoma"],
  ...["--from-class", "bkl=seborrheic keratosis"],
];

/** Per-class counts that `generate` draws. */
const THREE = 200;
const TWO = 300;
const SEVEN = 100;

/**
 * Trainings by name. `before` runs with the build given with --before; `audit` looks for copies; `unseen` compares with the images that are
 * held out, where those trained on are too few.
 */
export const TRAININGS = {
  "isic-before": { on: "isic2017", before: true, options: [...SMALL, "--images", "30000"], perClass: THREE },
  "isic-scratch": { on: "isic2017", options: [...SMALL, "--images", "30000"], perClass: THREE },
  "isic-frozen": { on: "isic2017", options: [...SMALL, ...FROZEN, "--images", "30000"], perClass: THREE },
  "sarcoma-before": { on: "sarcoma", before: true, options: [...SMALL, "--images", "30000"], perClass: TWO },
  "sarcoma-scratch": { on: "sarcoma", options: [...SMALL, "--images", "30000"], perClass: TWO },
  "sarcoma-frozen": { on: "sarcoma", options: [...SMALL, ...FROZEN, "--images", "30000"], perClass: TWO },
  "ham-scratch": { on: "ham10000", options: [...SMALL, "--images", "24000"], perClass: SEVEN },
  "ham-from": { on: "ham10000", options: [...FROM_SKIN, "--images", "24000"], perClass: SEVEN },
  "ham-from-frozen": { on: "ham10000", options: [...FROM_SKIN, ...FROZEN, "--images", "24000"], perClass: SEVEN },
  ...Object.fromEntries(
    [1000, 300, 100].map((images) => [
      `ham${images}-from-frozen`,
      {
        ...{ on: `ham10000-${images}`, options: [...FROM_SKIN, ...FROZEN, "--images", "24000"] },
        ...{ perClass: SEVEN, audit: true, unseen: true },
      },
    ]),
  ),
  "isic-dermgan": {
    on: "isic2017",
    options: ["--model", "dermgan", "--map-kind", "mask", "--resolution", "64", "--minutes", "60"],
    perClass: THREE,
  },
};
