import type { RawImage } from "../../data/index.ts";
import { TRANSFORMS, transformedImages } from "../../features/pixel-vectors.ts";
import { readImages } from "../../features/raw-images.ts";
import { regionInWords } from "../../likeness/evidence.ts";
import { type Match, matchInWords } from "../../likeness/match.ts";
import { count, number } from "../../report/format.ts";
import { type Html, html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import { shownAs, tilesOf } from "../../report/pictures.ts";
import type { AuditFindings } from "../audit-findings.ts";
import { leakOf } from "../copies/copy-tests.ts";
import { type CopyScores, callOf, scoreLimit } from "../copies/search-copies.ts";
import type { AuditSet, AuditSets } from "../open-sets.ts";
import { laidImage } from "./laid-image.ts";

/** Closest pairs shown of each space. */
const PAIRS_SHOWN = 12;
/** Pairs shown at the head of the report. */
const HEAD_PAIRS = 6;

/** The closest pairs of one set: `called` says which are copies, in `words`. */
interface PairsShown {
  readonly set: AuditSet;
  readonly kind: "Synthetic" | "Held-out";
  readonly scores: CopyScores;
  readonly called: (i: number) => boolean;
  /** The match by which an image repeats a training image, or a part of one, that whole images do not tell; else null. */
  readonly matchOf: (i: number) => Match | null;
  readonly words: string;
}

/** Two pictures side by side, with a frame around the part that they have in common where that is not the whole. */
async function pairPicture(
  pictures: readonly RawImage[],
  names: readonly string[],
  match: Match | null,
): Promise<Html> {
  if (match === null || regionInWords(match.region) === null) return tilesOf(pictures, (k) => names[k]!, 2);
  const { left, top, right, bottom } = match.region;
  const percent = (share: number) => `${Math.round(1000 * share) / 10}%`;
  const place = `left: ${percent(left)}; top: ${percent(top)}; width: ${percent(right - left)}; height: ${percent(bottom - top)}`;
  const framed = pictures.map(async (picture, k) => {
    return html`<div class="framed">${await tilesOf([picture], () => names[k]!, 1)}<i style="${place}"></i></div>`;
  });
  return html`<div class="framed-pair">${await Promise.all(framed)}</div>`;
}

async function pairFigures(
  train: AuditSet,
  { set, kind, scores, called, matchOf, words }: PairsShown,
  { most = PAIRS_SHOWN, large = false } = {},
): Promise<Html> {
  const { score, target, transform } = scores;
  const order = [...score.keys()]
    .filter((i) => target[i]! >= 0)
    .sort((a, b) => Number(called(b)) - Number(called(a)) || score[a]! - score[b]! || a - b);
  const figures: Html[] = [];
  for (const i of order.slice(0, most)) {
    const match = matchOf(i);
    const index = match?.target ?? target[i]!;
    const [whole] = readImages(match === null ? transformedImages(set.store, transform[i]!) : set.store, [i]);
    const left = match === null ? whole! : laidImage(whole!, match.similarity);
    const [right] = readImages(train.store, [index]);
    const drawn = set.dataset.samples[i]!.fileName;
    const real = train.dataset.samples[index]!.fileName;
    const names = [`${kind} image ${drawn}`, `Training image ${real}`];
    const picture = await pairPicture([left, right!], names, match);
    const found = match === null ? `score ${number(score[i]!)}` : `evidence ${number(match.value)}`;
    const fits = match === null ? TRANSFORMS[transform[i]!] : matchInWords(match);
    const own = kind === "Synthetic" ? "synthetic" : "real";
    figures.push(
      html`<figure class="${called(i) ? "copy" : "far"}">${picture}<figcaption>${called(i) ? html`<strong>${words}</strong>, ` : null}${found}<span class="kind ${own}">left: ${drawn}, ${fits}</span><span class="kind real">right: ${real}</span></figcaption></figure>`,
    );
  }
  return html`<div class="close ${large ? "large" : ""}">${figures}</div>`;
}

const syntheticPairs = (sets: AuditSets, search: AuditFindings["searches"][number]): PairsShown => ({
  set: sets.synthetic,
  kind: "Synthetic",
  scores: search.synthetic,
  called: (i) => callOf(search, search.synthetic, i) !== null,
  matchOf: (i) => {
    const by = callOf(search, search.synthetic, i)?.by;
    return by === "structure" || by === "both" ? (search.synthetic.structure?.[i] ?? null) : null;
  },
  words: "called a copy",
});

/** Synthetic images that a search calls copies. */
const calls = (search: AuditFindings["searches"][number]): number =>
  [...search.synthetic.score.keys()].filter((i) => callOf(search, search.synthetic, i) !== null).length;

const LEGEND =
  "Left: the synthetic image, laid on the training image as it matches. Right: its nearest training image. The score is 0 for a copy, and near 1 where the image is no nearer to this patient than to another. Where only local structure tells, its evidence is given instead (the more, the surer), and a frame shows the part that both images have in common where that is not the whole.";

/** The pairs found, or where none was found the closest ones, for the head of the report. */
export async function headPairs(sets: AuditSets, { searches, audit }: AuditFindings): Promise<Html> {
  const search = searches.reduce((most, each) => (calls(each) > calls(most) ? each : most));
  const n = calls(search);
  const leaks = audit.splitLeaks?.length ?? 0;
  const shown = n > 0 ? Math.min(n, HEAD_PAIRS) : HEAD_PAIRS / 2;
  const title =
    n > 0
      ? `${count(n)} ${n === 1 ? "pair is" : "pairs are"} called copies${n > shown ? `; the ${shown} closest` : ""}`
      : "No pair is called a copy; the closest pairs";
  const split =
    leaks === 0 ? null : html`<h2>Held-out images that repeat training images</h2>${await splitPairs(sets, searches)}`;
  return html`<h2>${title}</h2>${await pairFigures(sets.train, syntheticPairs(sets, search), { most: shown, large: true })}<p class="muted">${LEGEND} ${shownAs(sets.resolution)}</p>${split}`;
}

/** The nearest of the held-out images that repeat training images. */
async function splitPairs(sets: AuditSets, searches: AuditFindings["searches"], most = HEAD_PAIRS / 2): Promise<Html> {
  const search = searches[0]!;
  const { holdout, reference } = search;
  const leaks = new Set(reference.leaks);
  const scores = { ...holdout, target: holdout.target.map((index, i) => (leaks.has(i) ? index : -1)) };
  const matchOf = (i: number) => leakOf(search, i).match;
  const called = () => true;
  const pairs = { set: sets.holdout, kind: "Held-out", scores, called, matchOf, words: "near duplicate" } as const;
  return pairFigures(sets.train, pairs, { most, large: most < PAIRS_SHOWN });
}

/** The held-out images that repeat training images; null where none does. */
export async function splitSection(sets: AuditSets, { searches, audit }: AuditFindings): Promise<Part | null> {
  const { leaks } = searches[0]!.reference;
  if (leaks.length === 0) return null;
  const content = html`<p>${count(leaks.length)} of ${count(audit.holdout.n)} held-out images repeat training images; audit.json lists all. Left: the held-out image, laid on the training image as it matches. Right: the training image.</p>${await splitPairs(sets, searches, PAIRS_SHOWN)}`;
  return { id: "split", title: "Leaking split", hint: String(leaks.length), content };
}

/** The closest pairs of every space. */
export async function pairsSection(sets: AuditSets, { searches, audit }: AuditFindings): Promise<Part> {
  const blocks: Html[] = [];
  for (const search of searches) {
    const { space, threshold, synthetic, holdout, reference } = search;
    const named = audit.copies.filter((copy) => copy.space === space).length;
    const rule =
      threshold === null
        ? `The copy test was not made, because ${reference.reason}. ${synthetic.distance === null ? "No image is called a copy." : "Only pairs below an absolute limit are called copies."}`
        : `Below ${number(scoreLimit(search))} a pair is called a copy. The threshold comes from ${count(threshold.n)} held-out images that repeat no training image: a set of ${count(synthetic.score.length)} images without a copy is expected to have ${number(threshold.falseAlarms)} below it.${search.structure === null ? "" : " Images that repeat parts of training images, or at other angles, are found by local structure."}`;
    const median = (values: Float64Array) => values.slice().sort()[Math.floor(values.length / 2)]!;
    blocks.push(
      html`<h3>${space === "pixel" ? "By pixels" : `By features of ${space}`}</h3><p>${rule} Medians: ${number(median(synthetic.score))} for synthetic, ${number(median(holdout.score))} for held-out images.${named > 0 ? ` ${count(named)} copies are listed in audit.json.` : ""}</p>${await pairFigures(sets.train, syntheticPairs(sets, search))}`,
    );
  }
  const content = html`<p>${LEGEND}</p>${blocks}`;
  return { id: "pairs", title: "Closest pairs", hint: "of every comparison", content };
}
