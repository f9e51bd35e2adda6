/** How many drawn images repeat a training image. */
export interface CopyCount {
  readonly found: number;
  /** Images that were looked at. */
  readonly of: number;
}

/** A count and when it was made. */
export interface CopiedState extends CopyCount {
  readonly imagesSeen: number;
}

/** How training follows whether it copies; the audit's layer, which lies above, supplies one. */
export interface CopyMonitor {
  /** @param images uint8 [n, C, S, S], drawn by the run. */
  count(images: Uint8Array): Promise<CopyCount>;
  close(): Promise<void>;
}

/** Images that may repeat a training image by accident before it is said. */
const BY_CHANCE = 1;

export const isCopying = ({ found }: CopyCount): boolean => found > BY_CHANCE;

/** What to say of a run that copies, and what to do. */
export const copiesText = ({ found, of, imagesSeen }: CopiedState): string =>
  `${found} of ${of} images drawn at ${imagesSeen.toLocaleString("en-US")} images seen repeat training images: the run begins to copy what it learns from; end it here, and train on more images, from a start (--from), or with more augmentation (--set augment.target=0.3)`;

/** What to say of a new count: the warning when a run begins to copy, and again when the share has doubled; else null. */
export function copyWarning(now: CopiedState, told: CopyCount | null): string | null {
  if (!isCopying(now)) return null;
  const doubled = told === null || now.found / now.of >= (2 * told.found) / told.of;
  return doubled ? copiesText(now) : null;
}
