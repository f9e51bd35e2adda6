import { counted } from "../../core/counted.ts";
import type { Problem } from "../../core/errors.ts";
import { listed, named } from "../../core/quoted.ts";
import type { RowOfTable } from "./unite-tables.ts";

/** The rows of one image as one. */
export interface ImageRow {
  /** Path of the image from the dataset folder. */
  readonly fileName: string;
  /** Where its first row is. */
  readonly where: string;
  /** Where its rows are, each place once. */
  readonly places: readonly string[];
  /** Cells of its distinct rows, by column. */
  readonly rows: readonly (readonly string[])[];
  /** Joined cells. */
  readonly cells: readonly string[];
  readonly split: string | undefined;
  readonly base: string;
}

/** Columns with a role in joining, by their place; -1 where there is none. */
export interface JoinRoles {
  readonly patient: number;
  readonly split: number;
  /** Four columns of a box; empty where there are none. */
  readonly box: readonly number[];
}

const distinct = (values: readonly string[]): string[] => [
  ...new Set(values.map((value) => value.trim()).filter((value) => value !== "")),
];

/**
 * Makes one row of the rows of each image, as tables of boxes and of several readers have them. Equal rows are one. Boxes are
 * collected, `;` between them; other cells that differ are joined by `;` too. An image is of one patient and one split: other
 * values are problems.
 * @param files Image of each row; null leaves the row out.
 */
export function joinRows(
  rows: readonly RowOfTable[],
  files: readonly (string | null)[],
  header: readonly string[],
  roles: JoinRoles,
): { images: ImageRow[]; notes: string[]; problems: Problem[] } {
  const groups = new Map<string, RowOfTable[]>();
  for (const [i, row] of rows.entries()) {
    const file = files[i];
    if (file === null || file === undefined) continue;
    const group = groups.get(file);
    if (group === undefined) groups.set(file, [row]);
    else group.push(row);
  }
  const problems: Problem[] = [];
  const images: ImageRow[] = [];
  let equal = 0;
  let several = 0;
  const joined = new Set<string>();
  for (const [fileName, group] of groups) {
    const [first] = group as [RowOfTable];
    const { where, base, split } = first;
    if (group.length === 1) {
      images.push({ fileName, where, places: [where], base, split, rows: [first.cells], cells: first.cells });
      continue;
    }
    const own = [...new Map(group.map((row) => [JSON.stringify(row.cells), row])).values()];
    equal += group.length - own.length;
    if (own.length > 1) several++;
    for (const [role, at] of [
      ["patient", roles.patient],
      ["split", roles.split],
    ] as const) {
      const values = at < 0 ? [] : distinct(own.map(({ cells }) => cells[at]!));
      if (values.length < 2) continue;
      const message = `${own.length} rows of ${named(fileName)} name different values of ${named(header[at]!)} (${listed(values)}), and an image is of one ${role}; correct the rows, or name another column with --${role}`;
      problems.push({ code: `several-${role}s`, path: where, message });
    }
    const boxed = own.filter(({ cells }) => roles.box.length > 0 && roles.box.every((at) => cells[at]!.trim() !== ""));
    const cells = header.map((name, i) => {
      if (roles.box.includes(i)) return boxed.map((row) => row.cells[i]!.trim()).join(";");
      const values = distinct(own.map((row) => row.cells[i]!));
      if (values.length > 1) joined.add(name);
      return values.length > 1 ? values.join(";") : (values[0] ?? "");
    });
    const places = [...new Set(group.map((row) => row.where))];
    images.push({ fileName, where, places, base, split, rows: own.map((row) => row.cells), cells });
  }
  const notes: string[] = [];
  if (equal > 0)
    notes.push(`${counted(equal, "row is repeated as it is", "rows are repeated as they are")}; each is counted once`);
  if (several > 0) {
    const boxes = roles.box.length > 0 ? "; their boxes are collected" : "";
    const others = joined.size > 0 ? `; cells that differ are joined by ";" (${listed([...joined])})` : "";
    notes.push(`${counted(several, "image has", "images have")} several rows, which are joined${boxes}${others}`);
  }
  return { images, notes, problems };
}
