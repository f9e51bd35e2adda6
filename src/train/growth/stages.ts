import { z } from "zod";

/** Of a training that begins at a low resolution and grows; docs/recipes.md. */
export const growSchema = z.object({
  /** First resolution, in pixels. */
  from: z.int().min(8).max(128),
  /** Share of the budget after which the networks have their whole resolution; the lower ones have equal parts of it. */
  until: z.number().gt(0).lt(1),
  /** Part of a lower resolution's share of the budget over which the layers of the next one are faded in. */
  fade: z.number().gt(0).max(1),
});

/** See {@link growSchema}. */
export type Grow = z.infer<typeof growSchema>;

/** Networks of a part of a training; the next part's carry their state on. */
export interface Stage {
  /** Width and height of their images in pixels. */
  readonly resolution: number;
  /** Whether the newest layers are being faded in. */
  readonly fading: boolean;
  /** Shares of the budget between which they are trained, 0..1. */
  readonly from: number;
  readonly until: number;
}

/** A configuration, as far as its stages follow from it. */
interface Staged {
  readonly resolution: number;
  readonly recipe: { readonly grow?: Grow | undefined };
}

/** Networks of a training one after another, lowest resolution first; one that does not grow has those of its configuration alone. */
export function stagesOf({ resolution: whole, recipe: { grow } }: Staged): readonly Stage[] {
  if (grow === undefined) return [{ resolution: whole, fading: false, from: 0, until: 1 }];
  const doublings = Math.log2(whole / grow.from);
  const each = grow.until / doublings;
  const stages: Stage[] = [{ resolution: grow.from, fading: false, from: 0, until: each }];
  for (let step = 1; step <= doublings; step++) {
    const [resolution, from, isLast] = [grow.from * 2 ** step, step * each, step === doublings];
    // The last resolution is trained as a whole for at least half of what is left.
    const faded = from + grow.fade * (isLast ? Math.min(each, (1 - grow.until) / 2) : each);
    stages.push({ resolution, fading: true, from, until: faded });
    const until = isLast ? 1 : from + each;
    if (faded < until) stages.push({ resolution, fading: false, from: faded, until });
  }
  return stages;
}

/** Where a training that grows is; kept in checkpoints. */
export interface Growth {
  /** Position among {@link stagesOf}. */
  readonly stage: number;
  /** Updates of the weights when it began. */
  readonly updates: number;
  /** Share of its newest layers in the image in the last step, where they are faded in; it does not fall again. */
  readonly reached?: number | undefined;
}

/** At the beginning, and of every training that does not grow. */
export const NO_GROWTH: Growth = { stage: 0, updates: 0 };

/** How far a stage is whose newest layers are faded in. */
export interface Fade {
  /** Share of the newest layers in the image, 0..1. */
  readonly share: number;
  /** Updates of the newest layers so far. */
  readonly updates: number;
}

/** Share of the newest layers in the image: it rises while the stage uses its part of the budget. @param used Of the budget, 0..1 */
export const fadeShare = ({ from, until }: Stage, used: number): number =>
  Math.min(1, Math.max(0, (used - from) / (until - from)));
