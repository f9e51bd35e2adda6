import { holmAdjusted } from "../math/holm.ts";
import type { AuditFile, AuditFinding, AuditObjection, AuditTest, Severity } from "./audit-file.ts";
import { SEVERITIES } from "./audit-file.ts";
import { LEAST_CALIBRATION } from "./copies/threshold.ts";
import type { MeasuredTest } from "./measured.ts";

/** Expected false alarms of one audit of a set that leaks nothing. */
export const FALSE_ALARMS = { copies: 0.03, tests: 0.02 } as const;

/** The search for copies that decides: it looks at the pictures themselves. */
const isPixelCopies = ({ id }: { readonly id: string }): boolean => id === "copies.pixel";

/** Warnings about the sets, in the words of the first sentence. */
const OBJECTIONS: Record<AuditObjection["code"], string> = {
  "other-training": "the training set given is not the run's",
  "shared-patients": "patients have images on both sides of the split",
};

const isCopyTest = ({ id }: MeasuredTest): boolean => id.startsWith("copies.");

/**
 * Severities of all tests together: copies by their own threshold, all others at a family-wise error of
 * `FALSE_ALARMS.tests` (Holm 1979), so that twenty tests do not alarm twenty times as often as one.
 */
export function judge(tests: readonly MeasuredTest[]): AuditTest[] {
  const weighed = tests.filter((test) => !isCopyTest(test) && test.p !== null);
  const adjusted = holmAdjusted(weighed.map(({ p }) => p as number));
  const alarm = new Map(weighed.map((test, i) => [test, adjusted[i] < FALSE_ALARMS.tests]));
  return tests.map((test) => {
    const severity = severityOf(test, alarm.get(test) ?? false);
    return { ...plain(test), severity, ...madeOf(test, severity) };
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

function severityOf(test: MeasuredTest, alarm: boolean): Severity | null {
  if (isCopyTest(test)) {
    if (test.figures.copies === null) return null;
    return (test.figures.copies?.value ?? 0) > 0 ? "critical" : "none";
  }
  if (test.id.startsWith("split.")) return (test.figures.leaks?.value ?? 0) > 0 ? "warning" : "none";
  if (test.id === "run.generator") return test.controlFails ? "warning" : test.figures.share === null ? null : "none";
  if (test.id.startsWith("copying.three-samples.")) {
    const z = test.figures.z;
    return z === null || z === undefined ? null : z.value < -5 ? "notice" : "none";
  }
  if (test.id.startsWith("authenticity.")) {
    const [own, held] = [test.figures.authenticity, test.control?.authenticity];
    if (!own || !held) return null;
    return own.high < held.low ? "notice" : "none";
  }
  if (test.p === null) return null;
  if (!alarm) return "none";
  if (test.controlFails) return "notice";
  return test.strong ? "critical" : "warning";
}

const percent = (value: number): string => {
  const shown = 100 * value;
  return `${shown >= 10 || shown === 0 ? Math.round(shown) : Number(shown.toPrecision(2))} %`;
};

/** Who a test is about, in words. */
function people(scope: string): string {
  if (scope === "outliers") return "people whose picture is unusual";
  return scope.startsWith("class:") ? `people with ${scope.slice(6)}` : "people";
}

/** A finding in words that need no statistics. */
function wordsOf(test: AuditTest): { title: string; text: string } {
  const { id, figures, control, scope, n } = test;
  const caution = "What was not found may still be there: see the limits of each test.";
  if (id.startsWith("copies.")) {
    const copies = figures.copies?.value ?? 0;
    return {
      title: `${copies} of ${n} synthetic images repeat a training image`,
      text: `Anyone who knows the person's picture recognises it. Remove these images (ganglion release does) and ask why they arose: too few training images, or too long a training. Held-out images look like this in ${percent(control?.share?.value ?? 0)} of cases. ${caution}`,
    };
  }
  if (id.startsWith("split.")) {
    const leaks = figures.leaks?.value ?? 0;
    return {
      title: `The split leaks: ${leaks} of ${n} held-out images ${leaks === 1 ? "repeats a training image" : "repeat training images"}`,
      text: "Held-out images stand for pictures that the generator never saw. These it did see: they hide copies and weaken every attack. They are listed in audit.json; remove them from one of the sets, or split by patient, and audit again.",
    };
  }
  if (id.startsWith("copying.share.")) {
    const [share, expected] = [figures.share?.value ?? 0, figures.expected?.value ?? 0];
    const of = scope.startsWith("class:") ? ` of ${scope.slice(6)}` : "";
    return {
      title: `The synthetic images${of} lean on the training images: ${percent(share)} lie nearer to them, ${percent(expected)} would without a leak`,
      text: "Something of the particular training pictures is in the synthetic ones, beyond what is true of everybody. Train for a shorter time, on more images, or with differential privacy.",
    };
  }
  if (id.startsWith("membership.")) {
    const auc = figures.auc?.value ?? 0.5;
    const tpr = figures["tpr@fpr=0.01"];
    const tail = tpr ? ` With one wrong accusation in a hundred, ${percent(tpr.value)} of them are recognised.` : "";
    return {
      title: `Whether ${people(scope)} were in the training set can be guessed: right in ${percent(auc)} of pairs, where 50 % is chance`,
      text: `The attack sees one picture of a member and one of a non-member and says which is which.${tail} Being in the set may itself reveal a diagnosis.`,
    };
  }
  if (id.startsWith("attribute.")) {
    const column = id.slice("attribute.".length);
    return {
      title: `${column} is guessed better for people in the training set: right in ${percent(figures.accuracy?.value ?? 0)}, against ${percent(control?.accuracy?.value ?? 0)} for others`,
      text: "The nearest synthetic records give away more about members than about anybody else. Publish the set without this column, or train with differential privacy.",
    };
  }
  if (id.startsWith("copying.three-samples.")) {
    return {
      title: "Synthetic images lie nearer to training images than new real images do",
      text: `Z is ${(figures.z?.value ?? 0).toFixed(1)}. That is what copying looks like, but blurred images do the same: see whether the share nearer to training than to held-out images agrees.`,
    };
  }
  if (id.startsWith("authenticity.")) {
    return {
      title: `${percent(figures.authenticity?.value ?? 0)} of the synthetic images are “authentic”, ${percent(control?.authenticity?.value ?? 0)} of new real images are`,
      text: "Synthetic images sit closer to single training images than new real images do; blurred images do the same.",
    };
  }
  return {
    title: "Not all synthetic images were drawn by the generator of the run",
    text: "What is known of the run's training, its privacy budget above all, does not hold for the others.",
  };
}

/** Findings that say the same of the same people are one: by kind of test and scope. */
const kindOf = ({ id, scope }: AuditTest): string => {
  const kind = id.startsWith("copying.") || id.startsWith("attribute.") ? id.split(".", 2).join(".") : id.split(".")[0];
  return `${kind} ${scope}`;
};

/** Says that copies were not looked for as they should be. */
function notMade(test: AuditTest): AuditFinding {
  return {
    test: test.id,
    scope: test.scope,
    severity: "warning",
    title: "The copy test was not made",
    text: `Not made, since ${test.reason}. Only synthetic images that are copies by an absolute limit are named; others may repeat training images unseen. Give held-out images of other patients, without near duplicates of training images, ${LEAST_CALIBRATION} or more.`,
  };
}

const size = ({ figures }: AuditTest): number =>
  (figures.auc ?? figures.copies ?? figures.z ?? figures.gain)?.value ?? 0;

/**
 * Everything above `none`, most severe first; of several tests of one kind about the same people the strongest speaks and
 * the others are counted.
 */
export function findingsOf(tests: readonly AuditTest[]): AuditFinding[] {
  const rank = (severity: Severity | null) => SEVERITIES.indexOf(severity ?? "none");
  const unmade = tests.filter((test) => isPixelCopies(test) && test.made === false).map(notMade);
  const groups = new Map<string, AuditTest[]>();
  for (const test of tests) {
    if (rank(test.severity) <= 0) continue;
    groups.set(kindOf(test), [...(groups.get(kindOf(test)) ?? []), test]);
  }
  const found = [...groups.values()]
    .map((group) => group.sort((a, b) => rank(b.severity) - rank(a.severity) || size(b) - size(a)))
    .map((group, at) => ({ group, at }))
    .sort((a, b) => rank(b.group[0].severity) - rank(a.group[0].severity) || a.at - b.at)
    .map(({ group }) => {
      const [test, ...others] = group;
      const { title, text } = wordsOf(test);
      const attack = test.id.startsWith("membership.") || test.id.startsWith("copying.share.");
      const doubt =
        attack && test.severity === "notice"
          ? " But its control fails: training and held-out images differ, or members differ from members, so it proves nothing here."
          : "";
      const also = others.length > 0 ? ` The same is seen by ${others.map(({ id }) => id).join(", ")}.` : "";
      return {
        test: test.id,
        scope: test.scope,
        severity: test.severity as Severity,
        title,
        text: text + doubt + also,
      };
    });
  const critical = found.filter(({ severity }) => severity === "critical");
  return [...critical, ...unmade, ...found.slice(critical.length)];
}

/** One line: copies first, then what keeps the audit from finding them. */
export function verdictOf(
  { tests, findings, splitLeaks, objections }: Pick<AuditFile, "tests" | "findings" | "splitLeaks" | "objections">,
  copies: number,
): string {
  const worst = findings[0]?.severity ?? "none";
  const clauses: string[] = [];
  if (copies > 0) {
    clauses.push(
      `${copies} synthetic ${copies === 1 ? "image repeats a training image" : "images repeat training images"}`,
    );
  }
  const leaks = splitLeaks?.length ?? 0;
  if (leaks > 0) {
    clauses.push(
      `the split leaks (${leaks} held-out ${leaks === 1 ? "image repeats a training image" : "images repeat training images"})`,
    );
  }
  for (const { code } of objections ?? []) clauses.push(OBJECTIONS[code]);
  const unmade = tests.find((test) => isPixelCopies(test) && test.made === false);
  if (unmade !== undefined) clauses.push(`the copy test was not made, since ${unmade.reason}`);
  if (clauses.length > 0) return `Do not release as it is: ${clauses.join("; ")}`;
  if (worst === "critical") return "Do not release as it is: attacks on the synthetic images tell who was trained on";
  if (worst === "warning")
    return "Release only with reasons: the synthetic images give something of the training images away";
  return "No leak was found by these tests, which is no proof that there is none";
}
