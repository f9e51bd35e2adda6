import type { Problem } from "../core/errors.ts";
import { ACCEPTED_WARNINGS, DEFAULT_CONFIG, type GateConfig } from "./config.ts";

/** Limits that may be given up by name, with what the gate then asks for. */
const GIVEN_UP = {
  "few-images": { minTestImages: 1, minImagesPerClass: 1 },
  "missing-test": { requiredTests: [] },
  grade: { minGrade: "noise" },
} as const satisfies Readonly<Record<string, Partial<GateConfig>>>;

/** What `--accept` takes: warnings of the audit, and limits of the gate that say how much was shown, none on what leaks. */
export const ACCEPTABLE = [...ACCEPTED_WARNINGS, ...(Object.keys(GIVEN_UP) as (keyof typeof GIVEN_UP)[])] as const;
export type Acceptable = (typeof ACCEPTABLE)[number];

const isWarning = (name: Acceptable): name is (typeof ACCEPTED_WARNINGS)[number] =>
  ACCEPTED_WARNINGS.some((each) => each === name);

/** The limits of the gate with what a person accepts. */
export function acceptingConfig(config: GateConfig, accepted: readonly Acceptable[]): GateConfig {
  const warnings = [...new Set([...config.acceptWarnings, ...accepted.filter(isWarning)])];
  const given = accepted.flatMap((name) => (isWarning(name) ? [] : [GIVEN_UP[name]]));
  return Object.assign({ ...config, acceptWarnings: warnings }, ...given);
}

/** What would have to be accepted for a release that was refused for these reasons; null where one of them cannot be. */
export function acceptableOf(problems: readonly Problem[]): readonly Acceptable[] | null {
  const found = problems.map(({ code, path }) => {
    const name = code === "audit-warning" ? path.replace(/^audit\.json: /, "") : code;
    // Images of another generator are a mistake to mend, not evidence that is missing.
    return ACCEPTABLE.find((each) => each === name && each !== "other-generator");
  });
  const known = found.filter((name) => name !== undefined);
  return known.length === problems.length && known.length > 0 ? [...new Set(known)] : null;
}

/** What the cards say of limits that are below those of the gate, one sentence each. */
export function loweredStatements({ minTestImages, minImagesPerClass, requiredTests, minGrade }: GateConfig): string[] {
  const usual = DEFAULT_CONFIG.gate;
  const missing = usual.requiredTests.filter((name) => !requiredTests.includes(name));
  return [
    ...(minTestImages < usual.minTestImages || minImagesPerClass < usual.minImagesPerClass
      ? [
          `Accepted: fewer images than are usually asked for (${usual.minTestImages} in each test of the audit, ${usual.minImagesPerClass} of each class): what the audit did not find may be there all the same.`,
        ]
      : []),
    ...(missing.length > 0
      ? [`Accepted: the audit need not have made the usual tests (${missing.join(", ")}): copies may be there unseen.`]
      : []),
    ...(minGrade === "noise"
      ? ["Accepted: the images may be of the lowest grade, and show nothing of their class."]
      : []),
  ];
}
