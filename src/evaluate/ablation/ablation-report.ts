import { count, number } from "../../report/format.ts";
import { type Html, html, trusted } from "../../report/html.ts";
import { pictureOf } from "../../report/pictures.ts";
import { STYLE } from "../../report/style.ts";
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

/** One HTML file without scripts: the table, and some images of each variant beside real ones. */
export async function ablationPage(file: AblationFile, { pictures, sets }: MeasuredAblation): Promise<string> {
  const titles = new Map(file.rows.map(({ variant, title }) => [variant, title]));
  const columns = 6;
  const figures: Html[] = [];
  const figure = async (images: MeasuredAblation["pictures"]["real"], kind: "real" | "synthetic", name: string) => {
    const picture = await pictureOf(images, columns, `${images.length} images: ${name}`);
    figures.push(html`<figure class="${kind}" style="margin:0">${picture}<figcaption>${name}</figcaption></figure>`);
  };
  await figure(pictures.real, "real", "real images");
  for (const [i, images] of pictures.sets.entries()) {
    const { variant, seed } = sets[i]!;
    await figure(images, "synthetic", `${titles.get(variant) ?? variant}, seed ${seed}`);
  }
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Ablation on ${file.dataset}</title><link rel="icon" href="data:,"><style>${trusted(STYLE)}</style></head>
<body><header><h1>Ablation of DermGAN on ${file.dataset}</h1>
<p class="headline">What each part of DermGAN is worth</p><p>${file.order}</p>
<p class="note">This file contains real images. Share it only with people who may see them.</p></header><main>
<section id="table"><h2>FID and KID</h2><div class="scroll" tabindex="0" role="region" aria-label="FID and KID"><table>
<thead><tr>${HEAD.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${tableRows(file).map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>
<p class="muted">${methodText(file)}</p></section>
<section id="images"><h2>Images</h2><p>Evenly spaced through each set, classes in the same order; none picked by eye.</p>
<div class="cards">${figures.map((own) => html`<div class="card">${own}</div>`)}</div></section>
</main><footer>Made by ganglion ablate. The same numbers for machines: ablation.json.</footer></body></html>
`;
  return page.html;
}
