import { z } from "zod";

/** A value that goes from `first` to `last` while the used share of the budget goes from `from` to `until`. */
export const rampSchema = z
  .object({
    from: z.number().min(0).max(1),
    until: z.number().min(0).max(1),
    first: z.number().min(0).max(1000),
    last: z.number().min(0).max(1000),
    /** `cosine`: half a period, flat at both ends (Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5). */
    shape: z.enum(["linear", "cosine"]),
  })
  .refine(({ from, until }) => from <= until, { error: "from lies behind until; swap them" });

/** See {@link rampSchema}. */
export type Ramp = z.infer<typeof rampSchema>;

/** A factor that changes nothing. */
export const LEVEL: Ramp = { from: 0, until: 1, first: 1, last: 1, shape: "cosine" };

/** The value at a share of the budget, 0..1. */
export function rampAt({ from, until, first, last, shape }: Ramp, share: number): number {
  if (share < from) return first;
  const past = until === from ? 1 : Math.min(1, (share - from) / (until - from));
  const moved = shape === "linear" ? past : (1 - Math.cos(Math.PI * past)) / 2;
  return first + (last - first) * moved;
}
