import { TRANSFORMS, transformedImages } from "../../features/pixel-vectors.ts";
import { readImages } from "../../features/raw-images.ts";
import { count, number } from "../../report/format.ts";
import { type Html, html, trusted } from "../../report/html.ts";
import { pictureOf } from "../../report/pictures.ts";
import { STYLE } from "../../report/style.ts";
import type { AuditFile, AuditTest } from "../audit-file.ts";
import type { AuditFindings } from "../audit-findings.ts";
import { type CopyScores, callOf, scoreLimit } from "../copies/search-copies.ts";
import { classOf } from "../measured.ts";
import type { AuditSet, AuditSets } from "../open-sets.ts";
import { AUDIT_STYLE } from "./audit-style.ts";

/** Closest pairs shown of each space. */
const PAIRS_SHOWN = 12;

const SEVERITY_WORDS = { critical: "Critical", warning: "Warning", notice: "Notice", none: "Nothing found" } as const;

const severity = (value: AuditTest["severity"]): Html =>
  value === null
    ? html`<span class="badge missing">Not made</span>`
    : html`<span class="badge ${value}">${SEVERITY_WORDS[value]}</span>`;

function findingsSection({ findings, tests, objections }: AuditFile): Html {
  const made = tests.filter((test) => test.severity !== null).length;
  const alarms = tests.filter((test) => test.severity === "critical" || test.severity === "warning").length;
  return html`<section id="findings"><h2>Findings</h2>
<p>${count(made)} tests were run, ${alarms === 0 ? "none" : count(alarms)} raised an alarm. Most severe first.</p>
${(objections ?? []).map(({ message }) => html`<p>${message}</p>`)}${
  findings.length === 0
    ? objections?.length
      ? html`<p>With such sets a leak may be missed.</p>`
      : html`<p>No test found a leak. Each test finds only its kind of leak; its limits are given with it below.</p>`
    : html`<ol class="findings">${findings.map(
        (finding) =>
          html`<li class="${finding.severity}">${severity(finding.severity)}<h3>${finding.title}</h3><p>${finding.text}</p><p class="muted">Test ${finding.test}, ${scopeWords(finding.scope)}.</p></li>`,
      )}</ol>`
}</section>`;
}

function scopeWords(scope: string): string {
  if (scope === "all") return "all images";
  if (scope === "outliers") return "outliers";
  const name = classOf(scope);
  return name === null ? scope : `class ${name}`;
}

/** The closest pairs of one set: `called` says which are copies, in `words`. */
interface PairsShown {
  readonly set: AuditSet;
  readonly kind: "Synthetic" | "Held-out";
  readonly scores: CopyScores;
  readonly called: (i: number) => boolean;
  readonly words: string;
}

async function pairFigures(train: AuditSet, { set, kind, scores, called, words }: PairsShown): Promise<Html> {
  const { score, target, transform } = scores;
  const order = [...score.keys()]
    .filter((i) => target[i]! >= 0)
    .sort((a, b) => Number(called(b)) - Number(called(a)) || score[a]! - score[b]! || a - b);
  const figures: Html[] = [];
  for (const i of order.slice(0, PAIRS_SHOWN)) {
    const [left] = readImages(transformedImages(set.store, transform[i]!), [i]);
    const [right] = readImages(train.store, [target[i]!]);
    const drawn = set.dataset.samples[i]!.fileName;
    const real = train.dataset.samples[target[i]!]!.fileName;
    const picture = await pictureOf([left!, right!], 2, `${kind} image ${drawn} next to training image ${real}`);
    figures.push(
      html`<figure class="${called(i) ? "copy" : "far"}">${picture}<figcaption>${called(i) ? html`<strong>${words}</strong>, ` : null}${number(score[i]!)}<br>left: ${drawn}, ${TRANSFORMS[transform[i]!]}<br>right: ${real}</figcaption></figure>`,
    );
  }
  return html`<div class="close">${figures}</div>`;
}

