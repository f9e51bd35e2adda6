import { Rng } from "../../core/rng.ts";
import {
  drawOutlines,
  fillMap,
  MAP_CHANNELS,
  mapPicture,
  type RawImage,
  resizeSquareNearest,
  TONE_NAMES,
  TONES,
} from "../../data/index.ts";
import { readImages } from "../../features/raw-images.ts";
import { images as imagesText } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import { tilesOf } from "../../report/pictures.ts";
import { WRITTEN } from "../controls/measure-controls.ts";
import { regionOfBoxes } from "../controls/region.ts";
import type { ReportInput } from "./report-input.ts";

/** Synthetic images shown with their maps. */
const SHOWN = 8;
/** Synthetic images shown of each tone. */
const PER_TONE = 8;
/** Side of the pictures with outlines, in pixels. */
const SIDE = 128;

const sized = (image: RawImage): RawImage => (image.width < SIDE ? resizeSquareNearest(image, SIDE) : image);

/** Each of some images, drawn by chance: its map, the image, the image with asked and found region outlined. */
export async function mapPictures({ sets, controls, metrics }: ReportInput): Promise<Html | null> {
  if (controls === null || metrics.controls === null) return null;
  const { asked, found, estimated } = controls;
  const { resolution: size } = asked;
  const area = size ** 2;
  const { classes, synthetic } = sets;
  const order = synthetic.dataset.samples.map((_, i) => i);
  const chosen = new Rng(metrics.protocol.seed, "shown", "controls").shuffle(order).slice(0, SHOWN);
  const boxed = metrics.controls.region?.kind === "box";
  const figures: Html[] = [];
  for (const i of chosen) {
    const region = boxed ? regionOfBoxes(asked.boxes[i]!, size) : asked.regions.subarray(i * area, (i + 1) * area);
    const map = new Float32Array(MAP_CHANNELS * area);
    const content = { condition: synthetic.labels[i]!, conditions: classes.length, tone: asked.tones[i]! };
    fillMap(map, 0, content, region);
    const [image] = readImages(synthetic.store, [i]);
    const lesion: RawImage | null =
      found === null
        ? null
        : { width: size, height: size, channels: 1, data: found.subarray(i * area, (i + 1) * area) };
    const outlined = drawOutlines(sized(image!), asked.boxes[i]!, lesion);
    const name = classes[synthetic.labels[i]!];
    const tone = TONE_NAMES[asked.tones[i]! - 1];
    const seen = estimated[i] === 0 ? "unknown" : TONE_NAMES[estimated[i]! - 1];
    const list = [sized(mapPicture(map, size)), sized(image!), outlined];
    const names = [`Map of ${name} on tone ${tone}`, "The image drawn from it", "The image with its outlines"];
    const picture = await tilesOf(list, (k) => names[k]!, 3);
    figures.push(
      html`<figure>${picture}<figcaption>requested: ${name}, tone ${tone}; estimated tone ${seen}</figcaption></figure>`,
    );
  }
  return html`<h3>Map, image and detected lesion</h3>
<p>Drawn at random with the seed. Left: the map, with the tone in red and the condition in green and blue. Right: the requested box in yellow${found === null ? "" : ", the lesion found by the segmentation network in cyan"}.</p>
<div class="triples">${figures}</div>`;
}

/** Some synthetic images of each asked tone in a row, lightest first. */
export async function toneStrips({ sets, controls, metrics }: ReportInput): Promise<Html | null> {
  if (controls === null || metrics.controls?.tone == null) return null;
  const { asked, estimated } = controls;
  const rows: Html[] = [];
  for (const tone of TONES) {
    const members = [...asked.tones.keys()].filter(
      (i) => WRITTEN.includes(asked.toneSources[i]!) && asked.tones[i] === tone,
    );
    if (members.length === 0) continue;
    const chosen = new Rng(metrics.protocol.seed, "shown", "tone", tone).shuffle(members.slice()).slice(0, PER_TONE);
    const name = TONE_NAMES[tone - 1];
    const seen = chosen.map((i) => (estimated[i] === 0 ? "?" : TONE_NAMES[estimated[i]! - 1])).join(", ");
    const picture = await tilesOf(readImages(sets.synthetic.store, chosen), () => `Image requested with tone ${name}`);
    rows.push(
      html`<p class="muted">requested ${name} (${imagesText(members.length)}); estimated ${seen}</p>${picture}`,
    );
  }
  return html`${rows}`;
}
