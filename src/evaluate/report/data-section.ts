import type { LabelledSet } from "../../features/labelled-set.ts";
import { classHistogram, shareHistogram } from "../../report/charts.ts";
import type { Figures } from "../../report/figures.ts";
import { count } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { ReportInput } from "./report-input.ts";

/** Images of each class of the real dataset. */
function classCounts(set: LabelledSet, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of set.labels) counts[label]!++;
  return counts;
}

const ratioText = (counts: readonly number[]): string => {
  const present = counts.filter((n) => n > 0);
  if (present.length < 2) return "–";
  const ratio = Math.max(...present) / Math.min(...present);
  return `${ratio < 10 ? Number(ratio.toFixed(1)) : Math.round(ratio)}\u00a0:\u00a01`;
};

/** Shares of the groups of each attribute in both sets. */
function attributeCharts({ protocol }: ReportInput["metrics"], figures: Figures): Html | null {
  const attributes = Object.entries(protocol.perAttribute);
  if (attributes.length === 0) return null;
  const charts = attributes.map(([column, { values, unstated, unstatedSynthetic }]) => {
    const counts = Object.entries(values).map(([label, { real, synthetic }]) => ({ label, real, synthetic }));
    const words = counts.map(
      ({ label, real, synthetic }) => `${label} ${real} real, ${synthetic ?? "unknown"} synthetic`,
    );
    const rest = [
      unstated === 0 ? "" : `${count(unstated)} real`,
      unstatedSynthetic ? `${count(unstatedSynthetic)} synthetic` : "",
    ].filter((text) => text !== "");
    const without = rest.length === 0 ? "" : `; in no group: ${rest.join(", ")}`;
    const whole = unstatedSynthetic === null ? "; the synthetic set does not state it" : "";
    return figures.show({
      name: `images by ${column}`,
      title: column,
      below: `Share of the images of each set${without}${whole}`,
      draw: (width) => shareHistogram(counts, `Images by ${column}: ${words.join("; ")}`, width),
      columns: ["group", "real", "synthetic"],
      rows: counts.map(({ label, real, synthetic }) => [label, real, synthetic]),
    });
  });
  return html`<h3>Attributes</h3>
<ul class="key"><li><span class="bar-real"></span>real</li><li><span class="bar-synthetic"></span>synthetic</li></ul>
<div class="charts">${charts}</div>`;
}

/** Datasets, and classes before and after the synthetic images are added. */
export function dataSection({ sets, metrics }: ReportInput, figures: Figures): Part {
  const { classes } = sets;
  const rows: [string, LabelledSet][] = [
    ["Real", sets.real],
    ["Synthetic", sets.synthetic],
    ...(sets.holdout === null ? [] : ([["Held out", sets.holdout]] as [string, LabelledSet][])),
  ];
  const real = classCounts(sets.real, classes.length);
  const synthetic = classCounts(sets.synthetic, classes.length);
  const { n } = metrics.protocol.overall;
  const labelled = classes
    .map((label, c) => ({ label, real: real[c]!, synthetic: synthetic[c]! }))
    .filter(({ label }) => label !== "")
    .sort((a, b) => b.real - a.real || (a.label < b.label ? -1 : 1));
  const before = labelled.map(({ label, real: r }) => `${label} ${r}`).join(", ");
  const after = labelled.map(({ label, real: r, synthetic: s }) => `${label} ${r! + s!}`).join(", ");
  const histogram = (withSynthetic: boolean, below: string) =>
    figures.show({
      name: withSynthetic ? "classes after" : "classes before",
      title: withSynthetic ? "Real and synthetic images" : "Real images",
      below,
      draw: (width) =>
        withSynthetic
          ? classHistogram(labelled, true, `Images per class, real and synthetic: ${after}`, width)
          : classHistogram(labelled, false, `Images per class, real only: ${before}`, width),
      columns: ["class", "real", "synthetic"],
      rows: labelled.map((row) => [row.label, row.real, withSynthetic ? row.synthetic : 0]),
    });
  const content = html`<p>All images are compared at ${sets.resolution} × ${sets.resolution} px, ${sets.channels === 3 ? "RGB" : "grey"}: centre square, Lanczos (a = 3) where the size differs.
Compared are ${count(n)} real with ${count(n)} synthetic images of equal class counts.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Datasets"><table>
<thead><tr><th scope="col">Set</th><th scope="col" class="left">Name</th><th scope="col">Images</th><th scope="col">Classes present</th><th scope="col">Largest : smallest class</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${rows.map(([role, set]) => {
    const counts = classCounts(set, classes.length);
    return html`<tr><th scope="row">${role}</th><td class="left">${set.name}</td><td>${count(set.store.count)}</td><td>${counts.filter((c) => c > 0).length}</td><td>${ratioText(counts)}</td><td><code title="${set.hash}">${set.hash.slice(0, 12)}</code></td></tr>`;
  })}</tbody></table></div>
${
  labelled.length === 0
    ? html`<p>The real dataset has no labels, so there are no classes to show.</p>`
    : html`<h3>Classes before and after</h3>
<ul class="key"><li><span class="bar-real"></span>real</li><li><span class="bar-synthetic"></span>synthetic</li></ul>
<div class="charts">
${histogram(false, `Before: largest to smallest class ${ratioText(real)}`)}
${histogram(true, `After: largest to smallest class ${ratioText(labelled.map((row) => row.real + row.synthetic))}`)}
</div>`
}
${attributeCharts(metrics, figures)}`;
  const hint = `${count(sets.real.store.count)} real, ${count(sets.synthetic.store.count)} synthetic images`;
  return { id: "data", title: "Data", hint, content };
}
