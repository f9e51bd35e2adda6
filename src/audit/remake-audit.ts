import type { ProgressListener } from "../core/progress.ts";
import { auditSets } from "./audit.ts";
import type { AuditFile } from "./audit-file.ts";
import { openSeparateSets } from "./open-separate-sets.ts";

export interface RemakeAuditOptions {
  readonly train: string;
  readonly holdout: string;
  readonly synthetic: string;
  /** Class column of the real datasets. Defaults to what they say, else a guess. */
  readonly label?: string | undefined;
  /** Filters `COL=VALUE` that the run's training images were chosen by. Defaults to none. */
  readonly where?: readonly string[] | undefined;
  /** Folder of the run, whose own split of the training dataset counts. Defaults to none. */
  readonly run?: string | undefined;
  /** Leaves held-out images out that repeat training images, as the audit did. Defaults to false. */
  readonly dropDuplicates?: boolean | undefined;
  /** Seed of the audit that is made again. */
  readonly seed: number;
  /** Searches for copies that share its expected number of false alarms. */
  readonly searches: number;
  /** Threads inside one operator. */
  readonly threads: number;
  /** Folder for packed images. */
  readonly cache: string;
  readonly onProgress: ProgressListener;
}

/**
 * Makes an audit again by pixels alone, which needs no encoder and so a small part of the time: the hashes of the sets, the
 * search for copies, near duplicates in the split, and the attacks by pixels. Nothing is written.
 * @throws GanglionError as `audit`
 */
export async function remakeAudit({ seed, searches, threads, ...options }: RemakeAuditOptions): Promise<AuditFile> {
  const sets = await openSeparateSets({ ...options, threads });
  try {
    const { audit } = await auditSets(sets, [], {
      seed,
      searches,
      threads,
      onProgress: options.onProgress,
    });
    return audit;
  } finally {
    sets.close();
  }
}
