import { percentFixed } from "../../core/percent.ts";
import { formatSheetRow } from "../../data/csv.ts";
import { wilsonShare } from "../../math/wilson.ts";
import type { StudyResults } from "../api.ts";
import type { Answer } from "./answers.ts";
import { fleissKappa } from "./fleiss-kappa.ts";
import { KINDS, type StudyFile, type StudyImage } from "./study-file.ts";

/** An answer beside the truth. */
interface AnsweredImage {
  readonly answer: Answer;
  readonly image: StudyImage;
}

/** Answers to pictures of the study; others, of a file that was changed by hand, say nothing. */
function answeredImages({ images }: StudyFile, answers: readonly Answer[]): AnsweredImage[] {
  const byKey = new Map(images.map((image) => [image.key, image]));
  return answers.flatMap((answer) => {
    const image = byKey.get(answer.key);
    return image === undefined ? [] : [{ answer, image }];
  });
}

const called = (answered: readonly AnsweredImage[]) =>
  answered.filter(({ answer }) => answer.answer === "synthetic").length;

function rowOf(reader: string, label: string, answered: readonly AnsweredImage[]): StudyResults["rows"][number] {
  const synthetic = answered.filter(({ image }) => image.kind === "synthetic");
  const real = answered.filter(({ image }) => image.kind === "real");
  return {
    reader,
    label,
    truePositive: wilsonShare(called(synthetic), synthetic.length),
    falsePositive: wilsonShare(called(real), real.length),
  };
}

/** Agreement of the readers over the pictures that each of them answered for. */
function agreement(readers: readonly string[], answered: readonly AnsweredImage[]): StudyResults["kappa"] {
  if (readers.length < 2) return null;
  const counts = new Map<string, [number, number]>();
  for (const { answer } of answered) {
    const row = counts.get(answer.key) ?? [0, 0];
    row[KINDS.indexOf(answer.answer)]!++;
    counts.set(answer.key, row);
  }
  const whole = [...counts.values()].filter(([real, synthetic]) => real + synthetic === readers.length);
  const value = fleissKappa(whole);
  return value === null ? null : { value, images: whole.length, readers: readers.length };
}

/** Names of all readers who answered, sorted. */
export const readersOf = (answers: readonly Answer[]): string[] =>
  [...new Set(answers.map(({ reader }) => reader))].sort();

/** What a study has shown so far: all readers and classes together, then by class, by reader, and by both. */
export function studyResults(study: StudyFile, answers: readonly Answer[]): StudyResults {
  const answered = answeredImages(study, answers);
  const readers = readersOf(answered.map(({ answer }) => answer));
  const labels = [...new Set(study.images.map(({ label }) => label))].sort();
  const rows = [null, ...readers].flatMap((reader) => {
    const own = answered.filter(({ answer }) => reader === null || answer.reader === reader);
    return [null, ...labels].map((label) =>
      rowOf(
        reader ?? "all",
        label ?? "all",
        own.filter(({ image }) => label === null || image.label === label),
      ),
    );
  });
  return { rows, kappa: agreement(readers, answered), verdict: toldApart(answered) };
}

/** Answers of each kind that a finding needs. */
const MIN_ANSWERS = 10;

/**
 * Whether the readers told synthetic from real images, in one sentence: the difference of the shares called synthetic, TPR less
 * FPR, with its 95 % interval by Newcombe's method 10 (Newcombe 1998, Statistics in Medicine 17:873), from the Wilson intervals
 * of both. Answers of one reader, or for one image, are taken for independent.
 */
function toldApart(answered: readonly AnsweredImage[]): StudyResults["verdict"] {
  const { truePositive: t, falsePositive: f } = rowOf("all", "all", answered);
  if (t.n < MIN_ANSWERS || f.n < MIN_ANSWERS) {
    const sentence = `Cannot say whether readers tell the synthetic images from real ones: ${t.n} synthetic and ${f.n} real images were answered for, ${MIN_ANSWERS} of each are needed`;
    return { toldApart: null, sentence, difference: null };
  }
  const [p1, l1, u1, p2, l2, u2] = [t.value!, t.low!, t.high!, f.value!, f.low!, f.high!];
  const value = p1 - p2;
  const low = value - Math.hypot(p1 - l1, u2 - p2);
  const high = value + Math.hypot(u1 - p1, p2 - l2);
  const interval = `difference ${points(value)}, 95 % interval ${points(low)} to ${points(high)}`;
  const shares = `they called ${percentFixed(p1)} of the synthetic and ${percentFixed(p2)} of the real images synthetic (${interval}, ${t.n + f.n} answers)`;
  const difference = { value, low, high };
  if (low > 0)
    return { toldApart: true, sentence: `Readers tell the synthetic images from real ones: ${shares}`, difference };
  if (high < 0) {
    const sentence = `Readers tell the synthetic images from real ones, but take them for the real ones: ${shares}`;
    return { toldApart: true, sentence, difference };
  }
  return {
    toldApart: false,
    sentence: `Not shown that readers tell the synthetic images from real ones: ${shares}`,
    difference,
  };
}

/** A difference of shares in percentage points. */
const points = (share: number): string => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(0)} points`;

/** Every answer beside the truth as csv; no file names. */
export function answersCsv(study: StudyFile, answers: readonly Answer[]): string {
  const lines = answeredImages(study, answers).map(({ answer: { reader, key, answer, milliseconds, at }, image }) =>
    formatSheetRow([reader, key, image.label, image.kind, answer, answer === image.kind ? 1 : 0, milliseconds, at]),
  );
  const head = formatSheetRow(["reader", "key", "label", "kind", "answer", "correct", "milliseconds", "at"]);
  return [head, ...lines].join("");
}

/** What was found, as json: the sentence, the rows and the agreement. */
export const resultsJson = (study: StudyFile, answers: readonly Answer[]): string =>
  `${JSON.stringify({ study: study.name, images: study.images.length, ...studyResults(study, answers) }, null, 2)}\n`;
