import type { AuditFile } from "./audit-file.ts";
import type { CopySearch } from "./copies/search-copies.ts";
import type { JudgedTest } from "./judge.ts";

/** All that an audit measured, for `audit.json` and for the report. */
export interface AuditFindings {
  readonly audit: AuditFile;
  /** The tests of `audit` with their kinds. */
  readonly judged: readonly JudgedTest[];
  readonly searches: readonly CopySearch[];
}
