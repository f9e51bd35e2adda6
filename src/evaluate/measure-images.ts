import type { ProgressListener } from "../core/progress.ts";
import type { MetricsFile } from "./metrics-file.ts";
import type { ImageContext, ImageMetric } from "./quality/image-metric.ts";
import { IMAGE_METRICS, type MetricName, metricRegistry } from "./quality/registry.ts";

type ImageMetrics = Readonly<Partial<Record<MetricName, ImageMetric>>>;

/** Every metric of the images themselves, by name. */
export function measureImages(context: ImageContext, onProgress: ProgressListener): ImageMetrics {
  const out: Partial<Record<MetricName, ImageMetric>> = {};
  for (const [k, name] of IMAGE_METRICS.entries()) {
    const { form } = metricRegistry[name];
    if (form.kind === "images") out[name] = form.measure(context);
    onProgress({ stage: "metrics of the images", done: k + 1, total: IMAGE_METRICS.length, unit: "metrics" });
  }
  return out;
}

type Block = Pick<MetricsFile["features"][string], "overall" | "perClass" | "perAttribute">;

/** The block of one extractor with the metrics of the images in it: they are the same in every block. */
export function withImageMetrics(block: Block, images: ImageMetrics): Block {
  const of = (pick: (found: ImageMetric) => ImageMetric["overall"]) =>
    Object.fromEntries(Object.entries(images).map(([name, found]) => [name, pick(found)]));
  return {
    ...block,
    overall: { ...block.overall, ...of(({ overall }) => overall) },
    perClass: Object.fromEntries(
      Object.entries(block.perClass).map(([label, found]) => [
        label,
        { ...found, ...of(({ perClass }) => perClass[label] ?? null) },
      ]),
    ),
  };
}
