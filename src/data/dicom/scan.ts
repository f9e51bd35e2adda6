import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { GanglionError, type Problem } from "../../core/errors.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { asProblem } from "../image-problems.ts";
import { settlePatients, withoutCopies, withoutSideImages } from "./bookkeeping.ts";
import { DICOM_NAME, filesBelow, isOtherName } from "./find-files.ts";
import { type Instance, type InstanceOptions, readDicomFile, readInstance } from "./instance.ts";

import type { JoinedLabels } from "./join-labels.ts";

/** Problems of files that are no DICOM, for which a name of another kind is reason enough. */
const NOT_DICOM = new Set(["not-dicom", "other-format", "empty-file", "zero-bytes", "web-page", "server-message"]);

interface ScanOptions extends InstanceOptions {
  readonly settlePatients?: boolean;
  /** Gives the instances their labels, before copies are looked for and identifiers become pseudonyms. */
  readonly relabel?: ((instances: readonly Instance[]) => Promise<JoinedLabels<Instance>>) | undefined;
}

/** What a walk over a source finds. */
export interface Scan {
  /** Folder that paths are relative to. */
  readonly root: string;
  readonly instances: readonly Instance[];
  /** Files that hold no picture or one that is left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Files that should hold one and cannot be read, one line each. */
  readonly problems: readonly Problem[];
  /** What was found and settled of patients, copies and pictures beside the others, one line each. */
  readonly notes: readonly string[];
}

/**
 * Looks at every file below a folder, or at one file: pictures, objects without pixels and other files (counted by reason),
 * and damaged ones; pictures beside the others and copies are left out, and it is settled who the patients are. No pixel is
 * decoded.
 * @param options.settlePatients Whether an identifier that tells no patients apart is passed over. Defaults to true.
 * @throws GanglionError `files` when a folder cannot be listed
 */
export async function scanDicom(
  source: string,
  options: ScanOptions,
  onProgress: ProgressListener = silent,
): Promise<Scan> {
  const whole = resolve(source);
  const single = !(await stat(whole)).isDirectory();
  const root = single ? dirname(whole) : whole;
  const paths = single ? [basename(whole)] : await filesBelow(root);
  const instances: Instance[] = [];
  const problems: Problem[] = [];
  const skipped = new Map<string, number>();
  const skip = (reason: string) => skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  for (const [i, path] of paths.entries()) {
    if (isOtherName(path)) skip("not DICOM");
    else {
      try {
        const found = readInstance(await readDicomFile(root, path), options);
        if ("instance" in found) instances.push(found.instance);
        else skip(found.skipped);
      } catch (cause) {
        if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
        const problem = asProblem(cause, path);
        // A file without DICM, and not called DICOM either, is something else rather than a damaged one.
        if (NOT_DICOM.has(problem.code) && !DICOM_NAME.test(path)) skip("not DICOM");
        else problems.push(problem);
      }
    }
    onProgress({ stage: "scan", done: i + 1, total: paths.length, unit: "files" });
  }
  const pictures = withoutSideImages(instances);
  for (const [aside, n] of pictures.skipped) skipped.set(aside, n);
  const labelled = pictures.instances.length === 0 ? undefined : await options.relabel?.(pictures.instances);
  if (labelled !== undefined && labelled.withoutLabel > 0) skipped.set("without a label", labelled.withoutLabel);
  const distinct = await withoutCopies(root, labelled?.instances ?? pictures.instances);
  problems.push(...distinct.problems);
  const settled =
    options.settlePatients === false
      ? { instances: distinct.instances, notes: [] }
      : settlePatients(distinct.instances);
  return {
    root,
    instances: settled.instances,
    skipped: Object.fromEntries([...skipped].sort()),
    problems,
    notes: [...(labelled?.notes ?? []), ...pictures.notes, ...distinct.notes, ...settled.notes],
  };
}
