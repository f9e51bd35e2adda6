import type { AuditFile } from "./audit-file.ts";
import type { RatedTest } from "./collect-findings.ts";
import type { CopySearch } from "./copies/search-copies.ts";

/** All that an audit measured, for `audit.json` and for the report. */
export interface AuditFindings {
  readonly audit: AuditFile;
  /** The tests of `audit` with their kinds. */
  readonly rated: readonly RatedTest[];
  readonly searches: readonly CopySearch[];
}
