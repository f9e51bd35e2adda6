import type { ReleaseContent } from "../package-writer.ts";
import { short } from "./tables.ts";

/** What a card says of a release that no run proved. */
export const NOT_REDRAWN =
  "Released without the run (--without-run): the images were not drawn again and compared, so their origin is known only from their records.";

/** What is promised about the people the generator learned from, in words that promise no more than was shown. */
export function privacyStatement({ privacy, removed, redrawn, audit }: ReleaseContent): string {
  const lines = [
    "None of these images is of a patient: each was drawn by a generator from a random number. The generator was trained on images of patients, so traces of them cannot be excluded by inspection.",
    redrawn
      ? "Every image was drawn again by the generator from its record and compared: they agree to two grey levels."
      : `**${NOT_REDRAWN}**`,
  ];
  if (privacy === null) {
    lines.push(
      "The training carried **no guarantee of differential privacy**, or there is no run that documents it. The results below were measured, not proven: tests find only what they look for.",
    );
  } else {
    lines.push(
      `The generator was trained with **differential privacy: epsilon ${short(privacy.epsilon)}, delta ${privacy.delta}**; the protected unit is ${privacy.unit}; the accountant is ${privacy.accountant}. This bounds what can be learned about one such unit, whatever is done with these images, and does not depend on any test.`,
    );
  }
  lines.push(
    `The audit compared ${audit.synthetic.n} images with ${audit.train.n} training images and ${audit.holdout.n} held-out ones. ${removed === 0 ? "It found no copies." : `It found ${removed} ${removed === 1 ? "copy" : "copies"} of training images; ${removed === 1 ? "it was" : "they were"} removed.`} **A copy search that finds nothing is no proof of privacy.**`,
  );
  return lines.join("\n\n");
}
