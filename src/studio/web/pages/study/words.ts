import type { WatchedStudy } from "../../../api.ts";
import type { Words } from "../../texts/texts.ts";

export type Progress = WatchedStudy["progress"];
export type Cell = Progress["arms"][number]["cells"][number];

/** What jobs of a kind come to, e.g. "classifiers trained". */
export const kindWords = (kind: string, { maybe }: Words): string => maybe(`kind.${kind}`) ?? kind;

/** Letter of the stage that runs. */
const STAGE_LETTERS = { images: "I", generator: "G", drawing: "D", training: "T", scoring: "S" } as const;
type Stage = keyof typeof STAGE_LETTERS;
/** Letters of the stages with what they stand for. */
export const stageLegend = ({ t }: Words) =>
  Object.entries(STAGE_LETTERS).map(([stage, letter]) => [letter, t(`stage.${stage as Stage}`)] as const);

const SIGNS = { waiting: "·", done: "✓", failed: "✕", blocked: "–" } as const;

/** What stands in a cell: the state in one sign, of a running one its stage. */
export const cellSign = ({ state, stage }: Cell): string =>
  state === "running" ? STAGE_LETTERS[stage ?? "training"] : SIGNS[state];

/** "failed: scoring", "waiting for: generator". */
export function cellWords({ state, stage }: Cell, { t }: Words): string {
  if (stage === null) return t(`cell.${state}`);
  return t(`cell.${state}.stage`, { stage: t(`stage.${stage}`) });
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
