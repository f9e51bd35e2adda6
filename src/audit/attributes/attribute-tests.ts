import { percentFixed, percentSignificant } from "../../core/percent.ts";
import { Rng } from "../../core/rng.ts";
import { columnValue, type Dataset, SYNTHETIC } from "../../data/index.ts";
import { normalUpper } from "../../math/distributions.ts";
import { type Linear64, type Matrix, rowNorms2 } from "../../math/linear/linear64.ts";
import { deviation } from "../../math/mean.ts";
import { quantile } from "../../math/quantile.ts";
import { type AuditKind, type MeasuredTest, weighedSeverity } from "../measured.ts";
import type { AuditSet, AuditSets } from "../open-sets.ts";
import type { Space } from "../spaces.ts";

/** Nearest synthetic records that vote. */
const NEIGHBOURS = 5;
/** Most values of a column that is taken for an attribute. */
const MAX_VALUES = 12;
/** Fewest training and held-out records of a value for it to count. */
const MIN_OF_VALUE = 5;
const RESAMPLES = 300;
/** Gain over held-out records from which on the leak counts as large. */
const LARGE_GAIN = 0.1;

const NEEDS =
  "The synthetic set with the attribute's column, and the image of a person whose attribute is to be guessed.";
const LIMITS =
  "A vote of the 5 nearest synthetic records. What is guessed equally well for people who were not in the training set is general knowledge, not a leak; only the difference counts.";

const ID = "attribute.";

const ATTRIBUTE: AuditKind = {
  section: "Attribute inference",
  weighed: true,
  severity: weighedSeverity,
  groupOf: ({ id }) => id,
  strength: "gain",
  words({ id, figures, control }) {
    const share = (accuracy: MeasuredTest["figures"][string] | undefined) =>
      percentSignificant(accuracy?.value ?? 0, 2);
    return {
      title: `${id.slice(ID.length)} is guessed better for people in the training set: right in ${share(figures.accuracy)}, against ${share(control?.accuracy)} for others`,
      text: "The nearest synthetic records give away more about members than about anybody else. Publish the set without this column, or train with differential privacy.",
    };
  },
};

/** Columns of the training set that may be attributes: 2 to 12 values, neither file names nor patients nor splits. */
function attributeColumns({ columns, samples }: Dataset): string[] {
  const names = Object.keys(samples[0]?.attributes ?? {});
  const all = columns.label === undefined ? names : [columns.label, ...names];
  return all.filter((name) => {
    const values = new Set(samples.map((sample) => cellOf({ columns, samples } as Dataset, sample, name)));
    values.delete("");
    return values.size >= 2 && values.size <= MAX_VALUES && name !== SYNTHETIC;
  });
}

const cellOf = (dataset: Dataset, sample: Dataset["samples"][number], column: string): string =>
  (columnValue(dataset, sample, column) ?? "").trim();

/** The most frequent value among the nearest synthetic records of each query; the nearest decides a tie. */
async function guesses(
  synthetic: Matrix,
  values: readonly string[],
  queries: Matrix,
  linear: Linear64,
): Promise<string[]> {
  const k = Math.min(NEIGHBOURS, synthetic.rows);
  const near = new Float64Array(queries.rows * k).fill(Number.POSITIVE_INFINITY);
  const index = new Int32Array(queries.rows * k).fill(-1);
  const norms = rowNorms2(synthetic);
  await linear.innerProducts(synthetic, queries, (tile) => {
    for (let i = 0; i < tile.rows; i++) {
      const row = tile.rowStart + i;
      for (let j = 0; j < tile.columns; j++) {
        const query = tile.columnStart + j;
        const value = norms[row]! - 2 * tile.values[i * tile.stride + j]!;
        let place = query * k + k - 1;
        if (value >= near[place]!) continue;
        while (place > query * k && near[place - 1]! > value) {
          near[place] = near[place - 1]!;
          index[place] = index[place - 1]!;
          place--;
        }
        near[place] = value;
        index[place] = row;
      }
    }
  });
  return Array.from({ length: queries.rows }, (_, query) => {
    const votes = new Map<string, number>();
    let best = "";
    for (let place = query * k; place < (query + 1) * k; place++) {
      const value = values[index[place]!]!;
      votes.set(value, (votes.get(value) ?? 0) + 1);
    }
    for (const [value, count] of votes) if (best === "" || count > (votes.get(best) as number)) best = value;
    return best;
  });
}

/** Right and wrong guesses of one set, by value. */
interface Guessed {
  readonly truth: readonly string[];
  readonly right: Uint8Array;
  readonly groups: Int32Array;
}

