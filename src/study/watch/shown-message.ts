import { redactAddresses } from "../../core/redact.ts";
import type { StudyConfig } from "../config.ts";
import { generatorPaths } from "../generator-paths.ts";
import type { Job } from "../jobs/job.ts";
import { LOCAL_JOBS } from "../plan.ts";

/** Jobs that read the user's own files, whose names may name patients. */
export const COORDINATOR_KINDS: ReadonlySet<string> = new Set(LOCAL_JOBS);

const UNSAID = "the files could not be used; the terminal of `ganglion study` says why";
/** An absolute path, or one from the home folder; of spaces in it only the part before them. */
const PATH = /(^|[\s"'`(=])(?:file:\/\/|~?\/|[A-Za-z]:[\\/]|\\\\)[^\s"'`;,)]*?(?=:?(?:[\s"'`;,)]|$))/g;

/**
 * What may be said of a failure where others can read it: the message without paths and passwords, and nothing of what the user's files say.
 * @param more Paths besides those of the configuration.
 */
export function shownMessage(
  { kind }: Pick<Job, "kind">,
  message: string,
  config: StudyConfig,
  more: readonly string[] = [],
): string {
  if (COORDINATOR_KINDS.has(kind)) return UNSAID;
  const generators = Object.values(config.generators).flatMap(generatorPaths);
  const sets = config.testSets.flatMap(({ dataset }) => (dataset === null ? [] : [dataset]));
  // Short names such as `skin` are words too; they name no one.
  const paths = [...more, config.data.dataset, ...sets, ...generators].filter((path) => /[\\/]/.test(path));
  const named = paths
    .sort((a, b) => b.length - a.length)
    .reduce((text, path) => text.replaceAll(path, "…"), redactAddresses(message));
  return named.replace(/…[^\s"'`;,)]*?(?=:?(?:[\s"'`;,)]|$))/g, "…").replace(PATH, "$1…");
}
