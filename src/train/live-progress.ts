import { z } from "zod";

/** `live.json` of a run: where it stands, written about once a second for whoever watches. */
export const liveProgressSchema = z.object({
  /** What is being done, e.g. `decode` or `train`. */
  stage: z.string(),
  done: z.number(),
  total: z.number().nullable(),
  unit: z.string(),
  /** Seconds of training over all sittings. */
  seconds: z.number(),
  secondsLeft: z.number().nullable(),
});
export type LiveProgress = z.infer<typeof liveProgressSchema>;
