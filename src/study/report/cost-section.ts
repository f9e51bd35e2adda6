import { type Html, html } from "../../report/html.ts";
import { armColour, kindKey } from "./arm-colour.ts";
import { armScatter } from "./charts/arm-scatter.ts";
import { gainOver } from "./distribution-section.ts";
import { foldedIfLong } from "./folded.ts";
import type { StudyFindings } from "./study-findings.ts";
import { armHead, armNumber } from "./verdict-section.ts";
import { distributionWords, fixed, metricWords, signed } from "./words.ts";

const whole = (n: number): string => Math.round(n).toLocaleString("en-US");
const shortTick = (n: number): string => (n >= 1e6 ? `${n / 1e6}M` : n >= 1000 ? `${n / 1000}k` : String(n));

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
export function costSection(findings: StudyFindings): Html {
  const { arms, effort, testSets, config, generators } = findings.outcome;
  const figures = testSets.flatMap(({ name, distribution }) => {
    const points = arms.flatMap((arm) => {
      const [x, y] = [effort[arm.name], gainOver(findings, name, arm.name)];
      if (x === undefined || y === null) return [];
      const title = `${arm.name}: ${whole(x)} images in training, ${signed(y)}`;
      return { number: armNumber(arms, arm.name), x, y, colour: armColour(arm), title };
    });
    if (points.length < 2) return [];
    const chart = armScatter(
      points,
      `Gain on ${name} against images in training. ${points.map(({ title }) => title).join("; ")}`,
      {
        xLabel: "images that the classifier processed",
        yLabel: "gain over the real images alone",
        xTick: shortTick,
      },
    );
    return html`<figure><h4>${name} <span class="muted">${distributionWords(distribution)}</span></h4>${chart}</figure>`;
  });
  const drawn = generators.reduce((sum, { imagesSeen }) => sum + imagesSeen, 0);
  return html`<section id="cost"><h2>Sizes and cost</h2>
<p>Cost in training images that a classifier of the arm processed until it stopped, mean over trainings: it is the same on every machine.${drawn > 0 ? ` In addition, the generators saw ${whole(drawn)} images.` : ""} Gain: ${metricWords(config.primary)} over the real images alone.</p>
${kindKey(arms)}
<div class="charts wide">${figures}</div>
${foldedIfLong(arms.length, `Sizes and cost of ${arms.length} arms`, table(findings))}</section>`;
}
