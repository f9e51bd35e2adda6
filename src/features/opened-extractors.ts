import type { FeatureExtractor, FeatureMatrix, ImageSource } from "./extractor.ts";
import { type ExtractorContext, openExtractor } from "./open-extractor.ts";

/** Extractors that are opened once and used for several comparisons with the same real images. */
export interface OpenedExtractors {
  /** The extractors in the order of their names on the command line; opened at the first call. */
  all(): Promise<readonly FeatureExtractor[]>;
  close(): Promise<void>;
}

/** The same extractor that runs once for each source it is given. */
function rememberingExtractor(extractor: FeatureExtractor): FeatureExtractor {
  const found = new WeakMap<ImageSource, Promise<FeatureMatrix>>();
  const { name, dimension, description, sha256, symmetric, learned } = extractor;
  return {
    name,
    dimension,
    description,
    sha256,
    symmetric,
    learned,
    extract(images, onProgress) {
      const known = found.get(images);
      if (known !== undefined) return known;
      const features = extractor.extract(images, onProgress);
      found.set(images, features);
      return features;
    },
    close: () => extractor.close(),
  };
}

/**
 * Opens extractors as {@link openExtractor} does, each name once, and extracts the features of each set once, however many
 * synthetic sets are compared with the same real one.
 */
export function openedExtractors(specs: readonly string[], context: ExtractorContext): OpenedExtractors {
  const names = [...new Set(specs)];
  const opened: FeatureExtractor[] = [];
  return {
    async all() {
      for (const spec of names.slice(opened.length)) {
        opened.push(rememberingExtractor(await openExtractor(spec, context)));
      }
      return opened;
    },
    async close() {
      for (const extractor of opened.splice(0)) await extractor.close();
    },
  };
}
