import { WIDE } from "../../report/charts.ts";
import type { Figures } from "../../report/figures.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { armColour, kindKey } from "./arm-colour.ts";
import { armScatter } from "./charts/arm-scatter.ts";
import type { StudyFindings } from "./study-findings.ts";
import type { StudyTestSet } from "./study-outcome.ts";
import { armNumber } from "./verdict-section.ts";
import { fixed, metricSign, metricWords, signed } from "./words.ts";

/** How much better an arm is than the real images alone, mean over trainings; null where it was not tested. */
export function gainOver(findings: StudyFindings, testSet: string, arm: string): number | null {
  const { arms, config } = findings.outcome;
  const own = findings.figures(testSet, arm, config.primary);
  const real = findings.figures(testSet, arms[0]!.name, config.primary);
  return own === null || real === null ? null : metricSign(config.primary) * (own.mean - real.mean);
}

function scatter(findings: StudyFindings, figures: Figures, inside: StudyTestSet, outside: StudyTestSet): Html {
  const { arms } = findings.outcome;
  const points = arms.slice(1).flatMap((arm) => {
    const [x, y] = [gainOver(findings, inside.name, arm.name), gainOver(findings, outside.name, arm.name)];
    if (x === null || y === null) return [];
    const title = `${arm.name}: ${signed(x)} on ${inside.name}, ${signed(y)} on ${outside.name}`;
    return { number: armNumber(arms, arm.name), x, y, colour: armColour(arm), title };
  });
  const words = points.map(({ title }) => title).join("; ");
  const count = (ok: (x: number, y: number) => boolean) => points.filter(({ x, y }) => ok(x, y)).length;
  const sides = `${count((x, y) => x > 0 && y > 0)} above the real images on both, ${count((x, y) => x > 0 && y <= 0)} on ${inside.name} only, ${count((x, y) => x <= 0 && y > 0)} on ${outside.name} only, ${count((x, y) => x <= 0 && y <= 0)} on neither`;
  return figures.show({
    name: `distribution ${inside.name} ${outside.name}`,
    title: `Gain on ${inside.name} and on ${outside.name}`,
    below: `Right: gain on ${inside.name} (in distribution). Up: gain on ${outside.name} (out of distribution). Of ${fixed(points.length, 0)} arms ${sides}; the verdicts tell whether that is more than chance.`,
    width: WIDE,
    draw: (width) => armScatter(points, `Gain over the real images alone. ${words}`, { width }),
    columns: ["arm", `gain on ${inside.name}`, `gain on ${outside.name}`],
    rows: points.map(({ number, x, y }) => [arms[number - 1]!.name, x, y]),
  });
}

/** In- against out-of-distribution; null where the study has not both. */
export function distributionSection(findings: StudyFindings, figures: Figures): Part | null {
  const { arms, testSets, config } = findings.outcome;
  const inside = testSets.filter(({ distribution }) => distribution === "in");
  const outside = testSets.filter(({ distribution }) => distribution === "out");
  if (inside.length === 0 || outside.length === 0 || arms.length < 2) return null;
  const charts = inside.flatMap((one) => outside.map((other) => scatter(findings, figures, one, other)));
  const content = html`<p>Gain in ${metricWords(config.primary)} over the real images alone, mean over trainings${metricSign(config.primary) < 0 ? ", with the sign reversed so that more is better" : ""}. Right of the line: better where the training images come from. Above the line: better elsewhere. The numbers identify the arms as in the verdicts.</p>
${kindKey(arms.slice(1))}
<div class="charts wide">${charts}</div>`;
  return { id: "distribution", title: "In and out of distribution", content };
}
