import type { Problem } from "../core/errors.ts";

/** Most classes a dataset may have: class indices are stored in 16 bits. */
const MAX_CLASSES = 65_535;

/** Distinct class names in order: by value where all are whole numbers, else by UTF-16 code unit. */
export function sortClasses(labels: readonly string[]): string[] {
  const names = [...new Set(labels)];
  const numeric = names.every((name) => /^-?(0|[1-9]\d{0,14})$/.test(name));
  return numeric ? names.sort((a, b) => Number(a) - Number(b)) : names.sort();
}

/** A set with more classes than can be stored is not labelled by class; the label column is another one. */
export function checkClasses(classes: readonly string[], path: string): Problem[] {
  if (classes.length <= MAX_CLASSES) return [];
  const message = `there are ${classes.length} classes, at most ${MAX_CLASSES} are possible; choose another label column`;
  return [{ code: "too-many-classes", path, message }];
}

const SPLIT_NAMES: Readonly<Record<string, string>> = {
  training: "train",
  trainval: "train",
  trn: "train",
  validation: "val",
  validate: "val",
  valid: "val",
  eval: "val",
  evaluation: "val",
  dev: "val",
  development: "val",
  testing: "test",
  tst: "test",
  "hold-out": "holdout",
  hold_out: "holdout",
  heldout: "holdout",
  "held-out": "holdout",
  held_out: "holdout",
};

/**
 * Split in lower case under one name: `validation`, `validate`, `valid`, `eval`, `evaluation`, `dev` and `development` are `val`, `training` is
 * `train`, `testing` is `test`, `hold-out` and `held-out` are `holdout`.
 */
export function normaliseSplit(name: string): string {
  const lower = name.trim().toLowerCase();
  return Object.hasOwn(SPLIT_NAMES, lower) ? SPLIT_NAMES[lower]! : lower;
}
