import { coveredGroups } from "../attributes/lagging-groups.ts";
import type { Estimates, MetricsFile } from "../metrics-file.ts";
import { count, number, percent } from "./format.ts";

/** Plain words for the head of the report, with the numbers they stand on. */
export interface Verdict {
  readonly headline: string;
  readonly sentences: readonly string[];
}

/** The rules, for the methods section; keep in step with {@link fidelity}. */
export const VERDICT_RULES =
  "“No difference shown”: the 95 % intervals of KID, recall and coverage all reach the real-against-real floor (KID’s or 0). Otherwise the share of real images covered decides, against the floor's: at least 80 % of it “close to the real images”, at least 40 % “resemble part of the real images”, below that “clearly differ from the real images”. The first extractor named decides; with several, all are listed.";

type Fidelity = "unknown" | "same" | "close" | "partial" | "different";

/** How near the synthetic images come to the real ones, by one extractor. */
export function fidelity({ kid, recall, coverage }: Estimates): Fidelity {
  if (kid === null || coverage === null) return "unknown";
  // KID alone is too coarse at hundreds of images: a set that lacks a tenth of the real variety passes it.
  const asVaried = [recall, coverage].every((share) => share === null || share.high >= (share.floor ?? 0));
  if (asVaried && kid.low <= Math.max(0, kid.floor ?? 0)) return "same";
  const ratio = coverage.value / (coverage.floor || 1);
  if (ratio >= 0.8) return "close";
  return ratio >= 0.4 ? "partial" : "different";
}

const HEADLINES: Readonly<Record<Fidelity, string>> = {
  unknown: "Too few images to say how near the synthetic images come to the real ones",
  same: "No difference between synthetic and real images is shown at this number of images",
  close: "The synthetic images are close to the real images, but can be told from them",
  partial: "The synthetic images resemble part of the real images",
  different: "The synthetic images clearly differ from the real images",
};

function featureSentence(name: string, { kid, fid, coverage }: Estimates, n: number, floorN: number): string {
  const parts: string[] = [];
  const few = floorN < n ? ` on only ${count(floorN)} a side, which raises it` : "";
  if (fid !== null) parts.push(`FID is ${number(fid.value)} where other real images give ${number(fid.floor)}${few}`);
  if (kid !== null) parts.push(`KID is ${number(kid.value)} where they give ${number(kid.floor)}`);
  if (coverage !== null) {
    parts.push(
      `${percent(coverage.value)} of the real images have a synthetic one among their neighbours (other real images: ${percent(coverage.floor)})`,
    );
  }
  return parts.length === 0 ? "" : `By ${name}, on ${count(n)} images a side: ${parts.join("; ")}.`;
}

function copySentence({ nearest }: MetricsFile): string {
  const { suspects, synthetic, real } = nearest.pixel;
  if (real.low === null) return "";
  const share = `${percent(suspects / synthetic.n)} of the synthetic images (${count(suspects)} of ${count(synthetic.n)})`;
  return `${share} lie as near to a real image as only 5 % of the real images lie to each other (pixels, eight flips and rotations)${suspects / synthetic.n > 0.1 ? ": look at the pairs below for copies" : ""}. Such a search finds copies and no more; it is no proof of privacy.`;
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

/** The verdict; never says more than the numbers of this report show. */
export function verdictOf(metrics: MetricsFile): Verdict {
  const entries = Object.entries(metrics.features);
  const { n, floorN } = metrics.protocol.overall;
  const first = entries[0]?.[1].overall;
  return {
    headline: HEADLINES[first === undefined ? "unknown" : fidelity(first)],
    sentences: [
      ...entries.map(([name, { overall }]) => featureSentence(name, overall, n, floorN)),
      groupSentence(metrics),
      copySentence(metrics),
      "Whether the images help a classifier is a different question, which this report does not answer.",
    ].filter((sentence) => sentence !== ""),
  };
}
