import {
  type AuditCaution,
  type AuditFile,
  type AuditTest,
  SEVERITIES,
  type Severity,
} from "../../audit/audit-file.ts";
import { percentSignificant } from "../../core/percent.ts";
import type { GateConfig } from "../config.ts";
import type { Reasons } from "./reasons.ts";

const FILE = "audit.json";

/** Name of a test, or what stands before its first dot. */
export const isCalled = ({ id }: AuditTest, name: string): boolean => id === name || id.startsWith(`${name}.`);

/** A finding about copies is answered by removing them: their share is judged instead. */
const isOfCopies = (id: string): boolean => id === "copies" || id.startsWith("copies.");

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** Figures of a membership attack by what limits them. */
const ATTACK_FIGURES = [
  { figure: "auc", title: "AUC", limit: "maxMembershipAuc" },
  { figure: "tpr@fpr=0.01", title: "true-positive rate at 1 % false positives", limit: "maxMembershipTpr" },
] as const;

/** Tests that must have been made: enough images, an outcome, and for an attack its AUC with an interval. */
function checkRequired({ tests }: AuditFile, config: GateConfig, reasons: Reasons): void {
  for (const name of config.requiredTests) {
    const found = tests.filter((test) => isCalled(test, name) && test.scope === "all");
    const made = found.filter(
      (test) =>
        test.severity !== null &&
        test.made !== false &&
        (!isCalled(test, "membership") || (test.figures.auc ?? null) !== null),
    );
    const largest = Math.max(0, ...made.map((test) => test.n));
    if (made.length === 0) {
      const said = found.find(({ reason }) => reason !== undefined)?.reason;
      const because = said === undefined ? "" : `, since ${said}`;
      const why = found.length === 0 ? "the audit has no such test" : `the audit could not make it${because}`;
      reasons.add(
        "missing-test",
        `${FILE}: ${name}`,
        `${why} on all images; audit again with more images, held-out ones too`,
      );
    } else if (largest < config.minTestImages) {
      reasons.add(
        "few-images",
        `${FILE}: ${name}`,
        `${largest} images took part, ${config.minTestImages} are needed to rule anything out; audit with more images`,
      );
    }
  }
}

/** Judges attacks on membership by the lower ends of their intervals. @param source Where the figures come from. */
export function checkAttacks({ tests }: AuditFile, config: GateConfig, reasons: Reasons, source = FILE): void {
  for (const test of tests) {
    if (!isCalled(test, "membership")) continue;
    for (const { figure, title, limit } of ATTACK_FIGURES) {
      const found = test.figures[figure] ?? null;
      if (found === null || found.low <= config[limit]) continue;
      const control = test.control?.[figure] ?? null;
      const beside =
        control !== null && control.low > config[limit]
          ? `; its control on members alone is ${control.value.toFixed(3)}, so the audit itself is in doubt`
          : "";
      reasons.add(
        "membership",
        `${source}: ${test.id} (${test.scope})`,
        `${title} is ${found.value.toFixed(3)}, at least ${found.low.toFixed(3)}, more than ${config[limit]}: training images can be distinguished from others${beside}; train with fewer images seen, more data, or --dp-epsilon`,
      );
    }
  }
}

function checkFindings({ tests, findings, copies }: AuditFile, config: GateConfig, reasons: Reasons): void {
  const limit = rank(config.worstFinding);
  const said = new Set<string>();
  const say = (id: string, scope: string, severity: Severity, title: string) => {
    const key = `${id} ${scope}`;
    if (said.has(key) || rank(severity) <= limit || (isOfCopies(id) && copies.length > 0)) return;
    said.add(key);
    reasons.add(
      "finding",
      `${FILE}: ${id} (${scope})`,
      `${severity}: ${title}; at most ${config.worstFinding} is released`,
    );
  };
  for (const { test, scope, severity, title } of findings) say(test, scope, severity, title);
  for (const { id, scope, severity, title } of tests) if (severity !== null) say(id, scope, severity, title);
}

/**
 * An audit whose training images are not the run's, or whose held-out images repeat training images, may not see what it
 * looks for: whatever it found besides.
 */
