import type { ColumnOptions, Description } from "../columns.ts";
import type { Columns } from "../types.ts";
import type { Role, Source, Understood } from "./understood.ts";

/** Where each role comes from. @param header Columns of the table; none where folders say everything. */
export function sourcesOf(
  header: readonly string[],
  options: ColumnOptions,
  description: Description,
  found: Columns,
  derived: (role: Role) => string,
): Record<Role, Source> {
  const of = (role: Role): Source => {
    const given = options[role];
    if (given !== undefined) return { column: given === "" ? null : given };
    const name = found[role];
    if (name === undefined) return { column: null };
    if (header.includes(name)) return { column: name };
    const said = description[role];
    return { derived: said === undefined ? derived(role) : `as dataset.json says (${said})` };
  };
  return { label: of("label"), patient: of("patient"), split: of("split"), mask: of("mask") };
}

/** What becomes of labels and masks, as options or `dataset.json` say. */
export const rulesOf = (options: ColumnOptions, description: Description): Understood["rules"] => ({
  multiLabel: options.multiLabel ?? description.multiLabel,
  missing: options.missing ?? description.missing,
  uncertain: options.uncertain ?? description.uncertain,
  maskValues: options.maskValues ?? description.maskValues,
});
