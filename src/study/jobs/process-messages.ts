import type { ErrorCode } from "../../core/errors.ts";
import type { Progress } from "../../core/progress.ts";
import type { Job } from "./job.ts";

/** What the parent sends to a process of jobs. */
export interface JobRequest {
  readonly job: Job;
  readonly threads: number;
}

/** What a process of jobs answers. */
export type JobReply =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "done"; readonly made: boolean }
  | { readonly type: "missing"; readonly role: string }
  | { readonly type: "no-room"; readonly message: string }
  | { readonly type: "error"; readonly code: ErrorCode; readonly message: string };
