import { Rng } from "../../core/rng.ts";
import type { LabelledSet } from "../../features/labelled-set.ts";
import { readImages } from "../../features/raw-images.ts";
import { images as imagesText } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { type StripColumn, shownAs, strip, tilesOf } from "../../report/pictures.ts";
import type { ReportInput } from "./report-input.ts";

/** Images of a class and set. */
const SHOWN = 12;
/** Columns of the strip at the head. */
const STRIP = 8;

/** The images of a class, in an order drawn with the seed. */
function drawn(set: LabelledSet, c: number, kind: string, seed: number): number[] {
  const members = [...set.labels.keys()].filter((i) => set.labels[i] === c);
  return new Rng(seed, "shown", kind, c).shuffle(members);
}

/** Some images of a class, drawn with the seed, in a grid with a caption. */
export async function imageSheet(
  set: LabelledSet,
  c: number,
  kind: "real" | "synthetic",
  name: string,
  seed: number,
): Promise<Html> {
  const members = drawn(set, c, kind, seed);
  const chosen = members.slice(0, SHOWN);
  if (chosen.length === 0) return html`<p class="muted">No ${kind} images.</p>`;
  const alt = `${kind} image${name === "" ? "" : ` of class ${name}`}`;
  const tiles = await tilesOf(readImages(set.store, chosen), () => alt);
  return html`<span class="kind ${kind}">${kind}, ${chosen.length} of ${imagesText(members.length)}</span>${tiles}`;
}

/** A set of a strip. */
export interface StripSet {
  readonly label: string;
  readonly kind: "real" | "synthetic";
  readonly set: LabelledSet;
}

/**
 * One image of every set and class, drawn with the seed, and again from the first class on until the strip is full; of more
 * classes than it has columns some are drawn.
 */
export async function headStrip(
  sets: readonly StripSet[],
  classes: readonly string[],
  resolution: number,
  seed: number,
): Promise<Html> {
  const orders = sets.map(({ kind, set }) => classes.map((_, c) => drawn(set, c, kind, seed)));
  const present = [...classes.keys()].filter((c) => orders.some((order) => order[c]!.length > 0));
  const chosen = new Rng(seed, "shown", "strip").shuffle([...present]).slice(0, STRIP);
  chosen.sort((a, b) => a - b);
  const columns: StripColumn[] = [];
  for (let round = 0; columns.length < STRIP && round < STRIP; round++) {
    for (const c of chosen) {
      if (columns.length === STRIP) break;
      if (round > 0 && orders.every((order) => order[c]![round] === undefined)) continue;
      const cells = sets.map(({ label, kind, set }, k) => {
        const at = orders[k]![c]![round];
        return { label, kind, image: at === undefined ? null : readImages(set.store, [at])[0]! };
      });
      columns.push({ title: classes[c]!, cells });
    }
  }
  return html`${await strip(columns)}<p class="muted">Drawn at random (seed ${seed}), not selected. ${shownAs(resolution)}</p>`;
}

/** Real and synthetic images of each class side by side. */
export async function imagesSection({ sets, metrics }: ReportInput): Promise<Part> {
  const { seed } = metrics.protocol;
  const blocks: Html[] = [];
  for (const [c, name] of sets.classes.entries()) {
    const real = await imageSheet(sets.real, c, "real", name, seed);
    const synthetic = await imageSheet(sets.synthetic, c, "synthetic", name, seed);
    blocks.push(
      html`<h3>${name || "all images"}</h3><div class="pair"><div>${real}</div><div>${synthetic}</div></div>`,
    );
  }
  const content = html`<p>Drawn at random (seed ${seed}), not selected. ${shownAs(sets.resolution)}</p>${blocks}`;
  return { id: "images", title: "Real and synthetic images, class by class", content };
}
