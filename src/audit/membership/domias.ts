import type { MembershipAttack } from "./attack.ts";
import { logDensity, whiten } from "./density.ts";

/**
 * DOMIAS (van Breugel et al. 2023, arXiv 2302.12580, section 4): log density of the synthetic images less that of the
 * reference images, both Gaussian kernel densities in the whitened leading principal components of the synthetic set.
 */
export const domias: MembershipAttack = {
  name: "domias",
  title: "Membership by density ratio (DOMIAS)",
  limits:
    "Densities are kernel estimates in at most 12 principal components, and miss what those do not show; better density models may do better.",
  async prepare(space, held, { linear, seed }) {
    const whitening = await whiten(space.synthetic, linear, seed);
    const white = {
      synthetic: whitening.apply(held.synthetic),
      0: whitening.apply(held[0]),
      1: whitening.apply(held[1]),
    };
    const queries = { train: whitening.apply(space.train), holdout: whitening.apply(space.holdout) };
    return (against, of) => logDensity(white[against], queries[of], linear);
  },
};
