/**
 * The name that a weight had before the networks grew, see `grownFrom` of a family: layers at the image are named `image`, those of the
 * n-th resolution from 4 pixels `stageN`, and, while the newest are faded in, those at half the image `before.image`.
 */
export function grownByStages({ length }: readonly number[], name: string): string | null {
  const isNew = name.startsWith("image.") || name.startsWith(`stage${length - 1}.`);
  return isNew ? null : name.replace(/^before\./, "");
}
