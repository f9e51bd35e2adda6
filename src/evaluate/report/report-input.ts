import type { ControlFindings } from "../controls/measure-controls.ts";
import type { EvaluatedSets } from "../datasets.ts";
import type { MetricsFile } from "../metrics-file.ts";
import type { NearestFinding } from "../privacy/nearest-summary.ts";

/** Everything the report shows. */
export interface ReportInput {
  readonly sets: EvaluatedSets;
  readonly metrics: MetricsFile;
  readonly pixel: NearestFinding;
  /** By extractor name. */
  readonly byFeatures: Readonly<Record<string, NearestFinding>>;
  /** Null where the synthetic set does not say what was asked of it. */
  readonly controls: ControlFindings | null;
}
