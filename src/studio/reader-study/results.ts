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
  return { rows, kappa: agreement(readers, answered) };
}

/** Every answer beside the truth as csv; no file names. */
export function answersCsv(study: StudyFile, answers: readonly Answer[]): string {
  const lines = answeredImages(study, answers).map(({ answer: { reader, key, answer, milliseconds, at }, image }) =>
    formatSheetRow([reader, key, image.label, image.kind, answer, answer === image.kind ? 1 : 0, milliseconds, at]),
  );
  return [formatSheetRow(["reader", "key", "label", "kind", "answer", "correct", "milliseconds", "at"]), ...lines].join(
    "",
  );
}
