import { WIDE } from "../../report/charts.ts";
import type { Figures } from "../../report/figures.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { armColour, kindKey } from "./arm-colour.ts";
import { armScatter } from "./charts/arm-scatter.ts";
import { gainOver } from "./distribution-section.ts";
import { foldedIfLong } from "./folded.ts";
import type { StudyFindings } from "./study-findings.ts";
import { armHead, armNumber } from "./verdict-section.ts";
import { distributionWords, fixed, metricWords, signed } from "./words.ts";

const whole = (n: number): string => Math.round(n).toLocaleString("en-US");

function table(findings: StudyFindings): Html {
  const { arms, sizes, effort, testSets } = findings.outcome;
  const real = effort[arms[0]!.name]!;
  const rows = arms.map(({ name }) => {
    const [size, own] = [sizes[name], effort[name]];
    const cells =
      size === undefined
        ? [1, 2, 3].map(() => html`<td>–</td>`)
        : [size.real, size.shown, size.synthetic].map((n) => html`<td>${whole(n)}</td>`);
    const times = own === undefined || !(real > 0) ? "–" : `${fixed(own / real, 2)} ×`;
    return html`<tr>${armHead(arms, name)}${cells}<td>${own === undefined ? "–" : whole(own)}</td><td>${times}</td>${testSets.map((set) => html`<td>${signed(gainOver(findings, set.name, name))}</td>`)}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Sizes and cost of arms"><table class="matrix">
<thead><tr><th scope="col">Arm</th><th scope="col">Real</th><th scope="col">With repeats</th><th scope="col">Synthetic</th><th scope="col">Images in training</th><th scope="col">To real</th>${testSets.map(({ name }) => html`<th scope="col">Gain on ${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** What arms cost and what they gain. */
export function costSection(findings: StudyFindings, figures: Figures): Part {
  const { arms, effort, testSets, config, generators } = findings.outcome;
  const charts = testSets.flatMap(({ name, distribution }) => {
    const points = arms.flatMap((arm) => {
      const [x, y] = [effort[arm.name], gainOver(findings, name, arm.name)];
      if (x === undefined || y === null) return [];
      const title = `${arm.name}: ${whole(x)} images in training, ${signed(y)}`;
      return { number: armNumber(arms, arm.name), x, y, colour: armColour(arm), title };
    });
    if (points.length < 2) return [];
    const words = points.map(({ title }) => title).join("; ");
    return figures.show({
      name: `cost ${name}`,
      title: `Gain and cost, ${name}`,
      note: distributionWords(distribution),
      below: "Right: images that the classifier processed. Up: gain over the real images alone.",
      width: WIDE,
      draw: (width) => armScatter(points, `Gain on ${name} against images in training. ${words}`, { width }),
      columns: ["arm", "images_in_training", "gain"],
      rows: points.map(({ number, x, y }) => [arms[number - 1]!.name, x, y]),
    });
  });
  const drawn = generators.reduce((sum, { imagesSeen }) => sum + imagesSeen, 0);
  const content = html`<p>Cost in training images that a classifier of the arm processed until it stopped, mean over trainings: it is the same on every machine.${drawn > 0 ? ` In addition, the generators saw ${whole(drawn)} images.` : ""} Gain: ${metricWords(config.primary)} over the real images alone.</p>
${kindKey(arms)}
<div class="charts wide">${charts}</div>
${foldedIfLong(arms.length, `Sizes and cost of ${arms.length} arms`, table(findings))}`;
  return { id: "cost", title: "Sizes and cost", content };
}
