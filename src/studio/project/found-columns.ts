import { GanglionError } from "../../core/errors.ts";
import { FILE_NAME } from "../../data/columns.ts";
import { columnNames } from "../../data/dataset.ts";
import { readDescription } from "../../data/layout/description.ts";
import { IMPORT_FIRST } from "../../data/readers/reader.ts";
import type { Dataset, Sample } from "../../data/types.ts";
import type { FoundColumn, Preview, ReadAs } from "../project-api.ts";
import { STUDIO_LINKS } from "../server/inside.ts";
import type { OpenedWorkspace } from "../server/workspace.ts";
import { problemsBeside, withRows } from "./found-problems.ts";

const ROLES = ["label", "patient", "split", "mask", "tone"] as const;
type RoleName = FoundColumn["role"];
/** Values of a column that are shown, and problems. */
const SHOWN = { examples: 5, problems: 200 } as const;

const cellOf = (role: RoleName, column: string, sample: Sample): string =>
  (role === "tone" ? sample.attributes[column] : sample[role]) ?? "";

/** Where each role of a dataset comes from, and why. */
async function columnsOf(dataset: Dataset, read: ReadAs): Promise<FoundColumn[]> {
  const { columns, samples, understood, root, reader } = dataset;
  const stated = reader.imageFiles ? await readDescription(root, STUDIO_LINKS).catch(() => ({})) : {};
  return ROLES.map((role): FoundColumn => {
    const column = columns[role] ?? null;
    const source = role === "tone" ? undefined : understood?.roles[role];
    const derived = source !== undefined && "derived" in source ? source.derived : null;
    const chosen = role !== "tone" && read[role] !== undefined;
    const values = new Set<string>();
    let filled = 0;
    if (column !== null) {
      for (const sample of samples) {
        const value = cellOf(role, column, sample);
        if (value === "") continue;
        filled++;
        values.add(value);
      }
    }
    return {
      role,
      column,
      why: chosen
        ? "chosen"
        : column === null
          ? "none"
          : Object.hasOwn(stated, role)
            ? "stated"
            : derived !== null
              ? "derived"
              : understood === undefined && role !== "tone"
                ? "kind"
                : "name",
      said: derived,
      filled,
      values: values.size,
      examples: role === "patient" || role === "mask" ? [] : [...values].slice(0, SHOWN.examples),
    };
  });
}

/** Opens images for looking at; why not, where they must be imported first or cannot be read. @param folder Real path. */
export async function previewOf(workspace: OpenedWorkspace, folder: string, read: ReadAs): Promise<Preview> {
  try {
    const { id, summary, dataset } = await workspace.look(folder, read);
    const header = columnNames(dataset).filter((name) => name !== FILE_NAME);
    const columns = await columnsOf(dataset, read);
    return { id, images: summary.images, importFirst: false, notes: dataset.notes, problems: [], columns, header };
  } catch (error) {
    if (!(error instanceof GanglionError) || error.code === "internal") throw error;
    const nothing = { id: null, images: 0, columns: [], header: [] };
    const { code, message, problems: found } = error;
    if (found.length > 0 && found.every((problem) => problem.code === IMPORT_FIRST))
      return { ...nothing, importFirst: true, notes: found.map((problem) => problem.message), problems: [] };
    const listed = found.length > 0 ? found : [{ code, path: "", message }];
    const problems = await withRows(problemsBeside(listed.slice(0, SHOWN.problems), null), folder);
    return { ...nothing, importFirst: false, notes: [], problems };
  }
}