async function pairsSection(sets: AuditSets, { searches, audit }: AuditFindings): Promise<Html> {
  const blocks: Html[] = [];
  for (const search of searches) {
    const { space, threshold, synthetic, holdout, reference } = search;
    const named = audit.copies.filter((copy) => copy.space === space).length;
    const rule =
      threshold === null
        ? `The copy test was not made, because ${reference.reason}. ${synthetic.distance === null ? "No image is called a copy." : "Only pairs below an absolute limit are called copies."}`
        : `Below ${number(scoreLimit(search))} a pair is called a copy. The threshold comes from ${count(threshold.n)} held-out images that repeat no training image: a set of ${count(synthetic.score.length)} images without a copy is expected to have ${number(threshold.falseAlarms)} below it.`;
    const median = (values: Float64Array) => values.slice().sort()[Math.floor(values.length / 2)]!;
    blocks.push(
      html`<h3>${space === "pixel" ? "By pixels" : `By features of ${space}`}</h3><p>${rule} Medians: ${number(median(synthetic.score))} for synthetic, ${number(median(holdout.score))} for held-out images.${named > 0 ? ` ${count(named)} copies are listed in audit.json.` : ""}</p>${await pairFigures(
        sets.train,
        {
          set: sets.synthetic,
          kind: "Synthetic",
          scores: synthetic,
          called: (i) => callOf(search, synthetic, i) !== null,
          words: "called a copy",
        },
      )}`,
    );
  }
  return html`<section id="pairs"><h2>Closest pairs</h2>
<p>Left: the synthetic image, rotated to match. Right: its nearest training image. The number is 0 for a copy, and near 1 where the image is no nearer to this patient than to another.</p>${blocks}</section>`;
}

/** The nearest of the held-out images that repeat training images; nothing where none does. */
async function splitSection(sets: AuditSets, { searches, audit }: AuditFindings): Promise<Html> {
  const { holdout, reference } = searches[0]!;
  if (reference.leaks.length === 0) return html``;
  const leaks = new Set(reference.leaks);
  const shown = { ...holdout, target: holdout.target.map((index, i) => (leaks.has(i) ? index : -1)) };
  return html`<section id="split"><h2>Leaking split</h2>
<p>${count(leaks.size)} of ${count(audit.holdout.n)} held-out images repeat training images; audit.json lists all. Left: the held-out image, rotated to match. Right: the training image.</p>${await pairFigures(
    sets.train,
    { set: sets.holdout, kind: "Held-out", scores: shown, called: () => true, words: "near duplicate" },
  )}</section>`;
}

const spanned = (value: AuditTest["figures"][string]): Html | string =>
  value === null
    ? "–"
    : value.low === value.high
      ? Number.isInteger(value.value)
        ? count(value.value)
        : number(value.value)
      : html`${number(value.value)} <span class="interval">${number(value.low)} to ${number(value.high)}</span>`;

function testsSection({ rated }: AuditFindings): Html {
  const sections = new Map<string, AuditTest[]>();
  for (const { test, kind } of rated) sections.set(kind.section, [...(sections.get(kind.section) ?? []), test]);
  const tables = [...sections].map(([title, list]) => {
    const notes = [...new Map(list.map((test) => [`${test.needs}${test.limits}`, test])).values()];
    return html`<h3>${title}</h3>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr><th scope="col">Test</th><th scope="col" class="left">About</th><th scope="col">n</th><th scope="col" class="left">Measured (95 % interval)</th><th scope="col" class="left">Control</th><th scope="col" class="left">Result</th></tr></thead>
<tbody>${list.map(
      (test) =>
        html`<tr><th scope="row"><code>${test.id}</code></th><td class="left">${scopeWords(test.scope)}</td><td>${count(test.n)}</td><td class="left">${figures(test.figures)}</td><td class="left">${test.control === null ? "–" : figures(test.control)}</td><td class="left">${severity(test.severity)}${test.made === false && test.severity !== null ? severity(null) : null}</td></tr>`,
    )}</tbody></table></div>
<dl>${notes.map((test) => html`<dt>${test.title}</dt><dd>An attacker needs: ${test.needs}<br>Limits: ${test.limits}</dd>`)}</dl>`;
  });
  return html`<section id="tests"><h2>All tests</h2>
<p>Each test with what an attacker needs for it and what it cannot find. The control of membership attacks is the same attack on members against members: where the control succeeds too, the attack proves nothing.</p>${tables}</section>`;
}

