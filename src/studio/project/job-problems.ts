import type { AllowedPaths } from "../jobs/allowed-paths.ts";
import type { JobProblems, JobRecord, ReadAs } from "../project-api.ts";
import type { OpenedWorkspace } from "../server/workspace.ts";
import { problemsBeside, withRows } from "./found-problems.ts";

/** Commands that read a folder of images, which is their first word. */
const READS_IMAGES: ReadonlySet<string> = new Set(["import", "inspect"]);
/** Problems that are shown. */
const MOST = 200;

/** How a command was told to read its folder of images. */
function readAsOf(words: readonly string[]): ReadAs {
  const said = (["label", "patient", "split", "mask"] as const).flatMap((role) => {
    const at = words.indexOf(`--${role}`);
    return at < 0 ? [] : [[role, words[at + 1]!]];
  });
  return { ...Object.fromEntries(said), ...(words.includes("--skip-damaged") ? { skipDamaged: true } : {}) };
}

/** Why a job failed, each problem with its image or row where the job read a folder that is still there. */
export async function problemsOfJob(
  { command, words, error }: JobRecord,
  paths: AllowedPaths,
  workspace: OpenedWorkspace,
): Promise<JobProblems> {
  const problems = (error?.problems ?? []).slice(0, MOST);
  const folder = READS_IMAGES.has(command) ? await paths.find(words[1] ?? "").catch(() => null) : null;
  if (folder === null || problems.length === 0) return { dataset: null, problems: problemsBeside(problems, null) };
  const opened = await workspace.look(folder, readAsOf(words)).catch(() => null);
  const found = problemsBeside(problems, opened?.dataset ?? null);
  return { dataset: opened?.id ?? null, problems: await withRows(found, folder) };
}
