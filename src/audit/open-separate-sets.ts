import { GanglionError } from "../core/errors.ts";
import { runtimeLinear64 } from "../math/linear/runtime-linear64.ts";
import type { AuditCaution, SplitLeak } from "./audit-file.ts";
import { FALSE_ALARMS } from "./collect-findings.ts";
import { splitLeaksOf } from "./copies/copy-tests.ts";
import { searchPixelCopies } from "./copies/search-copies.ts";
import { type AuditSets, type OpenAuditSetsOptions, openAuditSets } from "./open-sets.ts";

/** Rounds of leaving out: without the nearest pairs, others may stand out that they hid. */
const ROUNDS = 4;

export interface OpenSeparateSetsOptions extends OpenAuditSetsOptions {
  /** Leaves held-out images out that repeat training images. Defaults to false. */
  readonly dropDuplicates?: boolean | undefined;
  /** Threads inside one operator. */
  readonly threads: number;
}

/** Sets of an audit, with the held-out images that were left out since they repeat training images. */
export type SeparateSets = AuditSets & {
  readonly cautions: AuditCaution[];
  readonly dropped: readonly SplitLeak[];
};

/**
 * Opens the sets of an audit, where asked for without the held-out images that repeat training images by the search for copies.
 * @throws GanglionError `dataset` where none is left
 */
export async function openSeparateSets(options: OpenSeparateSetsOptions): Promise<SeparateSets> {
  const dropped: SplitLeak[] = [];
  for (let round = 0; ; round++) {
    const without = new Set(dropped.map(({ holdout }) => holdout));
    const sets = await openAuditSets({ ...options, without });
    if (!options.dropDuplicates || round === ROUNDS) return { ...sets, dropped };
    const { threads, onProgress } = options;
    const linear = runtimeLinear64({ threads });
    try {
      const search = await searchPixelCopies(sets, linear, { falseAlarms: FALSE_ALARMS.copies, threads, onProgress });
      const leaks = splitLeaksOf(sets, search);
      if (leaks.length === 0) return { ...sets, dropped };
      dropped.push(...leaks);
      if (leaks.length === sets.holdout.store.count) {
        throw new GanglionError(
          "dataset",
          `--drop-duplicates: every held-out image repeats a training image (${leaks.length} of ${leaks.length}); give others of the same source with --holdout`,
        );
      }
      sets.close();
    } catch (error) {
      sets.close();
      throw error;
    } finally {
      await linear.close();
    }
  }
}
