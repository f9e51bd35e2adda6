import { GanglionError } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import type { MetricsFile } from "../../evaluate/metrics-file.ts";
import { type RemadeGrade, remakeGrade } from "../../evaluate/remake-grade.ts";
import { type Grade, rank } from "../../evaluate/verdict/grade.ts";
import type { Verdict } from "../../evaluate/verdict/verdict-schema.ts";
import type { GateConfig } from "../config.ts";
import { writeGradePicture } from "./grade-picture.ts";
import type { Reasons } from "./reasons.ts";
import type { TrainingImages } from "./training-rules.ts";

/** Where the config says nothing, images below it are refused: noise and fog. */
export const LEAST_GRADE: Grade = "partial";

/** A file may say one grade more than what is found here: other extractors and more images were looked at. */
const GRADES_APART = 1;

export interface GradeCheck {
  /** Null where none are given. */
  readonly metrics: MetricsFile | null;
  /** Null where there are none to compare with. */
  readonly training: TrainingImages | null;
  readonly holdout: string | null;
  readonly synthetic: string;
  /** Folder for the picture of a refusal; null writes none. */
  readonly folder: string | null;
  readonly config: GateConfig;
  readonly threads: number;
  /** Folder for packed images. */
  readonly cache: string;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** The grade from the images themselves; null without training images, or where it cannot be made, which is a reason. */
async function madeAgain(check: GradeCheck, reasons: Reasons): Promise<RemadeGrade | null> {
  const { training, holdout, synthetic, threads, cache, signal } = check;
  if (training === null) return null;
  const onProgress: ProgressListener = (progress) => {
    if (signal.aborted) throw new GanglionError("files", "stopped; nothing was written");
    check.onProgress({ ...progress, stage: `grade again: ${progress.stage}` });
  };
  try {
    return await remakeGrade({
      ...{ real: training.path, label: training.label, where: training.where, run: training.run },
      ...{ holdout: holdout ?? undefined, synthetic },
      ...{ seed: 0, threads, cache, onProgress },
    });
  } catch (error) {
    if (signal.aborted || !(error instanceof GanglionError)) throw error;
    reasons.add("grade", "images", `their grade cannot be made again: ${error.message}`);
    return null;
  }
}

const isGraded = (verdict: Verdict | null): verdict is Verdict & { grade: Grade } =>
  verdict !== null && verdict.grade !== "unknown";

/**
 * Images that show nothing of what they are labelled with do harm as data: below `minGrade` they are refused, by the grade
 * that is made again here from the images and by that of `metrics.json`, whichever is lower. A file that says more than the
 * images do was edited.
 * @returns the lower of the two; null where neither is known
 */
export async function checkGrade(check: GradeCheck, reasons: Reasons): Promise<Verdict | null> {
  const { metrics, config, folder } = check;
  const remade = await madeAgain(check, reasons);
  const found = [remade?.verdict ?? null, metrics?.verdict ?? null];
  const known = found.filter(isGraded);
  const [lowest] = [...known].sort((a, b) => rank(a.grade) - rank(b.grade));
  if (remade !== null && metrics !== null && isGraded(remade.verdict) && isGraded(metrics.verdict)) {
    if (rank(metrics.verdict.grade) > rank(remade.verdict.grade) + GRADES_APART) {
      const message = `it says ${metrics.verdict.grade}, made again here from the images the grade is ${remade.verdict.grade}: it was edited, or other real images were meant; evaluate again`;
      reasons.add("edited-grade", "metrics.json", message);
    }
  }
  const least = config.minGrade ?? LEAST_GRADE;
  if (lowest === undefined) {
    if (config.minGrade !== null && config.minGrade !== "noise") {
      const why =
        found.find((verdict) => verdict !== null)?.sentence ??
        "no metrics are given and the training images are not there";
      const message = `the grade must be at least ${config.minGrade} (gate.minGrade), and is not known: ${why}; run \`ganglion evaluate\` and give its folder, or --train DATASET`;
      reasons.add("no-metrics", "--metrics", message);
    }
    return found.find((verdict) => verdict !== null) ?? null;
  }
  if (rank(lowest.grade) >= rank(least)) return lowest;
  const shown =
    remade === null || folder === null
      ? ""
      : `; ${await writeGradePicture(folder, remade)} shows real and synthetic images (keep it inside)`;
  const file = lowest === metrics?.verdict ? "metrics.json" : "images";
  reasons.add(
    "grade",
    file,
    `${lowest.sentence} (grade ${lowest.grade}, at least ${least} is released)${shown}; train longer or with more images, or lower gate.minGrade, which the card then states`,
  );
  return lowest;
}
