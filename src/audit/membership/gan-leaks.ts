import { nearest } from "../spaces.ts";
import type { MembershipAttack } from "./attack.ts";

/**
 * GAN-Leaks with calibration (Chen et al. 2020, arXiv 1909.03935, sections 4.2 and 4.4): distance to the nearest
 * reference image less the distance to the nearest synthetic image; real reference images stand for a reference model's.
 */
export const ganLeaks: MembershipAttack = {
  name: "gan-leaks",
  title: "Membership by nearest synthetic image (GAN-Leaks, calibrated)",
  limits:
    "Uses one distance per image; an attacker who knows the model or its training may do better. A success with a held-out set from another source may distinguish sources, not members.",
  async prepare(space, held, { linear }) {
    const alone = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
    return async (against, of) => {
      const targets = held[against];
      const found = await nearest(targets, space[of], linear, alone(targets.rows));
      return found.distance.map((distance) => -distance);
    };
  },
};
