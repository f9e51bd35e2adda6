import type { MaskValue } from "../masks/mask-values.ts";
import type { UncertainPolicy } from "../table/one-hot.ts";
import type { MultiLabelPolicy } from "../table/several-labels.ts";

/** Where a role is taken from: a column or level that can be named, none, or something that has no name of its own. */
export type Source = { readonly column: string | null } | { readonly derived: string };

/** Roles that a column may have. */
export const ROLES = ["label", "patient", "split", "mask"] as const;
export type Role = (typeof ROLES)[number];

/** How a folder was read, as a mapping file says it. */
export interface Understood {
  /** The one table that was read; null where several or none were. */
  readonly table: string | null;
  /** Its column of the images; null where that is `file_name` or not of one table. */
  readonly file: string | null;
  readonly roles: Readonly<Record<Role, Source>>;
  /** Box columns as the table has them, null where there are none. */
  readonly boxes: readonly string[] | null;
  /** What is to be said of the tables or folders. */
  readonly comment: string;
  /** What becomes of labels and masks where somebody says so. */
  readonly rules: {
    readonly multiLabel: MultiLabelPolicy | undefined;
    readonly missing: readonly string[] | undefined;
    readonly uncertain: UncertainPolicy | undefined;
    readonly maskValues: readonly MaskValue[] | undefined;
  };
}
