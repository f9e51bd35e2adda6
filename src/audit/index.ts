export { type AuditOptions, type AuditResult, audit } from "./audit.ts";
export {
  type AuditCopy,
  type AuditFile,
  type AuditFinding,
  type AuditTest,
  auditJsonSchema,
  auditSchema,
  SEVERITIES,
  type Severity,
} from "./audit-file.ts";
export { copyMonitor } from "./copies/copy-monitor.ts";
export {
  type CopyImages,
  type FoundCopies,
  type FoundCopy,
  type SearchCopiesOptions,
  searchCopies,
} from "./copies/find-copies.ts";
export { seldomFound } from "./recall/recall.ts";
