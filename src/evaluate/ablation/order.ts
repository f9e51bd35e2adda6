/** A value with its interval, and what the paper reports in its place. */
export interface Ordered {
  readonly title: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly paper: number;
}

/** Pairs of variants by whether they stand in the paper's order, and whether their intervals lie apart. */
export interface OrderFinding {
  readonly pairs: number;
  /** Pairs that stand in the paper's order. */
  readonly agreeing: number;
  /** Pairs in the paper's order whose intervals lie apart. */
  readonly agreeingApart: number;
  /** Pairs in the other order whose intervals lie apart. */
  readonly opposedApart: number;
}

/** Compares the order of every pair with the paper's. */
export function compareOrder(rows: readonly Ordered[]): OrderFinding {
  const finding = { pairs: 0, agreeing: 0, agreeingApart: 0, opposedApart: 0 };
  rows.forEach((a, i) => {
    for (const b of rows.slice(i + 1)) {
      const same = Math.sign(a.value - b.value) === Math.sign(a.paper - b.paper);
      const apart = a.high < b.low || b.high < a.low;
      finding.pairs++;
      if (same) finding.agreeing++;
      if (apart && same) finding.agreeingApart++;
      if (apart && !same) finding.opposedApart++;
    }
  });
  return finding;
}

const listed = (rows: readonly Ordered[], by: (row: Ordered) => number): string =>
  [...rows]
    .sort((a, b) => by(a) - by(b))
    .map(({ title }) => title)
    .join(" < ");

/** One sentence on whether the order agrees with the paper's, as found. */
export function orderSentence(rows: readonly Ordered[]): string {
  const { pairs, agreeing, agreeingApart, opposedApart } = compareOrder(rows);
  const verdict =
    agreeing === pairs ? "agrees with" : agreeing === 0 ? "is the reverse of" : "agrees only in part with";
  return (
    `By FID the order found is ${listed(rows, ({ value }) => value)}, which ${verdict} the paper's ` +
    `(${listed(rows, ({ paper }) => paper)}): ${agreeing} of ${pairs} pairs stand as in the paper, ` +
    `${agreeingApart} of them with intervals apart; ${opposedApart} stand the other way with intervals apart.`
  );
}
