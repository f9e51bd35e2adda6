import { expect, test } from "vitest";
import { findingsOf, rateTests, verdictOf } from "./collect-findings.ts";
import { type AuditKind, type MeasuredTest, weighedSeverity, withoutInterval } from "./measured.ts";
import { ATTACKS } from "./membership/attacks.ts";

/** A kind that the code of the audit does not know. */
const kind: AuditKind = {
  section: "Invented",
  weighed: true,
  severity: weighedSeverity,
  groupOf: () => "invented",
  strength: "size",
  words: ({ figures }) => ({ title: `It is ${figures.size?.value}`, text: "That is much." }),
  notMade: ({ reason }) => ({ title: "It was not made", text: `Since ${reason}.`, clause: `unmade, since ${reason}` }),
};

const measured = (id: string, p: number | null, size: number, more: Partial<MeasuredTest> = {}): MeasuredTest => ({
  ...{ kind, id, title: id, scope: "all", n: 10, figures: { size: withoutInterval(size) }, control: null },
  ...{ p, strong: true, controlFails: false, needs: "nothing", limits: "none" },
  ...more,
});
const none = { splitLeaks: [], objections: [], copies: [] };

test("a kind brings its severity, its words and the order of its tests", () => {
  const rated = rateTests([measured("a", 0.0001, 1), measured("b", 0.0002, 3), measured("c", 0.5, 9)]);
  expect(rated.map(({ test: { severity } }) => severity)).toEqual(["critical", "critical", "none"]);
  expect(findingsOf(rated)).toEqual([
    {
      ...{ test: "b", scope: "all", severity: "critical", title: "It is 3" },
      text: "That is much. The same is seen by a.",
    },
  ]);
  expect(Object.keys(rated[0]!.test)).not.toContain("kind");
});

test("p-values of all weighed kinds are weighed together, those of others are not counted", () => {
  const alone = { ...kind, weighed: false, severity: () => "none" as const };
  const severities = (tests: MeasuredTest[]) => rateTests(tests).map((one) => one.test.severity);
  // Holm with two values at 0.02: the least must be below 0.01.
  expect(severities([measured("a", 0.015, 1), measured("b", 0.9, 1)])).toEqual(["none", "none"]);
  expect(severities([measured("a", 0.015, 1), measured("b", 0.9, 1, { kind: alone })])).toEqual(["critical", "none"]);
});

test("an alarm whose control fails is a notice, a weak one a warning", () => {
  const [doubted, weak] = rateTests([
    measured("a", 0.0001, 1, { controlFails: true }),
    measured("b", 0.0001, 1, { strong: false }),
  ]);
  expect([doubted!.test.severity, weak!.test.severity]).toEqual(["notice", "warning"]);
});

test("what was not made is said after critical findings and in the first sentence", () => {
  const missing = measured("m", null, 0, { made: false, reason: "of a reason" });
  const warning = measured("w", 0.0001, 1, { strong: false, scope: "class:a" });
  const rated = rateTests([missing, warning, measured("c", 0.0001, 2)]);
  const findings = findingsOf(rated);
  expect(findings.map(({ test: id, severity }) => `${id} ${severity}`)).toEqual([
    "c critical",
    "m warning",
    "w warning",
  ]);
  expect(verdictOf(rated, { ...none, findings })).toBe("Do not release as it is: unmade, since of a reason");
  expect(verdictOf([], { ...none, findings: [] })).toMatch(/^No leak was found/);
});

test("attacks have names of their own", () => {
  expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length);
});
