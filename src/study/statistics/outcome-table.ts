import { type Problem, throwIfProblems } from "../../core/errors.ts";
import { patientsPerClass, type TestSet } from "./test-set.ts";

/** What one classifier said of one test set: an arm of the study, trained once. */
export interface Trial {
  readonly arm: string;
  /** Seed of the whole chain of the trial; the same seed of another arm is its pair. */
  readonly seed: number;
  readonly testSet: string;
  /** Probabilities, row-major [images, classes] of the test set. */
  readonly scores: Float32Array;
}

/** The outcome of a study: every trial on its test set. */
export interface OutcomeTable {
  readonly testSets: readonly TestSet[];
  readonly trials: readonly Trial[];
}

/** Fewer patients of a class than this, and resampling patients says nothing. */
const MIN_PATIENTS = 2;
/** Rows of probabilities add up to 1 within this. */
const SUM_TOLERANCE = 1e-3;

function testSetProblems(set: TestSet): Problem[] {
  const problems: Problem[] = [];
  const path = `test set ${set.name}`;
  const say = (code: string, message: string) => problems.push({ code, path, message });
  const { classes, labels, patients } = set;
  if (patients.length !== labels.length) {
    say("patients", `has ${labels.length} labels and ${patients.length} patients; give each image one`);
  }
  const strange = labels.find((label) => !(label >= 0 && label < classes.length));
  if (strange !== undefined) say("label", `has a label ${strange}; labels are 0 to ${classes.length - 1}`);
  const numbers = new Set(patients);
  const gap = [...numbers].find((patient) => patient < 0 || patient >= numbers.size);
  if (gap !== undefined)
    say("patients", `numbers ${numbers.size} patients up to ${gap}; number them from 0 without gaps`);
  const counts = patientsPerClass(set);
  if (counts.filter((count) => count > 0).length < 2) {
    say("classes", `has images of ${counts.filter((count) => count > 0).length} class; a test needs two`);
  }
  classes.forEach((name, c) => {
    if (counts[c]! > 0 && counts[c]! < MIN_PATIENTS) {
      say("few-patients", `has ${counts[c]} patient of ${name}; intervals need ${MIN_PATIENTS}: leave the class out`);
    }
  });
  return problems;
}

function scoreProblem({ scores }: Trial, { classes, labels }: TestSet): string | null {
  const K = classes.length;
  if (scores.length !== labels.length * K) {
    return `has ${scores.length} scores; ${labels.length} images of ${K} classes need ${labels.length * K}`;
  }
  for (let i = 0; i < labels.length; i++) {
    let sum = 0;
    for (let c = 0; c < K; c++) {
      const score = scores[i * K + c]!;
      if (!(score >= 0 && score <= 1)) return `has the score ${score} at image ${i}; probabilities lie in [0, 1]`;
      sum += score;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE)
      return `has scores at image ${i} that add up to ${sum}; probabilities add up to 1`;
  }
  return null;
}

/**
 * Checks the outcome of a study before anything is computed from it.
 * @throws GanglionError `run` that lists every test set and trial that does not fit
 */
export function checkOutcomes({ testSets, trials }: OutcomeTable): void {
  const problems = testSets.flatMap(testSetProblems);
  const sets = new Map<string, TestSet>();
  for (const set of testSets) {
    if (sets.has(set.name)) {
      problems.push({ code: "test-set", path: `test set ${set.name}`, message: "is there twice; rename one" });
    }
    sets.set(set.name, set);
  }
  const seen = new Set<string>();
  for (const trial of trials) {
    const { arm, seed, testSet } = trial;
    const path = `arm ${arm}, seed ${seed}, test set ${testSet}`;
    const key = JSON.stringify([arm, seed, testSet]);
    if (seen.has(key)) problems.push({ code: "trial", path, message: "is there twice; keep one" });
    seen.add(key);
    const set = sets.get(testSet);
    const message = set === undefined ? "names a test set that the study lacks" : scoreProblem(trial, set);
    if (message !== null) problems.push({ code: set === undefined ? "test-set" : "scores", path, message });
  }
  throwIfProblems("run", "the outcome of the study does not fit together", problems);
}