function guessed({ dataset, groups }: AuditSet, column: string, guess: readonly string[]): Guessed {
  const truth = dataset.samples.map((sample) => cellOf(dataset, sample, column));
  return { truth, right: Uint8Array.from(truth, (value, i) => (value === guess[i] ? 1 : 0)), groups };
}

/** Mean over the values of the share guessed right, each record counted `weight` times. */
function balanced({ truth, right }: Guessed, values: readonly string[], weight: (i: number) => number): number {
  let sum = 0;
  for (const value of values) {
    let [hits, all] = [0, 0];
    for (let i = 0; i < truth.length; i++) {
      if (truth[i] !== value) continue;
      all += weight(i);
      hits += weight(i) * right[i]!;
    }
    sum += all > 0 ? hits / all : 0;
  }
  return sum / values.length;
}

/** Weights of a resample of whole patients. */
function resample(groups: Int32Array, rng: Rng): (i: number) => number {
  const names = [...new Set(groups)];
  const times = new Map<number, number>();
  for (let i = 0; i < names.length; i++) {
    const name = names[rng.integer(names.length)]!;
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return (i) => times.get(groups[i]!) ?? 0;
}

/**
 * Attribute inference: the value of a column is guessed for each training record from its nearest synthetic records, and
 * for each held-out record the same way (Stadler et al. 2022, arXiv 2011.07018, section 3.3, ask the same of a classifier).
 * Balanced accuracy over the values; the gain of training over held-out records is the leak.
 */
export async function attributeTests(
  { train, holdout, synthetic }: AuditSets,
  space: Space,
  linear: Linear64,
  seed: number,
): Promise<MeasuredTest[]> {
  const tests: MeasuredTest[] = [];
  for (const column of attributeColumns(train.dataset)) {
    const isLabel = column === train.dataset.columns.label;
    const drawn = isLabel ? (synthetic.dataset.columns.label ?? column) : column;
    const values = synthetic.dataset.samples.map((sample) => cellOf(synthetic.dataset, sample, drawn));
    const base = {
      kind: ATTRIBUTE,
      id: `${ID}${column}`,
      title: `Guessing ${column} of a training record`,
      scope: "all",
      needs: NEEDS,
      controlFails: false,
    };
    if (values.every((value) => value === "")) {
      const reason = `the synthetic set has no column ${column}, so it is not guessed from it directly`;
      const limits = `Not made: ${reason}.`;
      tests.push({ ...base, n: 0, figures: {}, control: null, p: null, strong: false, limits, reason });
      continue;
    }
    const heldColumn = isLabel ? (holdout.dataset.columns.label ?? column) : column;
    const own = guessed(train, column, await guesses(space.synthetic, values, space.train, linear));
    const held = guessed(holdout, heldColumn, await guesses(space.synthetic, values, space.holdout, linear));
    const count = (set: Guessed, value: string) => set.truth.reduce((sum, v) => sum + (v === value ? 1 : 0), 0);
    const counted = [...new Set(own.truth)]
      .filter((value) => value !== "" && Math.min(count(own, value), count(held, value)) >= MIN_OF_VALUE)
      .sort();
    if (counted.length < 2) {
      const reason = `fewer than two values of ${column} have ${MIN_OF_VALUE} records in both real sets`;
      const limits = `Not made: ${reason}.`;
      tests.push({ ...base, n: 0, figures: {}, control: null, p: null, strong: false, limits, reason });
      continue;
    }
    const rng = new Rng(seed, "attribute", column);
    const drawnOwn = new Float64Array(RESAMPLES);
    const drawnHeld = new Float64Array(RESAMPLES);
    const gains = new Float64Array(RESAMPLES);
    for (let r = 0; r < RESAMPLES; r++) {
      drawnOwn[r] = balanced(own, counted, resample(own.groups, rng));
      drawnHeld[r] = balanced(held, counted, resample(held.groups, rng));
      gains[r] = drawnOwn[r]! - drawnHeld[r]!;
    }
    const estimate = (value: number, list: Float64Array) => {
      const sorted = list.slice().sort();
      return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
    };
    const [right, base0] = [balanced(own, counted, () => 1), balanced(held, counted, () => 1)];
    const gain = estimate(right - base0, gains);
    const sd = deviation(gains);
    tests.push({
      ...base,
      n: train.store.count + holdout.store.count,
      figures: { accuracy: estimate(right, drawnOwn), gain },
      control: { accuracy: estimate(base0, drawnHeld) },
      p: sd > 0 ? normalUpper(gain.value / sd) : 1,
      strong: gain.low > LARGE_GAIN,
      limits: `${LIMITS} Balanced over ${counted.join(", ")}; guessing is right in ${percentFixed(1 / counted.length)}.`,
    });
  }
  return tests;
}
