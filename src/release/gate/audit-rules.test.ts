import { describe, expect, test } from "vitest";
import type { AuditFile, AuditTest } from "../../audit/audit-file.ts";
import { DEFAULT_CONFIG, type GateConfig } from "../config.ts";
import { cleanTests } from "../testing/case.ts";
import { checkAudit, copiesOf } from "./audit-rules.ts";
import { Reasons } from "./reasons.ts";

const limits: GateConfig = DEFAULT_CONFIG.gate;
const [copies, membership] = cleanTests().map((found) => ({ ...found, n: 500 }));
const span = (value: number, low: number) => ({ value, low, high: 2 * value - low });

/** Codes of the reasons that an audit with these tests gives. */
function refusals(tests: AuditTest[], change: Partial<AuditFile> = {}, config: Partial<GateConfig> = {}) {
  const reasons = new Reasons();
  const audit = {
    run: null,
    copies: [],
    splitLeaks: [],
    findings: [],
    warnings: [],
    ...change,
    tests,
  } as unknown as AuditFile;
  checkAudit(audit, { ...limits, ...config }, reasons);
  return reasons.problems.map(({ code, path }) => `${code} ${path.replace("audit.json", "").replace(": ", "")}`);
}

test("a clean audit gives no reason", () => {
  expect(refusals([copies!, membership!])).toEqual([]);
});

describe("a membership attack", () => {
  const attack = (figures: AuditTest["figures"], change: Partial<AuditTest> = {}) =>
    refusals([copies!, membership!, { ...membership!, id: "membership.gan-leaks", figures, ...change }]);

  test("is judged by the lower end of its interval, of a class and of outliers too", () => {
    expect(attack({ auc: span(0.7, 0.61) })).toEqual(["membership membership.gan-leaks (all)"]);
    expect(attack({ auc: span(0.7, 0.6) })).toEqual([]);
    expect(attack({ auc: span(0.7, 0.61) }, { scope: "class:nevus" })).toEqual([
      "membership membership.gan-leaks (class:nevus)",
    ]);
    expect(attack({ auc: span(0.5, 0.45), "tpr@fpr=0.01": span(0.1, 0.06) })).toEqual([
      "membership membership.gan-leaks (all)",
    ]);
    expect(attack({ auc: null, "tpr@fpr=0.01": span(0.1, 0.05) })).toEqual([]);
  });

  test("that works on its control too puts the audit in doubt, which is said", () => {
    const reasons = new Reasons();
    const found = { ...membership, figures: { auc: span(0.7, 0.65) }, control: { auc: span(0.69, 0.64) } };
    checkAudit(
      {
        run: null,
        copies: [],
        splitLeaks: [],
        findings: [],
        warnings: [],
        tests: [copies, found],
      } as unknown as AuditFile,
      limits,
      reasons,
    );
    expect(reasons.problems[0]!.message).toMatch(
      /its control on members alone is 0.690, so the audit itself is in doubt/,
    );
  });
});

describe("a required test", () => {
  test("must be there, made, on all images, with an AUC, on enough images", () => {
    expect(refusals([copies!])).toEqual(["missing-test membership"]);
    expect(refusals([])).toEqual(["missing-test copies", "missing-test membership"]);
    expect(refusals([copies!, { ...membership!, severity: null }])).toEqual(["missing-test membership"]);
    expect(refusals([copies!, { ...membership!, scope: "class:nevus" }])).toEqual(["missing-test membership"]);
    expect(refusals([copies!, { ...membership!, figures: {} }])).toEqual(["missing-test membership"]);
    expect(refusals([copies!, { ...membership!, id: "membershipless" }])).toEqual(["missing-test membership"]);
    expect(refusals([{ ...copies!, n: 99 }, membership!])).toEqual(["few-images copies"]);
    expect(refusals([{ ...copies!, n: 100 }, membership!])).toEqual([]);
  });

  test("that was not made does not count, whatever it found, and its reason is said", () => {
    const reasons = new Reasons();
    const notMade = { ...copies, made: false, reason: "12 held-out images are left", severity: "critical" as const };
    const audit = { run: null, copies: [{}], splitLeaks: [], findings: [], warnings: [], tests: [notMade, membership] };
    checkAudit(audit as unknown as AuditFile, limits, reasons);
    expect(reasons.problems.map(({ code }) => code)).toEqual(["missing-test"]);
    expect(reasons.problems[0]!.message).toMatch(/could not make it, since 12 held-out images are left/);
  });

  test("is what the config names", () => {
    expect(refusals([copies!], {}, { requiredTests: ["copies.pixel"] })).toEqual([]);
    expect(refusals([copies!], {}, { requiredTests: ["copies.encoder"] })).toEqual(["missing-test copies.encoder"]);
  });
});

