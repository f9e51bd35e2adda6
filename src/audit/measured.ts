import type { AuditTest, Severity } from "./audit-file.ts";

/** A finding in words that need no statistics. */
interface FindingWords {
  readonly title: string;
  readonly text: string;
}

/**
 * A kind of test: how severe its outcomes are and what is said of them. It stands beside the code that makes the tests; all
 * else that an audit does with them is the same for every kind.
 */
export interface AuditKind {
  /** Heading over the tests in the report; kinds with one heading stand together. */
  readonly section: string;
  /** Whether its p-values are weighed with those of all other tests; then they alone raise its alarms. */
  readonly weighed: boolean;
  /**
   * How grave an outcome is; null where the test could not be made.
   * @param alarm Whether its p-value is low enough beside those of all weighed tests.
   */
  severity(test: MeasuredTest, alarm: boolean): Severity | null;
  /** What is found where the severity is above `none`. */
  words(test: AuditTest): FindingWords;
  /** Tests of one name and scope say the same of the same people, so that they are one finding. */
  groupOf(test: AuditTest): string;
  /** Orders the tests of one finding: the one with the greatest figure of this name speaks. Null leaves them in order. */
  readonly strength: string | null;
  /** What it means that a test was not made, and the same as a clause of the first sentence; null where that is no finding. */
  notMade?(test: AuditTest): (FindingWords & { readonly clause: string }) | null;
}

/**
 * A test before the alarms of all tests are weighed together. `made` defaults to whether it has a severity, `reason` to too
 * few images or people.
 */
export interface MeasuredTest extends Omit<AuditTest, "severity"> {
  readonly kind: AuditKind;
  /** Probability of such a result on a set that leaks nothing; null where the test could not be made or raises no alarm by itself. */
  readonly p: number | null;
  /** Whether the effect is large, should it be real. */
  readonly strong: boolean;
  /**
   * Whether the test also "succeeds" on its control, or the two real sets differ without any synthetic image: then it shows
   * nothing.
   */
  readonly controlFails: boolean;
}

/** Severity of tests that are weighed: an alarm whose control fails is no more than a notice. */
export function weighedSeverity(test: MeasuredTest, alarm: boolean): Severity | null {
  if (test.p === null) return null;
  if (!alarm) return "none";
  if (test.controlFails) return "notice";
  return test.strong ? "critical" : "warning";
}

/** Follows the words of an attack whose control fails; empty for others. */
export const doubtOf = ({ severity }: AuditTest): string =>
  severity === "notice"
    ? " But its control fails: training and held-out images differ, or members differ from members, so it proves nothing here."
    : "";

/** Name of the class that a scope is of; null for other scopes. */
export const classOf = (scope: string): string | null => (scope.startsWith("class:") ? scope.slice(6) : null);

/** An estimate without an interval. */
export const withoutInterval = (value: number) => ({ value, low: value, high: value });
