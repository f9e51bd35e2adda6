import { percentSignificant } from "../../core/percent.ts";
import { listed } from "../../core/quoted.ts";
import type { Match } from "../../likeness/match.ts";
import { clopperPearson } from "../../math/distributions.ts";
import type { AuditCopy, SplitLeak } from "../audit-file.ts";
import { type AuditKind, type MeasuredTest, withoutInterval } from "../measured.ts";
import type { AuditSets } from "../open-sets.ts";
import { structureDistance } from "./joint.ts";
import { isSure } from "./reference.ts";
import { type CopySearch, called, callOf, scoreLimit } from "./search-copies.ts";
import { MIN_CALIBRATION } from "./threshold.ts";

const share = (k: number, n: number) => ({ value: k / n, ...clopperPearson(k, n) });

/** The id of the search that decides: it looks at the pictures themselves. */
const BY_PIXELS = "copies.pixel";

const COPIES: AuditKind = {
  section: "Copies",
  // It has a threshold of its own, which bounds its false alarms.
  weighed: false,
  severity({ figures: { copies } }) {
    if (copies === null) return null;
    return (copies?.value ?? 0) > 0 ? "critical" : "none";
  },
  groupOf: () => "copies",
  strength: "copies",
  words({ figures, control, n }) {
    const share = percentSignificant(control?.share?.value ?? 0, 2);
    return {
      title: `${figures.copies?.value ?? 0} of ${n} synthetic images repeat a training image`,
      text: `Anyone who knows the person's picture recognises it. Remove these images (ganglion release does) and ask why they arose: too few training images, or too long a training. Held-out images look like this in ${share} of cases. What was not found may still be there: see the limits of each test.`,
    };
  },
  notMade({ id, reason }) {
    if (id !== BY_PIXELS) return null;
    return {
      title: "The copy test was not made",
      text: `Not made, since ${reason}. Only synthetic images that are copies by an absolute limit are named; others may repeat training images unseen. Give held-out images of other patients, without near duplicates of training images, ${MIN_CALIBRATION} or more.`,
      clause: `the copy test was not made, since ${reason}`,
    };
  },
};

const SPLIT: AuditKind = {
  section: "The split",
  weighed: false,
  severity: ({ figures: { leaks } }) => ((leaks?.value ?? 0) > 0 ? "warning" : "none"),
  groupOf: () => "split",
  strength: null,
  words({ figures, n }) {
    const leaks = figures.leaks?.value ?? 0;
    return {
      title: `The split leaks: ${leaks} of ${n} held-out images ${leaks === 1 ? "repeats a training image" : "repeat training images"}`,
      text: "Held-out images stand for pictures that the generator never saw. These it did see: they hide copies and weaken every attack. They are listed in audit.json; remove them from one of the sets, or split by patient, and audit again.",
    };
  },
};

/**
 * The test of one space: how many images are called copies, and how many held-out images would be. It is not made where the
 * held-out images give no threshold; copies that are sure without one are counted all the same.
 */
export function copyTest(search: CopySearch, falseAlarms: number): MeasuredTest {
  const { space, synthetic, holdout, threshold, reference } = search;
  const n = synthetic.score.length;
  const found = called(search, synthetic).length;
  const held = called(search, holdout).length;
  const made = threshold !== null;
  return {
    kind: COPIES,
    id: `copies.${space}`,
    title: space === "pixel" ? "Copies, by pixels" : `Copies, by features of ${space}`,
    scope: "all",
    n,
    figures:
      threshold === null
        ? { copies: found > 0 ? withoutInterval(found) : null, share: null }
        : { copies: withoutInterval(found), share: share(found, n), threshold: withoutInterval(scoreLimit(search)) },
    control: threshold === null ? null : { share: share(held, holdout.score.length) },
    made,
    ...(reference.reason === null ? {} : { reason: reference.reason }),
    p: threshold === null ? null : found > 0 ? Math.min(1, falseAlarms / found) : 1,
    strong: true,
    controlFails: false,
    needs:
      "The training image, or another image of the same body part to compare with: anyone who has it recognises the copy.",
    limits:
      space === "pixel"
        ? "Finds images that repeat one training image, also flipped, turned by any angle, cropped by up to 12 %, re-coloured, re-encoded, resampled or noised; images put together from large parts of training images; and mixtures. Strong blur and warps, small parts, and parts that were moved are missed."
        : "Finds images whose features are those of one training image; what the extractor does not see is missed. Rotated images are tried only in the position that fits best by pixels.",
  };
}

