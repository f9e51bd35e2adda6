import * as Plot from "@observablehq/plot";
import { axisOf } from "../../report/axis.ts";
import { draw, lettersIn, rowsOf, shortened, WIDE } from "../../report/charts.ts";
import type { Figures } from "../../report/figures.ts";
import { number, percent } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { MetricsFile } from "../metrics-file.ts";
import { degradationWords } from "../verdict/degrade.ts";
import type { SelfTest } from "../verdict/verdict-schema.ts";

/** A set of images on the ladder: spoilt real ones, or the synthetic ones. */
interface Step {
  readonly label: string;
  /** Of the way from real images to images without content. */
  readonly share: number;
  /** Share of the draws in which they are told from real images. */
  readonly power: number;
  readonly kind: "told" | "missed" | "synthetic";
}

const OWN = "the synthetic images";
const [ROW, RIGHT] = [24, 26];
/** Height of a row whose name stands above its mark, and most letters of such a name on a phone. */
const [TALL_ROW, PHONE_LETTERS] = [40, 50];
/** A name above its mark, with a halo where a line crosses it. */
const NAME_ABOVE: Plot.TextOptions = {
  y: "place",
  text: "name",
  frameAnchor: "left",
  textAnchor: "start",
  dx: 4,
  dy: -15,
  fill: "currentColor",
  stroke: "var(--surface)",
  strokeWidth: 4,
};
const FILLS = { told: "var(--real)", missed: "var(--surface)", synthetic: "var(--synthetic)" } as const;

/**
 * Sets by their distance from real images: filled where they are told from them, the synthetic ones in their colour. Names
 * that are too long to stand beside the marks stand above them.
 */
function chart(steps: readonly Step[], label: string, width: number): Html {
  const names = steps.map((step) => step.label);
  const above = names.some((name) => name.length > lettersIn(width));
  const { margin, at, scale } = rowsOf(above ? names.map(() => "") : names, width);
  const placed = steps.map((step, i) => ({
    place: at(i),
    name: shortened(step.label, PHONE_LETTERS),
    share: step.share,
    fill: FILLS[step.kind],
    stroke: step.kind === "synthetic" ? "var(--synthetic)" : "var(--real)",
    r: step.kind === "synthetic" ? 6.5 : 4.5,
  }));
  const own = placed.filter((_, i) => steps[i]!.kind === "synthetic");
  const axis = axisOf([0, 1, ...steps.map(({ share }) => share)], width - margin - RIGHT);
  return draw(
    {
      width,
      height: 40 + (above ? TALL_ROW : ROW) * steps.length,
      marginLeft: margin,
      marginTop: 6,
      marginBottom: 28,
      marginRight: RIGHT,
      x: { ...axis, label: null, grid: true },
      y: scale,
      marks: [
        Plot.ruleX([0, 1], { stroke: "var(--rule-strong)" }),
        Plot.ruleX(own, { x: "share", stroke: "var(--synthetic)", strokeDasharray: "5,4" }),
        Plot.ruleY(placed, { y: "place", x1: 0, x2: "share", stroke: "stroke", strokeWidth: 1.5 }),
        above ? Plot.text(placed, NAME_ABOVE) : null,
        Plot.dot(placed, { y: "place", x: "share", fill: "fill", stroke: "stroke", strokeWidth: 1.5, r: "r" }),
      ],
      r: { type: "identity" },
    },
    label,
  );
}

function stepsOf({ ladder }: SelfTest, likeness: MetricsFile["features"][string]["likeness"]): Step[] {
  const rungs = ladder.flatMap((rung): Step[] => {
    const { share, power, detected } = rung;
    return share === null ? [] : [{ label: degradationWords(rung), share, power, kind: detected ? "told" : "missed" }];
  });
  const own: Step[] =
    likeness === null || likeness.share === null
      ? []
      : [{ label: OWN, share: likeness.share, power: likeness.told, kind: "synthetic" }];
  return [...rungs, ...own].sort((a, b) => a.share - b.share);
}

/** What every extractor sees of spoilt real images, nearest first, with the synthetic set among them; null without a ladder. */
export function ladderSection({ selfTest, features, verdict }: MetricsFile, figures: Figures): Part | null {
  const blocks = Object.entries(selfTest).flatMap(([name, test]) => {
    const steps = stepsOf(test, features[name]?.likeness ?? null);
    const outcome = html`<p>${test.fit ? "Passed: it has a say in the verdict." : `Has no say in the verdict: ${test.reason}.`}${test.skipped.map(({ degradation, reason }) => ` Not tried: ${degradation}, ${reason}.`)}</p>`;
    if (steps.length === 0) return [html`<h3>${name}</h3>${outcome}`];
    const words = steps.map(
      ({ label, share, power }) => `${label} ${number(share)}, told in ${percent(power)} of draws`,
    );
    const drawn = figures.show({
      name: `ladder ${name}`,
      title: `Distance from real images, by ${name}`,
      note: "0 like real images, 1 like images without content",
      width: WIDE + 200,
      draw: (width) => chart(steps, `Distance from real images: ${words.join("; ")}`, width),
      columns: ["images", "distance", "told_in_share_of_draws", "kind"],
      rows: steps.map(({ label, share, power, kind }) => [label, share, power, kind]),
    });
    return [html`<h3>${name}</h3>${outcome}${drawn}`];
  });
  if (blocks.length === 0) return null;
  const content = html`<p>Held-out real images are spoilt in known ways and measured like a synthetic set of the same number. An extractor that misses what it must see has no say in the verdict.</p>
<ul class="key"><li><span class="dot"></span>the synthetic images</li><li><span class="dot" style="background:var(--real)"></span>spoilt real images, told from real ones</li><li><span class="dot" style="background:var(--surface);border:2px solid var(--real)"></span>not told from real ones in 0.9 of the draws</li></ul>
${blocks}`;
  const hint = verdict.place == null ? undefined : `as far from the real images as ${verdict.place}`;
  return { id: "ladder", title: "Self-test of the measures", ...(hint === undefined ? {} : { hint }), content };
}
