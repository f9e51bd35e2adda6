import { NOT_REDRAWN } from "./card/privacy-statement.ts";
import type { ReleaseContent } from "./package-writer.ts";

/** File of a release that says how each image was made, without a word of whom the generator learned from. */
export const PUBLIC_PROVENANCE = "provenance.json";

/** Cells of an image that its record holds besides seed and class. */
export interface Drawing {
  readonly sampler: string;
  readonly device: string;
  /** Class that the generator was given, where a classifier said the image's own. */
  readonly drawn_as?: string;
  readonly tone?: number;
}

/**
 * Content of {@link PUBLIC_PROVENANCE}: generator, seeds, samplers. What a record says of the discriminator (its score), of a classifier
 * (its probability) and of the image that a map was taken from stays inside.
 */
export function publicProvenance(
  content: ReleaseContent,
  drawings: ReadonlyMap<string, Drawing>,
): Record<string, unknown> {
  const { audit, residual, compared, statements } = content;
  return {
    schema: 1,
    tool: { name: "ganglion", version: content.version },
    hash: content.hash,
    synthetic: true,
    generator: content.images[0]!.generator,
    audited: {
      hash: audit.synthetic.hash,
      images: audit.synthetic.n,
      copiesRemoved: content.removed,
      train: audit.train.n,
      holdout: audit.holdout.n,
      seed: audit.seed,
      redrawn: residual !== null,
      ...(residual === null ? { withoutRun: NOT_REDRAWN } : { residual }),
      comparedWithTraining: compared,
      ...(statements.length === 0 ? {} : { statements }),
    },
    differentialPrivacy: content.privacy,
    images: content.images.map(({ fileName, label, seed, boxes }) => ({
      file_name: fileName,
      class: label,
      seed,
      ...drawings.get(fileName),
      ...(boxes.length === 0 ? {} : { boxes }),
    })),
  };
}
