import { GanglionError } from "../core/errors.ts";
import type { Listeners } from "../core/listeners.ts";
import { realFilter, syntheticMarks } from "../data/index.ts";
import { type Computing, chooseComputing } from "./choose-computing.ts";
import { likelyThreads } from "./choose-threads.ts";
import { familyAdvice } from "./compared-families.ts";
import { isPrivate } from "./dp/private-config.ts";
import { withoutHeldOut } from "./hold-out.ts";
import { type PreparedRun, prepareRun } from "./prepare.ts";
import { prepareResume, readStoredConfig } from "./resume-run.ts";
import { RunFolder } from "./run-folder.ts";
import type { TrainResult } from "./train-options.ts";
import type { TrainRequest } from "./train-request.ts";

/** Minutes of a fresh run whose request says neither images nor minutes. */
const MINUTES = 10;

export interface OpenTrainingOptions extends Omit<Listeners, "signal"> {
  /** Run folder to write. */
  readonly out: string;
  /** Goes on with the run in {@link out}, whose settings stand for what the request leaves out. Defaults to false. */
  readonly resume?: boolean | undefined;
}

/** A training that is ready to be estimated, profiled or run. */
export interface Training extends PreparedRun {
  readonly folder: RunFolder;
  /** Whether {@link folder} holds the run already. */
  readonly resume: boolean;
  readonly computing: Computing;
  /** Whether nobody said how many threads a fresh run takes: it finds out when it begins. */
  readonly choosesThreads: boolean;
}

/**
 * Reads the data and resolves every option of a run, a fresh one or one that goes on; nothing is written. A fresh run
 * takes ten minutes where the request says neither images nor minutes. A device that does not answer is warned of, and the CPU taken.
 * @throws GanglionError `dataset` for data that cannot be trained on, `usage` for options that do not fit
 */
export async function openTraining(request: TrainRequest, options: OpenTrainingOptions): Promise<Training> {
  const { out, resume = false, onProgress, onNote = () => undefined } = options;
  const folder = new RunFolder(out);
  const stored = resume ? await readStoredConfig(folder) : null;
  const computing = await chooseComputing(request, stored, options);
  const asked: TrainRequest = { ...request, onProgress, ...computing };
  const resolved =
    stored === null ? await prepareRun(withBudget(asked)) : await prepareResume(folder, stored, asked, onNote);
  const choosesThreads = stored === null && request.threads === undefined && computing.device === "cpu";
  const prepared = choosesThreads
    ? { ...resolved, config: { ...resolved.config, threads: await likelyThreads(resolved.config) } }
    : resolved;
  const advice = stored === null ? familyAdvice(prepared.config) : null;
  for (const note of [...notesOf(prepared), ...(advice === null ? [] : [advice])]) onNote(note);
  return { ...prepared, folder, resume, computing, choosesThreads };
}

function withBudget(request: TrainRequest): TrainRequest {
  return request.images === undefined && request.minutes === undefined ? { ...request, minutes: MINUTES } : request;
}

/** What is to be said of the images that are trained on. */
function notesOf({ dataset, indices, config, notes }: PreparedRun): string[] {
  const lines = [...dataset.notes, ...notes, `training on ${config.dataset.split}`];
  const without = withoutHeldOut(dataset, config.dataset.where);
  if (without !== null)
    lines.push(isPrivate(config) ? `${without}; \`ganglion split\` before a private training` : without);
  const marks = syntheticMarks({ root: dataset.root, samples: indices.map((i) => dataset.samples[i]!) });
  const synthetic = marks.filter((mark) => mark === true).length;
  if (synthetic > 0) {
    lines.push(
      `${synthetic} of the images are synthetic (column synthetic) and are used for training too; --where ${realFilter(dataset)} keeps only the real ones`,
    );
  }
  const { counts, classes } = config.dataset;
  counts.forEach((n, i) => {
    if (n === 1) lines.push(`class ${classes[i]} has one image: it can only be copied, not learned`);
  });
  return lines;
}

/** Refuses a training that diverged or collapsed. @throws GanglionError `training` that says which state is left */
export function refuseFailed(folder: RunFolder, { outcome, ended, generatorImagesSeen }: TrainResult): void {
  if (outcome !== "failed") return;
  throw new GanglionError(
    "training",
    `training ${ended}; ${folder.generatorPath} holds the best state, of ${generatorImagesSeen} images seen: look at ${folder.path}/samples before you use it, and train again with other settings (--set NAME=VALUE)`,
  );
}
