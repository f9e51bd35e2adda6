import { join } from "node:path";
import { imagesInMemory, openOnnxExtractor } from "../../features/index.ts";
import { readPackedArtefact, writeFeatureArtefact } from "../data/packed-images.ts";
import { handlerOf } from "../job-schemas.ts";
import { EXTRACTOR } from "./local-handlers.ts";

/** Features of images for a probe. */
export const extractFeatures = handlerOf("extract-features", async (_, { inputs, out, threads, onProgress }) => {
  const { pixels, resolution, channels } = await readPackedArtefact(inputs.images!);
  const extractor = await openOnnxExtractor(join(inputs.extractor!, EXTRACTOR), { threads });
  try {
    const { data } = await extractor.extract(imagesInMemory(pixels, resolution, channels), onProgress);
    await writeFeatureArtefact(out, inputs.images!, Float32Array.from(data));
  } finally {
    await extractor.close();
  }
});
