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
