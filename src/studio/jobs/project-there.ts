import { stat } from "node:fs/promises";
import { GanglionError } from "../../core/errors.ts";

/**
 * A project whose folder was taken away is not made anew by whoever writes into it: its own could not be put back then.
 * @throws GanglionError `refused`
 */
export async function checkProjectThere(project: string): Promise<void> {
  if ((await stat(project).catch(() => null))?.isDirectory()) return;
  const message = `the folder of this project, ${project}, is gone; put it back, or connect its disk again`;
  throw new GanglionError("refused", message);
}
