/**
 * Adaptive strength of the augmentation (Karras et al. 2020, arXiv 2006.06676, section 3.1). Their sign(D(real)) has
 * no meaning for relativistic logits, which a constant may shift; the sign of the difference in each pair takes its
 * place: +1 when D orders every pair rightly, 0 when it guesses.
 */
export function adaptProbability(
  p: number,
  orderSign: number,
  imagesSeen: number,
  { augment }: { readonly augment: { readonly target: number; readonly speedImages: number } },
): number {
  const move = imagesSeen / augment.speedImages;
  return Math.min(1, Math.max(0, p + Math.sign(orderSign - augment.target) * move));
}

/** Mean sign of D(real) - D(fake) over pairs; logits [2N], real first. */
export function orderSign(logits: ArrayLike<number>): number {
  const half = logits.length / 2;
  let sum = 0;
  for (let i = 0; i < half; i++) sum += Math.sign(logits[i]! - logits[half + i]!);
  return sum / half;
}
