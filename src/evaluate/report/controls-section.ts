import { TONE_NAMES } from "../../data/index.ts";
import { count, images, number, percent } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { ControlsSummary } from "../controls/controls-schema.ts";
import { OUTSIDE_MARGIN } from "../controls/outside.ts";
import { mapPictures, toneStrips } from "./controls-pictures.ts";
import type { ReportInput } from "./report-input.ts";

type Interval = { readonly value: number; readonly low: number; readonly high: number } | null;
type Found<K extends keyof ControlsSummary> = NonNullable<ControlsSummary[K]>;

/** Classifiers that find less of the way from guessing to certainty than this are called poor. */
const MIN_SKILL = 0.2;

const shares = (found: Interval): Html =>
  found === null
    ? html`–`
    : html`${percent(found.value)} <span class="interval">${percent(found.low)} to ${percent(found.high)}</span>`;
const spanned = (found: Interval): Html =>
  found === null
    ? html`–`
    : html`${number(found.value)} <span class="interval">${number(found.low)} to ${number(found.high)}</span>`;

function table(label: string, head: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** Counts by asked (row) and found (column), a row's largest in bold. */
function counts(label: string, names: readonly string[], rows: readonly (readonly number[])[], found: string): Html {
  const head = ["Requested", ...names.map((name) => `${found} ${name}`)];
  const shown = rows.flatMap((row, i) => {
    const most = Math.max(...row);
    if (most === 0) return [];
    return [[names[i]!, ...row.map((n) => (n === most ? html`<b>${count(n)}</b>` : html`${count(n)}`))]];
  });
  return table(label, head, shown);
}

/** What a classifier of this skill lets one conclude. */
function classifierText({ accuracy, balancedAccuracy, chance }: Found<"classifier">): string {
  if (balancedAccuracy === null) return "There are no real images to measure the classifier on.";
  const skill = (balancedAccuracy - chance) / (1 - chance);
  const worth = `On real images that it was not trained on, its balanced accuracy is ${percent(balancedAccuracy)} (chance: ${percent(chance)}) and its accuracy ${percent(accuracy)}.`;
  return skill < MIN_SKILL
    ? `${worth} That is near chance: agreement with it, high or low, says little about the images.`
    : `${worth} Agreement above that of the real images does not mean better control: images may be more typical of their condition than real ones.`;
}

function conditionPart({ condition, classifier, classes }: ControlsSummary): Html | null {
  if (condition === null || classifier === null) return null;
  const { synthetic, real } = condition;
  const rows = [
    ["mean of conditions", count(synthetic.n), shares(synthetic.balanced), count(real.n), shares(real.balanced)],
    ["all images", count(synthetic.n), shares(synthetic.share), count(real.n), shares(real.share)],
    ...classes.flatMap((name) => {
      const [own, other] = [synthetic.perClass[name], real.perClass[name]];
      if (own === undefined && other === undefined) return [];
      return [[name, count(own?.n ?? 0), shares(own ?? null), count(other?.n ?? 0), shares(other ?? null)]];
    }),
  ];
  return html`<h3>Condition</h3>
<p>Share of the images that a classifier assigns to the requested condition; it was trained on ${count(classifier.imagesSeen)} presentations of real images and is not part of the generator. ${classifierText(classifier)}</p>
${table("Agreement with the requested condition", ["Condition", "n", "Synthetic", "n", "Real"], rows)}
<div class="pair"><div><h4>Synthetic images</h4>${counts("Conditions of synthetic images", classes, synthetic.confusion, "→")}</div><div><h4>Real images</h4>${counts("Conditions of real images", classes, real.confusion, "→")}</div></div>`;
}

function overlapRows({ synthetic, real, ratio }: Found<"region">["shape"], name: string): (Html | string)[][] {
  const quartiles = ({ lowerQuartile, upperQuartile }: typeof synthetic) =>
    `${number(lowerQuartile)} to ${number(upperQuartile)}`;
  const all = [
    `${name}, all`,
    count(synthetic.n),
    spanned(synthetic.median),
    quartiles(synthetic),
    count(real.n),
    spanned(real.median),
    quartiles(real),
    spanned(ratio),
  ];
  const names = [...new Set([...Object.keys(synthetic.perClass), ...Object.keys(real.perClass)])].sort();
  const rest = names.map((label) => {
    const [own, other] = [synthetic.perClass[label], real.perClass[label]];
    const ofMedians = own && other && other.median.value > 0 ? number(own.median.value / other.median.value) : "–";
    return [
      label,
      count(own?.n ?? 0),
      spanned(own?.median ?? null),
      "",
      count(other?.n ?? 0),
      spanned(other?.median ?? null),
      "",
      ofMedians,
    ];
  });
  return [all, ...rest];
}

function regionPart({ region, segmenter }: ControlsSummary): Html | null {
  if (region === null || segmenter === null) return null;
  const first = region.kind === "box" ? "box" : "shape";
  const names = { box: "boxes around them", shape: "the regions themselves" };
  const other = first === "box" ? "shape" : "box";
  const why =
    region.kind === "box"
      ? "Boxes were requested, so they are first compared with the boxes around the detected lesions. A lesion of any other shape cannot fill its box, which lowers the second value whatever the generator does, while the second value of the real images compares shapes with shapes."
      : "Shapes were requested, so the regions themselves are compared first.";
  const head = ["Compared", "n", "Synthetic, median IoU", "Quartiles", "n", "Real, median IoU", "Quartiles", "Ratio"];
  return html`<h3>Region</h3>
<p>Intersection over union of the requested region and the lesion found by a small U-Net, which was trained on ${images(segmenter.masks)} with masks; on the right the same for real images it was not trained on, whose regions were drawn by people. ${why}</p>
${table("Overlap of requested and detected region", head, [...overlapRows(region[first], names[first]), ...overlapRows(region[other], names[other])])}`;
}

async function tonePart(input: ReportInput, { tone }: ControlsSummary): Promise<Html | null> {
  if (tone === null) return null;
  const row = (name: string, found: Found<"tone">["synthetic"]) => [
    name,
    count(found.n),
    spanned(found.correlation),
    shares(found.exact),
  ];
  const rows = [row("synthetic", tone.synthetic), ...(tone.real === null ? [] : [row("real", tone.real)])];
  const none =
    tone.real === null
      ? " The tones of the real images are themselves such estimates, so there is no independent baseline."
      : "";
  return html`<h3>Skin tone</h3>
<p>Requested tone against the tone estimated outside the lesion (typology angle in six bins: an estimate, not a Fitzpatrick type).${none}</p>
${table("Requested and estimated tone", ["Images", "n", "Rank correlation", "Same tone"], rows)}
${counts("Requested by estimated tone", TONE_NAMES, tone.synthetic.table, "→")}
${await toneStrips(input)}`;
}

function outsidePart({ outside }: ControlsSummary): Html | null {
  if (outside === null) return null;
  const row = (name: string, found: Found<"outside">["condition"] | null) =>
    found === null ? [] : [[name, count(found.n), spanned(found.outside), spanned(found.inside), spanned(found.ratio)]];
  const rows = [
    ...row("another condition, all else equal", outside.condition),
    ...row("another seed, the same map", outside.seeds),
    ...row("two real images of one tone and two conditions", outside.real),
  ];
  return html`<h3>What else changes with the condition</h3>
<p>Mean absolute difference of two images in grey levels (0 to 255), outside the region with a margin of ${percent(OUTSIDE_MARGIN)} of the side, and inside it. A condition that changes only the lesion leaves the outside unchanged.</p>
${table("Change outside and inside", ["Pairs", "n", "Outside", "Inside", "Outside : inside"], rows)}`;
}

/** Whether images hold what was asked of them, with tables and pictures; nothing where nothing was asked. */
export async function controlsSection(input: ReportInput): Promise<Part | null> {
  const summary = input.metrics.controls;
  if (summary === null) return null;
  const from =
    summary.baseline === "holdout"
      ? "real images of the held-out set"
      : "a fifth of the real images, which the generator may have seen and the two networks have not";
  const content = html`<p>Each value for the synthetic images is shown next to the same value for ${from}, measured at ${summary.resolution} px, because the measuring networks make errors on real images too. Intervals are 95 %, bootstrap over images.</p>
${await mapPictures(input)}
${conditionPart(summary)}
${regionPart(summary)}
${await tonePart(input, summary)}
${outsidePart(summary)}
${summary.notes.length === 0 ? null : html`<ul class="list">${summary.notes.map((note) => html`<li>${note}</li>`)}</ul>`}`;
  return { id: "controls", title: "Does the control work?", content };
}
