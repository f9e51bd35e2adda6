import type { ReleaseContent } from "../package-writer.ts";
import { short } from "./tables.ts";

/** What a card says of a release that no run proved. */
export const NOT_REDRAWN =
  "Released without the run (--without-run): the images were not drawn again and compared, so that their origin rests on the word of their records.";

/** What is promised about the people the generator learned from, in words that promise no more than was shown. */
export function privacyStatement({ privacy, removed, redrawn, audit }: ReleaseContent): string {
  const lines = [
    "None of these images is of a patient: each was drawn by a generator from a number. The generator learned from images of patients, so traces of them cannot be excluded by looking.",
    redrawn
      ? "Every image was drawn again by the generator from its record and compared: they are what it draws, to two grey levels."
      : `**${NOT_REDRAWN}**`,
  ];
  if (privacy === null) {
    lines.push(
      "The training carried **no guarantee of differential privacy**, or no run says that it did. What stands below was measured, not proven: tests find what they look for.",
    );
  } else {
    lines.push(
      `The generator was trained with **differential privacy: epsilon ${short(privacy.epsilon)}, delta ${privacy.delta}**; protected is ${privacy.unit}; the accountant is ${privacy.accountant}. Whatever is done with these images, what can be learned about one such unit is bounded by that: no test has to be trusted.`,
    );
  }
  lines.push(
    `The audit compared ${audit.synthetic.n} images with ${audit.train.n} training images and ${audit.holdout.n} held-out ones. ${removed === 0 ? "It called none a copy." : `It called ${removed} ${removed === 1 ? "a copy" : "copies"} of training images; ${removed === 1 ? "it was" : "they were"} removed.`} **A copy search that finds nothing is no proof of privacy.**`,
  );
  return lines.join("\n\n");
}
