import { TRANSFORMS, transformedImages } from "../../features/pixel-vectors.ts";
import { readImages } from "../../features/raw-images.ts";
import { count, number, percent } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { tilesOf } from "../../report/pictures.ts";
import type { NearestSummary } from "../metrics-file.ts";
import { NEAREST_PIXEL_SIDE } from "../privacy/nearest.ts";
import type { NearestFinding } from "../privacy/nearest-summary.ts";
import type { ReportInput } from "./report-input.ts";

async function pairs({ sets }: ReportInput, finding: NearestFinding): Promise<Html> {
  const figures: Html[] = [];
  for (const [i, pair] of finding.pairs.entries()) {
    const { synthetic, real, distance, transform } = finding.summary.closest[i]!;
    const [left] = readImages(transformedImages(sets.synthetic.store, pair.transform), [pair.synthetic]);
    const [right] = readImages(sets.real.store, [pair.real]);
    const names = [`Synthetic image ${synthetic}`, `Its nearest real image ${real}`];
    const picture = await tilesOf([left!, right!], (k) => names[k]!, 2);
    const median = finding.summary.real.median;
    const share = median ? ` (${number(distance / median)} of the real median)` : "";
    figures.push(
      html`<figure>${picture}<figcaption>${number(distance)}${share}<br>left: ${synthetic}, ${transform}<br>right: ${real}</figcaption></figure>`,
    );
  }
  return html`<div class="close">${figures}</div>`;
}

function distanceTable(title: string, { synthetic, real, holdout }: NearestSummary): Html {
  const row = (label: string, found: { median: number | null; low: number | null; n: number }) =>
    html`<tr><th scope="row">${label}</th><td>${count(found.n)}</td><td>${number(found.median)}</td><td>${number(found.low)}</td></tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Distances, ${title}"><table>
<thead><tr><th scope="col">Distance</th><th scope="col">n</th><th scope="col">Median</th><th scope="col">5 % quantile</th></tr></thead>
<tbody>${row("synthetic to nearest real", synthetic)}${row("real to nearest other real", real)}${holdout === null ? null : row("held-out real to nearest real", holdout)}</tbody></table></div>`;
}

function suspectText({ suspects, synthetic, real }: NearestSummary): string {
  if (real.low === null) return "There are too few real images for a distance among themselves.";
  return `${count(suspects)} of ${count(synthetic.n)} synthetic images (${percent(suspects / synthetic.n)}) are as near to a real image as the 5 % quantile of the real images' own distances; about 5 % of other real images are expected to be.`;
}

/** Nearest real images in pixels and in features, the closest pairs shown. */
export async function nearestSection(input: ReportInput): Promise<Part> {
  const { metrics, pixel, byFeatures, sets } = input;
  const side = Math.min(NEAREST_PIXEL_SIDE, sets.resolution);
  const blocks: Html[] = [
    html`<h3>Pixels</h3><p>All ${count(pixel.summary.searched)} synthetic images, root mean squared difference at ${side} px (0 equal, 1 black against white), smallest over ${TRANSFORMS.length} flips and rotations. ${suspectText(pixel.summary)}</p>${distanceTable("pixels", pixel.summary)}${await pairs(input, pixel)}`,
  ];
  for (const [name, finding] of Object.entries(byFeatures)) {
    const turned =
      finding.summary.searched < metrics.synthetic.n
        ? `the ${count(finding.summary.searched)} synthetic images nearest in pixels or in features were compared`
        : "all synthetic images were compared";
    blocks.push(
      html`<h3>Features of ${name}</h3><p>Euclidean distance of features. ${suspectText(finding.summary)} These distances are for the unchanged images; for the pairs below ${turned} over ${TRANSFORMS.length} flips and rotations.</p>${distanceTable(name, finding.summary)}${await pairs(input, finding)}`,
    );
  }
  const content = html`<p>Each pair: the synthetic image on the left, rotated to match, its nearest real image on the right. A nearest-neighbour search finds copies; it does not show that nothing can be inferred about a person in the data.</p>
${blocks}`;
  return { id: "nearest", title: "Nearest real images", hint: "the closest pairs", content };
}
