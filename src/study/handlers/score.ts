import { readProbe } from "../classifier/linear-probe.ts";
import { openResidualReader } from "../classifier/residual-reader.ts";
import { readClassifier } from "../data/classifier-file.ts";
import { readFeatureArtefact, readPackedArtefact } from "../data/packed-images.ts";
import { writeScores } from "../data/scores.ts";
import { handlerOf } from "../job-schemas.ts";

/** Writes the probabilities of a classifier on a test set. */
export const score = handlerOf("score", async ({ views }, { inputs, out, threads }) => {
  const classifier = await readClassifier(inputs.classifier!);
  if (classifier.kind === "probe") {
    const { features } = await readFeatureArtefact(inputs.images!);
    return writeScores(out, readProbe(classifier, features));
  }
  const { pixels } = await readPackedArtefact(inputs.images!);
  const reader = await openResidualReader(classifier.architecture, threads);
  try {
    await writeScores(out, await reader.read(classifier.weights, pixels, views));
  } finally {
    await reader.close();
  }
});
