import { count, percent } from "../../report/format.ts";
import { coveredGroups } from "../attributes/lagging-groups.ts";
import type { MetricsFile } from "../metrics-file.ts";

/** Share of near pairs above which the reader is sent to them from the head of the report. */
const MANY = 0.1;

function copySentence({ nearest }: MetricsFile): string {
  const { suspects, synthetic, real } = nearest.pixel;
  if (real.low === null) return "";
  const share = `${percent(suspects / synthetic.n)} of the synthetic images (${count(suspects)} of ${count(synthetic.n)})`;
  return `${share} are as near to a real image as only 5 % of the real images are to each other (pixels, eight flips and rotations)${suspects / synthetic.n > MANY ? ": look at the nearest pairs for copies" : ""}. Such a search finds only copies; it is no proof of privacy.`;
}

/** Groups that the first extractor shows to be covered less than the whole. */
function groupSentence(metrics: MetricsFile): string {
  const [name] = Object.keys(metrics.features);
  const lagging = name === undefined ? [] : coveredGroups(metrics, name).filter(({ lags }) => lags);
  if (lagging.length === 0) return "";
  const named = lagging
    .slice(0, 3)
    .map(({ column, value, covered, floor }) => `${column} ${value} (${percent(covered.value)} of ${percent(floor)})`);
  const more = lagging.length > 3 ? ` and ${count(lagging.length - 3)} more` : "";
  return `Some groups are covered less than the whole: ${named.join(", ")}${more}.`;
}

/** What stands under the verdict, most important first; never says more than the numbers of this report show. */
export function headSentences(metrics: MetricsFile): string[] {
  const { suspects, synthetic } = metrics.nearest.pixel;
  const copies = suspects / synthetic.n > MANY ? [copySentence(metrics)] : [];
  const rest = [
    ...metrics.verdict.reasons,
    ...Object.values(metrics.imageMetrics).map(({ sentence }) => sentence),
    groupSentence(metrics),
    ...(copies.length === 0 ? [copySentence(metrics)] : []),
    "Whether the images help a classifier that also has real ones is a different question: ganglion study.",
  ];
  // A reason of the verdict may be one of the sentences.
  return [...new Set([...copies, ...rest])].filter((sentence) => sentence !== "");
}
