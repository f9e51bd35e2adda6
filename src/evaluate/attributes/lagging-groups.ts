import type { MetricsFile } from "../metrics-file.ts";

/** A group of real images with the share of them that synthetic images cover. */
export interface CoveredGroup {
  /** Column of the real dataset. */
  readonly column: string;
  readonly value: string;
  /** Images on each side. */
  readonly n: number;
  readonly coverage: { readonly value: number; readonly low: number; readonly high: number };
  readonly floor: number;
  /** Coverage divided by its floor. */
  readonly ratio: number;
  /** True where the whole interval of the ratio lies below that of all images. */
  readonly lags: boolean;
}

/** Groups by one extractor, worst covered first, each against its own floor; those without a value are left out. */
export function coveredGroups(
  { features, protocol }: Pick<MetricsFile, "features" | "protocol">,
  extractor: string,
): CoveredGroup[] {
  const { overall, perAttribute } = features[extractor];
  const least = overall.coverage === null ? null : overall.coverage.low / (overall.coverage.floor || 1);
  const found = Object.entries(perAttribute).flatMap(([column, groups]) =>
    Object.entries(groups).flatMap(([value, { coverage }]): CoveredGroup[] => {
      if (coverage === null || !coverage.floor) return [];
      const { floor } = coverage;
      const { n } = protocol.perAttribute[column].values[value];
      const lags = least !== null && coverage.high / floor < least;
      return [{ column, value, n, coverage, floor, ratio: coverage.value / floor, lags }];
    }),
  );
  return found.sort((a, b) => a.ratio - b.ratio);
}