/** Every synthetic image that is called a copy, once: in the space where it lies deepest below the threshold. */
export function copiesOf({ train, synthetic }: AuditSets, searches: readonly CopySearch[]): AuditCopy[] {
  const best = new Map<number, { depth: number; copy: AuditCopy }>();
  for (const search of searches) {
    const { space, synthetic: scores } = search;
    for (let i = 0; i < scores.score.length; i++) {
      const call = callOf(search, scores, i);
      if (call === null) continue;
      const depth = call.value / call.limit;
      const known = best.get(i);
      if (known !== undefined && known.depth <= depth) continue;
      const copy = {
        synthetic: synthetic.dataset.samples[i]!.fileName,
        train: train.dataset.samples[call.target]!.fileName,
        space,
        transform: call.transform,
        distance: call.value,
        threshold: call.limit,
        by: call.by,
      };
      best.set(i, { depth, copy });
    }
  }
  return [...best.entries()].sort((a, b) => a[1].depth - b[1].depth || a[0] - b[0]).map(([, { copy }]) => copy);
}

/** Held-out images that repeat training images, nearest first. */
export function splitLeaksOf({ train, holdout }: AuditSets, search: CopySearch): SplitLeak[] {
  return search.reference.leaks
    .map((i) => ({ i, ...leakOf(search, i) }))
    .sort((a, b) => a.distance - b.distance || a.i - b.i)
    .map(({ i, target, distance }) => ({
      train: train.dataset.samples[target]!.fileName,
      holdout: holdout.dataset.samples[i]!.fileName,
      distance,
    }));
}

/** A training image that a held-out image repeats. */
interface Leak {
  readonly target: number;
  readonly distance: number;
  /** The match of local structure where only this tells; else null. */
  readonly match: Match | null;
}

/** The training image that a held-out image repeats: the nearest, or that of its local structure where only this tells. */
export function leakOf({ holdout, structure }: CopySearch, i: number): Leak {
  const distance = (holdout.distance ?? holdout.score)[i]!;
  const match = holdout.structure?.[i];
  if (match && structure?.leaks.includes(i) && !isSure(distance, holdout.score[i]!)) {
    return { target: match.target, distance: structureDistance(match.value), match };
  }
  return { target: holdout.target[i]!, distance, match: null };
}

/** The test of the split: held-out images that repeat training images hide copies and weaken every attack. */
export function splitTest({ holdout, reference }: CopySearch): MeasuredTest {
  const n = holdout.score.length;
  const found = reference.leaks.length;
  return {
    kind: SPLIT,
    id: "split.pixel",
    title: "Near duplicates between training and held-out images",
    scope: "all",
    n,
    figures: { leaks: withoutInterval(found), share: share(found, n) },
    control: null,
    p: null,
    strong: false,
    controlFails: false,
    needs: "Nothing: the two real sets are compared in the same way as the synthetic images.",
    limits: "Finds only what the search for copies finds by pixels.",
  };
}

/** Says which held-out images repeat training images. */
export function splitWarnings(leaks: readonly SplitLeak[]): string[] {
  if (leaks.length === 0) return [];
  const named = leaks.slice(0, 5).map(({ train, holdout }) => `${holdout} = ${train}`);
  const more = leaks.length > 5 ? ` and ${leaks.length - 5} more` : "";
  const these =
    leaks.length === 1 ? "1 held-out image looks like a copy" : `${leaks.length} held-out images look like copies`;
  return [
    `The split leaks: ${these} of training images (${listed(named)}${more}). They are excluded from the threshold; remove them from one of the sets and audit again, because they hide leaks.`,
  ];
}
