import { count } from "../../report/format.ts";
import { html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { MetricsFile } from "../metrics-file.ts";
import { FRECHET_RESAMPLES, KID_RESAMPLES, MEAN_RESAMPLES, SUPPORT_RESAMPLES } from "../quality/measure.ts";
import { METRICS, metricRegistry } from "../quality/registry.ts";
import { VERDICT_RULES } from "../verdict/verdict.ts";

/** What was done, so that the numbers can be made again. */
export function methodsSection({ protocol, real, synthetic, holdout }: MetricsFile): Part {
  const { overall, floor, resolution, channels, seed } = protocol;
  const second = floor === "halves" ? "two disjoint parts of the real set" : "the real set and the held-out set";
  const content = html`<dl>
<dt>Images</dt><dd>${count(real.n)} real, ${count(synthetic.n)} synthetic${holdout === null ? "" : `, ${count(holdout.n)} held out`}; compared ${count(overall.n)} against ${count(overall.n)}: per class as many as the smaller side has, drawn without replacement with seed ${seed}.</dd>
<dt>Size</dt><dd>${resolution} × ${resolution} px, ${channels === 3 ? "RGB" : "grey"}, 8 bits: centre square, Lanczos (a = 3) where the size differs. Pixel distances: area average.</dd>
${Object.entries(protocol.extractors).map(([name, { dimension, description }]) => html`<dt>${name}</dt><dd>${description} ${dimension} features, float64, not changed further.</dd>`)}
<dt>Floor</dt><dd>The same metric between ${second}, ${count(overall.floorN)} against ${count(overall.floorN)}, with the class counts of the comparison as far as the real images allow.</dd>
<dt>Intervals</dt><dd>95 %, seeded bootstrap over images. FID: value ± 2.093 standard deviations of ${FRECHET_RESAMPLES} resampled values (resampling itself raises FID, so only the standard deviation is used). KID: percentiles of ${KID_RESAMPLES} resampled values without pairs of an image with itself. α-precision and β-recall: value ± 1.96 standard deviations of ${SUPPORT_RESAMPLES} resampled values. Others: percentiles of ${count(MEAN_RESAMPLES)} resampled means over images, neighbourhoods held fixed. They hold for these images and this extractor; they do not cover another training of the generator.</dd>
<dt>Verdict</dt><dd>${VERDICT_RULES}</dd>
${METRICS.map((name) => html`<dt>${metricRegistry[name].title}</dt><dd>${metricRegistry[name].protocol} ${metricRegistry[name].source}.</dd>`)}
</dl>`;
  return { id: "methods", title: "Methods", hint: "so that the numbers can be made again", content };
}
