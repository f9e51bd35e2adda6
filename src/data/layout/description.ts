import { join } from "node:path";
import { formatProblems, GanglionError } from "../../core/errors.ts";
import { type Links, orMissing, readJsonInside } from "../../core/inside-folder.ts";
import { schemaProblems } from "../../core/schema-problems.ts";
import { DESCRIPTION, type Description, descriptionSchema } from "../columns.ts";

/** What `dataset.json` of a folder says; nothing where there is none. @throws GanglionError `dataset` or `files` */
export async function readDescription(root: string, links: Links): Promise<Description> {
  const stated = await orMissing(readJsonInside(root, DESCRIPTION, links));
  return stated === null ? {} : parseDescription(stated, join(root, DESCRIPTION));
}

/** Checks what a description says. @param path Its file, for messages. @throws GanglionError `dataset` */
function parseDescription(stated: unknown, path: string): Description {
  const found = descriptionSchema.safeParse(stated);
  if (found.success) return found.data;
  const problems = schemaProblems(descriptionSchema, found.error, stated, "description").map((problem) => ({
    ...problem,
    path: `${DESCRIPTION}: ${problem.path}`,
    message: `${problem.message}; name columns as text: file, label, patient, split, mask, tone, and box as four names`,
  }));
  throw new GanglionError("dataset", formatProblems(`${path} does not describe a dataset`, problems), { problems });
}