describe("the sets of the audit", () => {
  const clean = [copies!, membership!];
  const leak = { train: "a.png", holdout: "b.png", distance: 0.1 };

  test("a split that leaks is refused, and an audit that does not say whether it does", () => {
    expect(refusals(clean, { splitLeaks: [leak] })).toEqual(["split-leak "]);
    expect(refusals(clean, { splitLeaks: undefined })).toEqual(["split-leak "]);
  });

  test("a training set that is not the run's is refused unless the config allows it, patients of both sets are", () => {
    const objections = [
      { code: "other-training" as const, message: "not the run's" },
      { code: "shared-patients" as const, message: "2 patients" },
    ];
    expect(refusals(clean, { objections })).toEqual(["other-training ", "shared-patients "]);
    expect(refusals(clean, { objections }, { sameTraining: false })).toEqual(["shared-patients "]);
  });
});

describe("a warning of the audit", () => {
  const clean = [copies!, membership!];
  const caution = { code: "no-patients" as const, message: "No patient is named." };

  test("is a reason, unless the config accepts it by its code", () => {
    const found = { cautions: [caution], warnings: [caution.message] };
    expect(refusals(clean, found)).toEqual(["audit-warning no-patients"]);
    expect(refusals(clean, found, { acceptWarnings: ["no-patients"] })).toEqual([]);
    expect(refusals(clean, found, { acceptWarnings: ["one-class"] })).toEqual(["audit-warning no-patients"]);
  });

  test("of small sets is judged by the number of images, one without a code cannot be accepted", () => {
    const small = { code: "small-sets" as const, message: "The sets are small." };
    expect(refusals(clean, { cautions: [small], warnings: [small.message] })).toEqual([]);
    expect(refusals(clean, { warnings: ["No patient is named."] })).toEqual(["audit-warning "]);
    const leaks = { splitLeaks: [{ train: "a", holdout: "b", distance: 0 }], warnings: ["The split leaks: 1 image"] };
    expect(refusals(clean, leaks)).toEqual(["split-leak "]);
  });
});

describe("a finding", () => {
  const finding = (severity: "warning" | "critical", id = "attribute.sex") => ({
    findings: [{ test: id, scope: "all", severity, title: "Sex can be told.", text: "" }],
  });

  test("is refused above the limit, once, whether said as a finding or by its test", () => {
    expect(refusals([copies!, membership!], finding("warning"))).toEqual([]);
    expect(refusals([copies!, membership!], finding("critical"))).toEqual(["finding attribute.sex (all)"]);
    expect(refusals([copies!, membership!], finding("warning"), { worstFinding: "notice" })).toEqual([
      "finding attribute.sex (all)",
    ]);
    const test = { ...membership!, id: "attribute.sex", severity: "critical" as const };
    expect(refusals([copies!, membership!, test], finding("critical"))).toEqual(["finding attribute.sex (all)"]);
    expect(refusals([copies!, membership!, test])).toEqual(["finding attribute.sex (all)"]);
  });

  test("about copies is answered by removing them, where there are some to remove", () => {
    const found = finding("critical", "copies.pixel");
    expect(refusals([copies!, membership!], { ...found, copies: [{}] as AuditFile["copies"] })).toEqual([]);
    expect(refusals([copies!, membership!], found)).toEqual(["finding copies.pixel (all)"]);
  });
});

test("epsilon is asked for only where the config does, and then of a run that has one", () => {
  const privacy = { epsilon: 8, delta: 1e-5, unit: "one image", accountant: "RDP" };
  const run = (differentialPrivacy: typeof privacy | null) => ({ run: { generator: "a", differentialPrivacy } });
  const tests = [copies!, membership!];
  expect(refusals(tests, run(privacy), { maxEpsilon: 8 })).toEqual([]);
  expect(refusals(tests, run(privacy), { maxEpsilon: 7.9 })).toEqual(["epsilon "]);
  expect(refusals(tests, run(null), { maxEpsilon: 8 })).toEqual(["epsilon "]);
  expect(refusals(tests, {}, { maxEpsilon: 8 })).toEqual(["epsilon "]);
});

test("copies are counted once however many spaces and training images name them", () => {
  const reasons = new Reasons();
  const copy = { train: "x", space: "pixel", transform: "none", distance: 0, threshold: 1 };
  const audit = {
    copies: [
      { ...copy, synthetic: "a" },
      { ...copy, synthetic: "a", space: "encoder" },
    ],
  } as unknown as AuditFile;
  const names = new Set(Array.from({ length: 100 }, (_, i) => (i === 0 ? "a" : `n${i}`)));
  expect([...copiesOf(audit, names, limits, reasons)]).toEqual(["a"]);
  expect(reasons.problems).toEqual([]);
});
