import { metricRegistry, metricsOf } from "./quality/registry.ts";

/** Images on each side, for the whole and per class. */
export interface ComparedCounts {
  readonly overall: number;
  readonly perClass: ReadonlyMap<string, number>;
}

/** Says which metrics of an extractor stand on too few images, one line for metrics with the same shortfall. */
export function sizeWarnings(extractor: string, dimension: number, counts: ComparedCounts): string[] {
  const lines = new Map<string, string[]>();
  for (const name of metricsOf(extractor)) {
    const { title, leastImages, wantedImages } = metricRegistry[name];
    const wanted = wantedImages(dimension);
    const short = [...counts.perClass].filter(([, n]) => n < wanted);
    if (counts.overall >= wanted && short.length === 0) continue;
    const parts: string[] = [];
    if (counts.overall < wanted) parts.push(`${counts.overall} in all`);
    if (short.length > 0) {
      const every = short.length === counts.perClass.size && short.length > 1;
      const named = short.map(([label, n]) => `${label} ${n}`).join(", ");
      parts.push(every ? `every class has fewer (${named})` : `classes ${named}`);
    }
    const none = [...counts.perClass.values(), counts.overall].some((n) => n < leastImages);
    const gone = none ? "; no value is given below the least number of images" : "";
    const bias = name === "fid" ? ", FID is biased upwards and comparable only at equal n" : "";
    const text = `on fewer than ${wanted} images: ${parts.join("; ")}${bias}${gone}`;
    lines.set(text, [...(lines.get(text) ?? []), title]);
  }
  return [...lines].map(([text, titles]) => `${extractor}: ${titles.join(", ")} ${text}.`);
}

/**
 * Without held-out images, other images of the same patients are what synthetic ones are held against. Says so where
 * patients have two images or more on average.
 * @param patients patient of each real image, undefined where none is named
 */
export function patientWarning(patients: readonly (string | undefined)[]): string[] {
  const named = patients.filter((patient) => patient !== undefined);
  const different = new Set(named).size;
  if (different === 0 || named.length < 2 * different) return [];
  return [
    `The real images are of ${different} patients with ${(named.length / different).toFixed(1)} images each, and without held-out images the synthetic ones are held against other images of the same patients. Images of other patients may lie farther away, so that even real ones would be graded too low. Give images of other patients with --holdout, or --run.`,
  ];
}