function checkSets({ splitLeaks, objections }: AuditFile, config: GateConfig, reasons: Reasons): void {
  if (splitLeaks === undefined) {
    reasons.add(
      "split-leak",
      FILE,
      "it does not say whether held-out images repeat training images: an earlier version made it; audit again",
    );
  }
  reasons.each(
    "split-leak",
    FILE,
    (splitLeaks ?? []).map(({ holdout }) => holdout),
    "these held-out images repeat training images, which hides copies and weakens every attack; audit again with --drop-duplicates, or remove them from one of the sets",
  );
  for (const { code, message } of objections ?? []) {
    if (code === "other-training" && !config.sameTraining) continue;
    if (!reasons.problems.some((problem) => problem.code === code)) reasons.add(code, FILE, message);
  }
}

/** Warnings that have a rule of their own: of small sets by `minTestImages`, of starts by the run itself. */
const JUDGED_ELSEWHERE: readonly AuditCaution["code"][] = ["small-sets", "start-data"];

/** Every warning of an audit is a reason, unless the config accepts it by its code, which the card then states. */
function checkCautions(
  { warnings, cautions, objections, splitLeaks }: AuditFile,
  config: GateConfig,
  reasons: Reasons,
) {
  for (const { code, message } of cautions ?? []) {
    if (JUDGED_ELSEWHERE.includes(code) || config.acceptWarnings.some((accepted) => accepted === code)) continue;
    const remedy = `audit again without this warning, or accept it with --accept ${code} (or "${code}" in \`gate.acceptWarnings\` of --config), which the card then states`;
    reasons.add("audit-warning", `${FILE}: ${code}`, `${message} ${remedy}`);
  }
  const known = new Set([...(cautions ?? []), ...(objections ?? [])].map(({ message }) => message));
  const leaks = splitLeaks?.length ?? 0;
  const others = warnings.filter((text) => !known.has(text) && !(leaks > 0 && text.startsWith("The split leaks")));
  for (const text of others) {
    reasons.add("audit-warning", FILE, `${text} (a warning of another version; audit again with this one)`);
  }
}

/** Warnings of an audit that its release accepts, for its card. */
export const acceptedWarnings = ({ cautions }: AuditFile, { acceptWarnings }: GateConfig): string[] =>
  (cautions ?? [])
    .filter(({ code }) => !JUDGED_ELSEWHERE.includes(code) && acceptWarnings.some((each) => each === code))
    .map(({ message }) => message);

function checkPrivacy({ run }: AuditFile, { maxEpsilon }: GateConfig, reasons: Reasons): void {
  if (maxEpsilon === null) return;
  const privacy = run?.differentialPrivacy ?? null;
  if (privacy === null) {
    const why = run === null ? "the audit names no run (--run)" : "the run was trained without differential privacy";
    reasons.add(
      "epsilon",
      FILE,
      `${why}, and epsilon may be ${maxEpsilon} at most; train with --dp-epsilon and audit with --run`,
    );
  } else if (!(privacy.epsilon <= maxEpsilon)) {
    reasons.add(
      "epsilon",
      FILE,
      `epsilon is ${privacy.epsilon}, ${maxEpsilon} at most is released; train with a smaller --dp-epsilon`,
    );
  }
}

/** What is asked of the audit besides the copies that it found. */
export function checkAudit(audit: AuditFile, config: GateConfig, reasons: Reasons): void {
  checkSets(audit, config, reasons);
  checkCautions(audit, config, reasons);
  checkRequired(audit, config, reasons);
  checkAttacks(audit, config, reasons);
  checkFindings(audit, config, reasons);
  checkPrivacy(audit, config, reasons);
}

/**
 * Names of the images that the audit calls copies; too many of them condemn the whole set, and so does one that is not in
 * it: the audit is of another set.
 */
export function copiesOf(
  audit: AuditFile,
  names: ReadonlySet<string>,
  config: GateConfig,
  reasons: Reasons,
): Set<string> {
  const copies = new Set(audit.copies.map(({ synthetic }) => synthetic));
  const unknown = [...copies].filter((name) => !names.has(name));
  reasons.each(
    "stale-audit",
    FILE,
    unknown,
    "the audit calls them copies and the dataset has no such image; audit this dataset",
  );
  const share = copies.size / Math.max(1, names.size);
  if (share > config.maxCopyShare) {
    reasons.add(
      "copies",
      FILE,
      `${copies.size} of ${names.size} images (${percentSignificant(share, 3)}) are copies of training images, more than ${percentSignificant(config.maxCopyShare, 3)}: a generator that copies so often has memorised; train anew with more data, fewer images seen or --dp-epsilon`,
    );
  }
  return copies;
}
