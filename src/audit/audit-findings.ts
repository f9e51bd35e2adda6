import type { AuditFile } from "./audit-file.ts";
import type { CopySearch } from "./copies/search-copies.ts";

/** All that an audit measured, for `audit.json` and for the report. */
export interface AuditFindings {
  readonly audit: AuditFile;
  readonly searches: readonly CopySearch[];
}
