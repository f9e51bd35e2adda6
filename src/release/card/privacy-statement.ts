import { percentSignificant } from "../../core/percent.ts";
import type { Residual } from "../gate/reproduction-rules.ts";
import type { ReleaseContent } from "../package-writer.ts";
import { cell, short } from "./tables.ts";

/** What a card says of a release that no run proved. */
export const NOT_REDRAWN =
  "Released without the run (--without-run): the images were not drawn again and compared, so their origin is known only from their records.";

/** What a card says of a release whose audit was not made again. */
export const NOT_COMPARED =
  "Released without comparing the images with the training images (gate.withoutTraining): what is said of copies is known only from the audit's own file.";

/** What a card says of a release whose audit need not be of the run's training images. */
export const OTHER_TRAINING =
  "The audit need not have compared with the images that the generator was trained on (gate.sameTraining is false).";

/** How far a set was from what its run drew again, as a clause. */
export const residualText = ({ max, share }: Residual): string =>
  max === 0
    ? "the set agreed with it in every pixel"
    : `the set differed from it by one grey level in ${percentSignificant(share, 2)} of the values`;

/** What is promised about the people the generator learned from, in words that promise no more than was shown. */
export function privacyStatement({ privacy, removed, residual, compared, statements, audit }: ReleaseContent): string {
  const lines = [
    "None of these images is of a patient: each was drawn by a generator from a random number. The generator was trained on images of patients, so traces of them cannot be excluded by inspection.",
    ...(residual === null
      ? []
      : [
          `Every image was drawn again by the generator from its record when this was released, and its pixels are those that were drawn then; ${residualText(residual)}.`,
        ]),
    ...(compared
      ? ["Every image was compared with the training images again when this was released, by the search of the audit."]
      : []),
    ...statements.map((text) => `**${cell(text)}**`),
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