const figures = (list: AuditTest["figures"]): Html[] =>
  Object.entries(list).map(
    ([name, value]) => html`<div class="figure"><span class="muted">${name}</span> ${spanned(value)}</div>`,
  );

function methodsSection({ protocol, train, holdout, synthetic, run, seed }: AuditFile): Html {
  if (protocol === undefined) return html``;
  const privacy = run?.differentialPrivacy;
  return html`<section id="methods"><h2>Methods</h2><dl>
<dt>Images</dt><dd>${count(train.n)} training, ${count(holdout.n)} held-out, ${count(synthetic.n)} synthetic, all at ${count(protocol.resolution)} px; intervals treat one ${protocol.unit} as independent.</dd>
${Object.entries(protocol.spaces).map(([name, words]) => html`<dt>${name}</dt><dd>${words}</dd>`)}
<dt>False alarms</dt><dd>In a set that leaks nothing, ${number(protocol.falseAlarms.copies)} images are expected to be called copies, and the probability that any other test raises an alarm is ${number(protocol.falseAlarms.tests)} (Holm’s correction over all of them).</dd>
<dt>Run</dt><dd>${run === null ? "none was given" : html`generator <code>${run.generator}</code>`}</dd>
<dt>Differential privacy</dt><dd>${run === null ? "unknown" : privacy ? `epsilon ${privacy.epsilon}, delta ${privacy.delta}, ${privacy.unit}, ${privacy.accountant}` : "the run was trained without it"}</dd>
<dt>SHA-256</dt><dd>training <code>${train.hash}</code><br>held-out <code>${holdout.hash}</code><br>synthetic <code>${synthetic.hash}</code></dd>
<dt>Seed</dt><dd>${seed}</dd></dl>
<p>Nearest-neighbour tests find only copies; passing them is no privacy guarantee (arXiv 2505.01524). Only differential privacy bounds what a stronger attacker could learn.</p></section>`;
}

/** One HTML file without scripts, with pictures inside: it asks no host for anything. It shows training images. */
export async function renderAuditReport(sets: AuditSets, found: AuditFindings): Promise<string> {
  const { audit } = found;
  const title = `Synthetic images of ${sets.train.name}`;
  const doubted = (audit.objections ?? []).length > 0 ? "warning" : "none";
  const worst = audit.findings[0]?.severity ?? doubted;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title} – audit</title><link rel="icon" href="data:,"><style>${trusted(STYLE + AUDIT_STYLE)}</style></head>
<body><p class="inside" role="note"><strong>Do not share.</strong> This file shows and names real training images of ${sets.train.name}. It is not part of a release.</p>
<header><h1>${title}: audit</h1>
<p class="headline verdict ${worst}">${audit.verdict}</p>
<p>${count(audit.synthetic.n)} synthetic images were compared with the ${count(audit.train.n)} images the generator was trained on and ${count(audit.holdout.n)} of the same kind that it never saw.</p>
<nav aria-label="Sections"><ul><li><a href="#findings">Findings (${audit.findings.length})</a></li><li><a href="#pairs">Closest pairs</a></li><li><a href="#tests">All tests</a></li><li><a href="#warnings">Warnings (${audit.warnings.length})</a></li><li><a href="#methods">Methods</a></li></ul></nav>
</header><main>
${findingsSection(audit)}
${await splitSection(sets, found)}
${await pairsSection(sets, found)}
${testsSection(found)}
<section id="warnings"><h2>Warnings</h2>${
    audit.warnings.length === 0
      ? html`<p>None.</p>`
      : html`<ul class="list">${audit.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`
  }</section>
${methodsSection(audit)}
</main><footer>Made by ganglion audit. The same values in machine-readable form: audit.json.</footer></body></html>
`;
  return page.html;
}
