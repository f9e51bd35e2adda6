import { listed } from "../../core/quoted.ts";
import { TRANSFORMS } from "../../evaluate/privacy/pixel-vectors.ts";
import type { AuditCopy } from "../audit-file.ts";
import type { MeasuredTest } from "../measured.ts";
import type { AuditSets } from "../open-sets.ts";
import { clopperPearson } from "../statistics/special.ts";
import { type CopySearch, called } from "./search-copies.ts";

const share = (k: number, n: number) => ({ value: k / n, ...clopperPearson(k, n) });

/** The test of one space: how many images are called copies, and how many held-out images would be. */
export function copyTest(search: CopySearch, falseAlarms: number): MeasuredTest {
  const { space, synthetic, holdout, threshold } = search;
  const n = synthetic.score.length;
  const found = called(synthetic, threshold).length;
  const held = called(holdout, threshold).length;
  const exactly = (value: number) => ({ value, low: value, high: value });
  return {
    id: `copies.${space}`,
    title: space === "pixel" ? "Copies, by pixels" : `Copies, by features of ${space}`,
    scope: "all",
    n,
    figures:
      threshold === null
        ? { copies: null, share: null }
        : { copies: exactly(found), share: share(found, n), threshold: exactly(threshold.value) },
    control: threshold === null ? null : { share: share(held, holdout.score.length) },
    p: threshold === null ? null : found > 0 ? Math.min(1, falseAlarms / found) : 1,
    strong: true,
    controlFails: false,
    needs: "The training image, or a picture of the same body part to compare with: whoever has it, recognises it.",
    limits:
      space === "pixel"
        ? "Finds images that repeat one training image as a whole, also flipped, turned by 90°, cropped by up to 12 %, re-coloured, re-encoded or noised. Other angles, strong warps, and parts of images put together are missed."
        : "Finds images whose features are those of one training image; what the extractor does not see is missed. Turned images are tried in the position that fits best by pixels only.",
  };
}

/** Every synthetic image that is called a copy, once: in the space where it lies deepest below the threshold. */
export function copiesOf({ train, synthetic }: AuditSets, searches: readonly CopySearch[]): AuditCopy[] {
  const best = new Map<number, { depth: number; copy: AuditCopy }>();
  for (const { space, synthetic: scores, threshold } of searches) {
    if (threshold === null) continue;
    for (const i of called(scores, threshold)) {
      const depth = scores.score[i] / threshold.value;
      const known = best.get(i);
      if (known !== undefined && known.depth <= depth) continue;
      const copy = {
        synthetic: synthetic.dataset.samples[i].fileName,
        train: train.dataset.samples[scores.target[i]].fileName,
        space,
        transform: TRANSFORMS[scores.transform[i]],
        distance: scores.score[i],
        threshold: threshold.value,
      };
      best.set(i, { depth, copy });
    }
  }
  return [...best.entries()].sort((a, b) => a[1].depth - b[1].depth || a[0] - b[0]).map(([, { copy }]) => copy);
}

/** Held-out images that are copies of training images: then the split itself leaks. */
export function splitWarnings({ train, holdout }: AuditSets, { holdout: scores, threshold }: CopySearch): string[] {
  const found = called(scores, threshold).sort((a, b) => scores.score[a] - scores.score[b]);
  if (found.length === 0) return [];
  const named = found
    .slice(0, 5)
    .map((i) => `${holdout.dataset.samples[i].fileName} = ${train.dataset.samples[scores.target[i]].fileName}`);
  const more = found.length > 5 ? ` and ${found.length - 5} more` : "";
  return [
    `${found.length} held-out images look like copies of training images (${listed(named)}${more}): remove them from one of the sets, since they hide leaks.`,
  ];
}
