import { holmAdjusted } from "../math/holm.ts";
import type { AuditFile, AuditFinding, AuditObjection, AuditTest, Severity } from "./audit-file.ts";
import { SEVERITIES } from "./audit-file.ts";
import type { AuditKind, MeasuredTest } from "./measured.ts";

/** Expected false alarms of one audit of a set that leaks nothing. */
export const FALSE_ALARMS = { copies: 0.03, tests: 0.02 } as const;

/** Warnings about the sets, in the words of the first sentence. */
const OBJECTIONS: Record<AuditObjection["code"], string> = {
  "other-training": "the training set given is not the run's",
  "shared-patients": "patients have images on both sides of the split",
};

/** A test with its severity, as `audit.json` keeps it, and its kind. */
export interface RatedTest {
  readonly test: AuditTest;
  readonly kind: AuditKind;
}

/**
 * Severities of all tests together: those that are weighed at a family-wise error of `FALSE_ALARMS.tests` (Holm 1979), so that
 * twenty tests do not alarm twenty times as often as one; all others by the rule of their kind alone.
 */
export function rateTests(tests: readonly MeasuredTest[]): RatedTest[] {
  const weighed = tests.filter((test) => test.kind.weighed && test.p !== null);
  const adjusted = holmAdjusted(weighed.map(({ p }) => p as number));
  const alarm = new Map(weighed.map((test, i) => [test, adjusted[i]! < FALSE_ALARMS.tests]));
  return tests.map((test) => {
    const severity = test.kind.severity(test, alarm.get(test) ?? false);
    return { kind: test.kind, test: { ...plain(test), severity, ...madeOf(test, severity) } };
  });
}

/** Only what `audit.json` keeps. */
const plain = ({ id, title, scope, n, figures, control, needs, limits }: MeasuredTest) => ({
  id,
  title,
  scope,
  n,
  figures,
  control,
  needs,
  limits,
});

/** Whether a test was made, with the reason where it was not. */
function madeOf({ made, reason }: MeasuredTest, severity: Severity | null): Pick<AuditTest, "made" | "reason"> {
  if (made ?? severity !== null) return { made: true };
  return { made: false, reason: reason ?? "too few images, or too few people, take part" };
}

const rank = (severity: Severity | null): number => SEVERITIES.indexOf(severity ?? "none");

/** What is to be said of tests that were not made. */
const notMadeOf = (tests: readonly RatedTest[]) =>
  tests.flatMap(({ test, kind }) => {
    const words = test.made === false ? kind.notMade?.(test) : null;
    return words ? [{ test, words }] : [];
  });

/** The strongest of several tests of one kind about the same people speaks; the others are named. */
function findingOf(group: readonly RatedTest[]): AuditFinding {
  const { kind } = group[0]!;
  const size = ({ test }: RatedTest) => (kind.strength === null ? 0 : (test.figures[kind.strength]?.value ?? 0));
  const [{ test }, ...others] = [...group].sort(
    (a, b) => rank(b.test.severity) - rank(a.test.severity) || size(b) - size(a),
  ) as [RatedTest, ...RatedTest[]];
  const { title, text } = kind.words(test);
  const also = others.length > 0 ? ` The same is seen by ${others.map((other) => other.test.id).join(", ")}.` : "";
  return { test: test.id, scope: test.scope, severity: test.severity as Severity, title, text: text + also };
}

/** Everything above `none`, most severe first; what was not made comes before warnings. */
export function findingsOf(tests: readonly RatedTest[]): AuditFinding[] {
  const groups = new Map<string, RatedTest[]>();
  for (const rated of tests) {
    if (rank(rated.test.severity) <= 0) continue;
    const key = `${rated.kind.groupOf(rated.test)} ${rated.test.scope}`;
    groups.set(key, [...(groups.get(key) ?? []), rated]);
  }
  const found = [...groups.values()].map(findingOf).sort((a, b) => rank(b.severity) - rank(a.severity));
  const notMade = notMadeOf(tests).map(({ test: { id, scope }, words: { title, text } }): AuditFinding => {
    return { test: id, scope, severity: "warning", title, text };
  });
  const critical = found.filter(({ severity }) => severity === "critical");
  return [...critical, ...notMade, ...found.slice(critical.length)];
}

/** One line: copies first, then what keeps the audit from finding them. */
export function verdictOf(
  tests: readonly RatedTest[],
  { findings, splitLeaks, objections, copies }: Pick<AuditFile, "findings" | "splitLeaks" | "objections" | "copies">,
): string {
  const worst = findings[0]?.severity ?? "none";
  const clauses: string[] = [];
  if (copies.length > 0) {
    clauses.push(
      `${copies.length} synthetic ${copies.length === 1 ? "image repeats a training image" : "images repeat training images"}`,
    );
  }
  const leaks = splitLeaks?.length ?? 0;
  if (leaks > 0) {
    clauses.push(
      `the split leaks (${leaks} held-out ${leaks === 1 ? "image repeats a training image" : "images repeat training images"})`,
    );
  }
  for (const { code } of objections ?? []) clauses.push(OBJECTIONS[code]);
  clauses.push(...notMadeOf(tests).map(({ words }) => words.clause));
  if (clauses.length > 0) return `Do not release as it is: ${clauses.join("; ")}`;
  if (worst === "critical") return "Do not release as it is: attacks on the synthetic images tell who was trained on";
  if (worst === "warning")
    return "Release only with reasons: the synthetic images give something of the training images away";
  return "No leak was found by these tests, which is no proof that there is none";
}
