import type { Measured } from "../quality/measure.ts";
import { rank } from "../verdict/grade.ts";
import type { Verdict } from "../verdict/verdict-schema.ts";
import type { MeasuredAblation } from "./measure-ablation.ts";
import { type Ordered, orderSentence } from "./order.ts";
import { PAPER_REAL_FID, VARIANTS } from "./variants.ts";

/** How one training went. */
interface TrainedVariant {
  readonly variant: string;
  readonly seed: number;
  readonly imagesSeen: number;
  readonly seconds: number;
  /** Images seen by the state that drew the images: the one that its run kept. */
  readonly generatorImagesSeen: number | null;
  /** Why it ended, in words. */
  readonly ended: string;
}

/** One figure of a variant over its seeds. */
export interface VariantFigure {
  /** Mean over seeds. */
  readonly value: number;
  /** The lowest lower end and the highest upper end of the seeds' 95 % intervals. */
  readonly low: number;
  readonly high: number;
}

interface AblationRow {
  readonly variant: string;
  readonly title: string;
  readonly seeds: readonly number[];
  readonly fid: VariantFigure | null;
  readonly kid: VariantFigure | null;
  /** The least favourable of its seeds: how near the images are to real ones. */
  readonly verdict: Pick<Verdict, "grade" | "sentence">;
  readonly paperFid: number;
}

/** `ablation.json`, version 1. */
export interface AblationFile {
  readonly schema: 1;
  readonly dataset: string;
  readonly resolution: number;
  /** Images that each training saw, or was to see. */
  readonly images: number;
  /** Images on each side of every comparison. */
  readonly n: number;
  readonly extractor: string;
  readonly rows: readonly AblationRow[];
  readonly floor: { readonly fid: Measured | null; readonly kid: Measured | null; readonly paperFid: number };
  /** Every training by itself. */
  readonly trainings: readonly (TrainedVariant & {
    readonly fid: Measured | null;
    readonly kid: Measured | null;
    readonly verdict: Pick<Verdict, "grade" | "sentence"> | null;
  })[];
  readonly order: string;
}

/** Mean of the values, envelope of the intervals; null where one is missing. */
export function overSeeds(found: readonly (Measured | null)[]): VariantFigure | null {
  const known = found.filter((figure) => figure !== null);
  if (known.length === 0 || known.length < found.length) return null;
  return {
    value: known.reduce((sum, { value }) => sum + value, 0) / known.length,
    low: Math.min(...known.map(({ low }) => low)),
    high: Math.max(...known.map(({ high }) => high)),
  };
}

/** What was asked for, besides what was measured. */
export interface AblationHead {
  readonly dataset: string;
  readonly images: number;
  readonly trainings: readonly TrainedVariant[];
}

const placeOf = ({ grade }: Pick<Verdict, "grade">): number => (grade === "unknown" ? -1 : rank(grade));

export function ablationFile(head: AblationHead, measured: MeasuredAblation): AblationFile {
  const rows = VARIANTS.flatMap(({ name, title, paperFid }): AblationRow[] => {
    const own = measured.sets.filter(({ variant }) => variant === name);
    if (own.length === 0) return [];
    const figure = (of: "fid" | "kid") => overSeeds(own.map((set) => set[of]));
    const verdict = own.map((set) => set.verdict).reduce((a, b) => (placeOf(b) < placeOf(a) ? b : a));
    const seeds = own.map(({ seed }) => seed);
    return [{ variant: name, title, seeds, fid: figure("fid"), kid: figure("kid"), verdict, paperFid }];
  });
  const ordered = rows.flatMap(({ title, fid, paperFid }): Ordered[] =>
    fid === null ? [] : [{ title, ...fid, paper: paperFid }],
  );
  return {
    schema: 1,
    dataset: head.dataset,
    resolution: measured.resolution,
    images: head.images,
    n: measured.n,
    extractor: measured.extractor,
    rows,
    floor: { ...measured.floor, paperFid: PAPER_REAL_FID },
    trainings: head.trainings.map((training) => {
      const own = measured.sets.find(({ variant, seed }) => variant === training.variant && seed === training.seed);
      return { ...training, fid: own?.fid ?? null, kid: own?.kid ?? null, verdict: own?.verdict ?? null };
    }),
    order: ordered.length < 2 ? "Fewer than two variants have an FID, so there is no order." : orderSentence(ordered),
  };
}
