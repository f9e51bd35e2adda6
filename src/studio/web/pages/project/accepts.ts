import { fieldsOf } from "../../../job-forms.ts";

const field = fieldsOf("release").find(({ name }) => name === "accept");
const known: readonly string[] = field !== undefined && "options" in field ? field.options : [];

/**
 * What of a refusal a person may accept; null where one of its reasons is no lack of evidence. A rule of the gate's own
 * (`src/release/accepted.ts`), which decides again.
 */
export function acceptsOf(problems: readonly { readonly code: string; readonly path: string }[]): string[] | null {
  const names = problems.map(({ code, path }) =>
    code === "audit-warning" ? path.replace(/^audit\.json: /, "") : code,
  );
  return names.length > 0 && names.every((name) => known.includes(name)) ? [...new Set(names)] : null;
}
