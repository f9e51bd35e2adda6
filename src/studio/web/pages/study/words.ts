import type { WatchedStudy } from "../../../api.ts";

export type Progress = WatchedStudy["progress"];
export type Cell = Progress["arms"][number]["cells"][number];

const JOB_WORDS: Readonly<Record<string, string>> = {
  "pack-images": "images packed",
  "pack-maps": "maps packed",
  "train-generator": "generators trained",
  "take-generator": "generators taken",
  "take-extractor": "extractors taken",
  sample: "sets drawn",
  "extract-features": "features extracted",
  "train-classifier": "classifiers trained",
  score: "tests scored",
};
/** What jobs of a kind come to, e.g. "classifiers trained". */
export const kindWords = (kind: string): string => JOB_WORDS[kind] ?? kind;

const STAGE_WORDS = {
  images: "packing images",
  generator: "generator",
  drawing: "drawing images",
  training: "training the classifier",
  scoring: "scoring",
} as const;

/** Letter of the stage that runs. */
const STAGE_LETTERS = { images: "I", generator: "G", drawing: "D", training: "T", scoring: "S" } as const;
export const STAGE_LEGEND = Object.entries(STAGE_WORDS).map(
  ([stage, words]) => [STAGE_LETTERS[stage as keyof typeof STAGE_LETTERS], words] as const,
);

const SIGNS = { waiting: "·", done: "✓", failed: "✕", blocked: "–" } as const;

/** What stands in a cell: the state in one sign, of a running one its stage. */
export const cellSign = ({ state, stage }: Cell): string =>
  state === "running" ? STAGE_LETTERS[stage ?? "training"] : SIGNS[state];

/** "failed: scoring", "waiting for: generator". */
export function cellWords({ state, stage }: Cell): string {
  if (stage === null) return state;
  const what = STAGE_WORDS[stage];
  if (state === "waiting") return `waiting, next: ${what}`;
  return state === "blocked" ? `blocked by a failed job: ${what}` : `${state}: ${what}`;
}

/** Done jobs and all of them. */
export function jobsDone({ jobs }: Progress): { readonly done: number; readonly all: number } {
  let [done, all] = [0, 0];
  for (const { kept, made, waiting, running, failed, blocked } of jobs) {
    done += kept + made;
    all += kept + made + waiting + running + failed + blocked;
  }
  return { done, all };
}

/** Three decimals with a sign: 0.0123 => "+0.012", -0.5 => "−0.500". */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(3);
  if (Number(text) === 0) return "0.000";
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** Seconds from one time to another, not below 0. */
export const secondsBetween = (from: string, to: string): number =>
  Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
