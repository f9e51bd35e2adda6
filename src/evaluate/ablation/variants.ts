/** Variants of the ablation of DermGAN (Ghorbani et al. 2019, PMLR 116:155-170, table 1). */
export interface Variant {
  /** Folder name, and key in `ablation.json`. */
  readonly name: string;
  /** Name for people. */
  readonly title: string;
  /** Settings that differ from the whole model, by the names of `train --set`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** FID that the paper reports. */
  readonly paperFid: number;
}

/** The whole model, then the model without one of its parts. */
export const VARIANTS: readonly Variant[] = [
  { name: "full", title: "whole model", settings: {}, paperFid: 122.4 },
  {
    name: "no-resize-conv",
    title: "without resize-convolution",
    settings: { "networks.resizeConv": false },
    paperFid: 151.6,
  },
  { name: "no-box-l1", title: "without L1 inside the boxes", settings: { boxL1Weight: 0 }, paperFid: 174.0 },
  {
    name: "no-feature-matching",
    title: "without feature matching",
    settings: { featureMatchingWeight: 0 },
    paperFid: 140.7,
  },
];

/** FID between real images in the paper. */
export const PAPER_REAL_FID = 83.6;
