import { DOT_COLUMNS, dotCells, dotPlot, WIDE } from "../../report/charts.ts";
import { Figures, type Report } from "../../report/figures.ts";
import { count, number } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import { page } from "../../report/page.ts";
import { shownAs, tilesOf } from "../../report/pictures.ts";
import { DOT_KEY } from "../report/metrics-section.ts";
import type { AblationFile, VariantFigure } from "./ablation-file.ts";
import type { MeasuredAblation } from "./measure-ablation.ts";

const spanned = (found: VariantFigure | null): string =>
  found === null ? "–" : `${number(found.value)} (${number(found.low)} to ${number(found.high)})`;

/** Lines of the table: name, FID, KID, the paper's FID. */
function tableRows({ rows, floor }: AblationFile): string[][] {
  const shown = rows.map(({ title, seeds, fid, kid, paperFid }) => {
    const of = seeds.length > 1 ? `, seeds ${seeds.join(", ")}` : "";
    return [`${title}${of}`, spanned(fid), spanned(kid), paperFid.toFixed(1)];
  });
  return [...shown, ["real against real", spanned(floor.fid), spanned(floor.kid), floor.paperFid.toFixed(1)]];
}

/** What the figures are, in words. */
function methodText({ n, resolution, images, extractor, rows }: AblationFile): string {
  const seeds = Math.max(1, ...rows.map((row) => row.seeds.length));
  const intervals =
    seeds > 1
      ? "Values are means over seeds; in brackets the lowest and highest end of the seeds' 95 % intervals"
      : "In brackets 95 % intervals (bootstrap over images; another training is not in them: use several seeds)";
  return (
    `Each variant saw ${count(images)} images at ${resolution} px and filled maps of held-out images, their lesions moved. ` +
    `Compared are ${count(n)} synthetic images with ${count(n)} real training images of equal class counts; real against real is the same ` +
    `${count(n)} against ${count(n)} other training images. ${intervals}. The paper's FID uses another network, other images and ` +
    `another resolution: only the order can be compared. Features: ${extractor}`
  );
}

/** How near the images of each variant are to real ones, whatever their order is. */
const gradeLines = ({ rows }: AblationFile): string[] =>
  rows.map(({ title, verdict }) => `${title}: ${verdict.sentence}`);

const HEAD = ["Variant", "FID", "KID", "FID in the paper"];

/** The table as Markdown. */
export function ablationMarkdown(file: AblationFile): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const trainings = file.trainings.map(
    ({ variant, seed, imagesSeen, seconds, generatorImagesSeen, ended }) =>
      `- ${variant}, seed ${seed}: ${count(imagesSeen)} images in ${(seconds / 60).toFixed(1)} minutes, ` +
      `drawn by the state of ${generatorImagesSeen === null ? "unknown" : count(generatorImagesSeen)} images; ${ended}`,
  );
  return [
    `# Ablation of DermGAN on ${file.dataset}`,
    "",
    file.order,
    "",
    ...gradeLines(file).map((text) => `- ${text}`),
    "",
    line(HEAD),
    line(["---", "---:", "---:", "---:"]),
    ...tableRows(file).map(line),
    "",
    methodText(file),
    "",
    ...trainings,
    "",
  ].join("\n");
}

function chart(figures: Figures, { rows, floor }: AblationFile, metric: "fid" | "kid"): Html | null {
  const title = metric.toUpperCase();
  const dots = rows.flatMap(({ title: label, [metric]: found }) =>
    found === null ? [] : [{ label, ...found, floor: floor[metric]?.value ?? null }],
  );
  if (dots.length === 0) return null;
  const words = dots.map(({ label, value }) => `${label} ${number(value)}`).join(", ");
  return figures.show({
    name: metric,
    title,
    note: "lower is better",
    width: WIDE,
    draw: (width) => dotPlot(dots, `${title}: ${words}`, width),
    columns: DOT_COLUMNS,
    rows: dotCells(dots),
  });
}

/** One HTML file without scripts: some images of each variant beside real ones, and FID and KID. */
export async function ablationPage(file: AblationFile, { pictures, sets }: MeasuredAblation): Promise<Report> {
  const figures = new Figures();
  const titles = new Map(file.rows.map(({ variant, title }) => [variant, title]));
  const row = async (images: MeasuredAblation["pictures"]["real"], kind: "real" | "synthetic", name: string) => {
    const tiles = await tilesOf(images, () => `image: ${name}`, "large");
    return html`<span class="kind ${kind}">${name}</span>${tiles}`;
  };
  const drawn = pictures.sets.map((images, i) => {
    const { variant, seed } = sets[i]!;
    return row(images, "synthetic", `${titles.get(variant) ?? variant}, seed ${seed}`);
  });
  const content = html`<div class="scroll" tabindex="0" role="region" aria-label="FID and KID"><table>
<thead><tr>${HEAD.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${tableRows(file).map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>
<p class="muted">${methodText(file)}</p>
${DOT_KEY}
<div class="charts wide">${chart(figures, file, "fid")}${chart(figures, file, "kid")}</div>`;
  // The order itself; how many pairs stand so follows the colon.
  const [answer, ...reasons] = file.order.split(": ") as [string, ...string[]];
  const rendered = page({
    title: `Ablation of DermGAN on ${file.dataset}`,
    answer,
    picture: html`${await row(pictures.real, "real", "real images")}${await Promise.all(drawn)}
<p class="muted">Evenly spaced through each set, classes in the same order; none picked by eye. ${shownAs(file.resolution)}</p>`,
    reasons: [...reasons, ...gradeLines(file).map((text) => `${text}.`)],
    notes: ["This file contains real images. Share it only with people who may see them."],
    parts: [{ id: "table", title: "FID and KID", hint: "what each part of DermGAN is worth", content }],
    footer: html`Made by ganglion ablate. The same numbers for machines: ablation.json; the drawings and their numbers as SVG and CSV: ${figures.folder}.`,
  });
  return { page: rendered, figures: figures.files };
}
