import { invariant } from "../../core/errors.ts";
import type { Rng } from "../../core/rng.ts";
import type { TestSet } from "./test-set.ts";

/** Draws without an image of each class that are thrown away in a row before the test set is given up. */
const MAX_REDRAWS = 10_000;

/**
 * Draws as many patients as there are, with replacement, until every class of the test set has an image among theirs, and
 * writes how often each image counts: a patient comes with all images.
 * @param weights One number an image; overwritten.
 */
export function drawPatients(set: TestSet, rng: Rng, weights: Float64Array): void {
  const { labels, patients, classes } = set;
  const count = patients.reduce((most, patient) => Math.max(most, patient + 1), 0);
  const drawn = new Float64Array(count);
  const wanted = new Set(labels).size;
  for (let attempt = 0; attempt < MAX_REDRAWS; attempt++) {
    drawn.fill(0);
    for (let i = 0; i < count; i++) drawn[rng.integer(count)]!++;
    const present = new Uint8Array(classes.length);
    let found = 0;
    for (let i = 0; i < labels.length; i++) {
      weights[i] = drawn[patients[i]!]!;
      if (weights[i]! > 0 && present[labels[i]!] === 0) {
        present[labels[i]!] = 1;
        found++;
      }
    }
    if (found === wanted) return;
  }
  invariant(false, `no draw of patients of ${set.name} has every class`);
}
