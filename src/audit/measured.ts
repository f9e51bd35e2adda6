import type { AuditTest } from "./audit-file.ts";

/** A test before the alarms of all tests are weighed together. */
export interface MeasuredTest extends Omit<AuditTest, "severity"> {
  // `made` defaults to whether the test has an outcome, `reason` to too few images.
  /** Probability of such a result on a set that leaks nothing; null where the test could not be made or raises no alarm by itself. */
  readonly p: number | null;
  /** Whether the effect is large, should it be real. */
  readonly strong: boolean;
  /** Whether the same test also "succeeds" on the control: then it shows nothing. */
  readonly controlFails: boolean;
}

/** Words that tests of one kind share. */
export interface TestWords {
  readonly title: string;
  readonly needs: string;
  readonly limits: string;
}
