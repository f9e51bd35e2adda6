import type { MetricsFile } from "../metrics-file.ts";

/** A group of real images with the share of them that synthetic images cover. */
export interface CoveredGroup {
  /** Column of the real dataset. */
  readonly column: string;
  readonly value: string;
  /** Real images of the group that were asked. */
  readonly n: number;
  /**
   * Share that is covered, with its 95 % interval: by any synthetic image or, where the synthetic set states the attribute
   * and it is less of its floor, by synthetic images of the group.
   */
  readonly covered: { readonly value: number; readonly low: number; readonly high: number };
  readonly floor: number;
  /** By which synthetic images. */
  readonly by: "all" | "group";
  /** Share divided by its floor. */
  readonly ratio: number;
  /** True where the whole interval of the ratio lies below that of all images. */
  readonly lags: boolean;
}

/** Groups of fewer real images than this are never said to lag. */
const MIN_LAGGING = 10;

/** Groups by one extractor, worst covered first, each against its own floor; those without a value are left out. */
export function coveredGroups(
  { features, protocol }: Pick<MetricsFile, "features" | "protocol">,
  extractor: string,
): CoveredGroup[] {
  const { overall, perAttribute } = features[extractor]!;
  const least = overall.coverage === null ? null : overall.coverage.low / (overall.coverage.floor || 1);
  const worst = Object.entries(perAttribute).flatMap(([column, groups]) => {
    const { protocol: kind, values } = protocol.perAttribute[column]!;
    return Object.entries(groups).flatMap(([value, { reached, coverage }]): CoveredGroup[] => {
      const found = [
        { by: "all" as const, share: reached, n: reached?.n ?? 0 },
        { by: "group" as const, share: kind === "stated" ? coverage : null, n: values[value]!.n },
      ].flatMap(({ by, share, n }): CoveredGroup[] => {
        if (share === null || !share.floor) return [];
        const { floor, value: v, low, high } = share;
        const lags = least !== null && n >= MIN_LAGGING && high / floor < least;
        return [{ column, value, n, covered: { value: v, low, high }, floor, by, ratio: v / floor, lags }];
      });
      // What lags counts before what is lower by chance of few images.
      found.sort((a, b) => Number(b.lags) - Number(a.lags) || a.ratio - b.ratio);
      return found.slice(0, 1);
    });
  });
  return worst.sort((a, b) => a.ratio - b.ratio);
}
