import { POOLED_SCHEMAS } from "./job-schemas.ts";
import type { Job } from "./jobs/job.ts";

/** What is wrong with the kind, the parameters or the inputs of a job that a worker is to do; null for nothing. */
export function checkStudyJob({ kind, parameters, inputs }: Job): string | null {
  if (!Object.hasOwn(POOLED_SCHEMAS, kind)) return "its kind is none that workers of this version do";
  const schema = POOLED_SCHEMAS[kind as keyof typeof POOLED_SCHEMAS];
  for (const [what, value] of [
    ["parameters", parameters],
    ["inputs", inputs],
  ] as const) {
    const { error } = schema[what].safeParse(value);
    if (error === undefined) continue;
    const at = error.issues[0]!.path.join(".");
    return `its ${what} are not those of ${kind} in this version${at === "" ? "" : ` (${at})`}`;
  }
  return null;
}
