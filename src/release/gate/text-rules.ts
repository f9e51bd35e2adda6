import { basename } from "node:path";
import type { AuditFile } from "../../audit/audit-file.ts";
import type { Dataset } from "../../data/types.ts";
import type { MetricsFile } from "../../evaluate/metrics-file.ts";
import type { Candidate } from "./candidates.ts";
import { identifierIn, masked } from "./identifiers.ts";
import type { Reasons } from "./reasons.ts";

/**
 * Words that stay a name in Markdown, HTML, YAML, CSV and DICOM: no markup, no sign that is not seen, no line end. `|` joins the labels
 * of an image (`Effusion|Mass`); the tables of the cards escape it.
 */
const PLAIN_NAME = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} ._+\-(),/'&:%|]{0,63}$/u;
/** Whether a text can stand as a name in every file of a release. */
export const isPlainName = (text: string): boolean => PLAIN_NAME.test(text);

/** What makes a link, an image or an element of text in Markdown. */
const MARKUP = /<\/?[a-z!]|\]\(|\]:|&#|javascript:|\p{Cf}|(?![\n\t])\p{Cc}/iu;
/** Shorter identifiers of a collection (`7`, `a1`) are also words of other things. */
const MIN_SECRET = 4;
const MIN_DIGITS = 5;

/** Identifiers of real patients and images: what must not be in any text of a release. */
export class Secrets {
  readonly #values = new Set<string>();

  /** @param training Real datasets whose patients, file names and identifying columns are secret. */
  constructor(training: readonly Dataset[], isIdentity: (column: string) => boolean) {
    for (const { samples } of training) {
      for (const { patient, fileName, attributes } of samples) {
        this.#add(patient);
        const stem = basename(fileName).replace(/\.[a-z]+$/i, "");
        // Names as `nevus.png` say no more than a class.
        if (/\p{N}/u.test(stem)) this.#add(stem);
        for (const [name, value] of Object.entries(attributes)) if (isIdentity(name)) this.#add(value);
      }
    }
  }

  #add(value: string | undefined): void {
    const plain = normal(value ?? "");
    if (plain.length >= (/^\p{N}+$/u.test(plain) ? MIN_DIGITS : MIN_SECRET)) this.#values.add(plain);
  }

  /** Whether a text is such a value or holds one as a word. */
  isIn(text: string): boolean {
    const plain = normal(text);
    if (this.#values.has(plain)) return true;
    const words = plain.split(/[\s,;:()[\]"'/=|]+/).map((word) => word.replace(/\.([a-z]{2,4})?$/, ""));
    return words.some((word) => this.#values.has(word));
  }
}

const normal = (text: string): string => text.normalize("NFKC").trim().toLowerCase();

/** What to do about a class or a cell that looks like a person. */
const REMEDY =
  "remove the column, rename the class, or name the value in `gate.notIdentifiers` of --config if it is none, which the card then states";

/** Checks class names and the cells of the columns that leave, whether or not all are the same. */
export function checkCells(
  dataset: Dataset,
  candidates: readonly Candidate[],
  columns: readonly string[],
  { notIdentifiers, secrets }: { readonly notIdentifiers: readonly string[]; readonly secrets: Secrets },
  reasons: Reasons,
): void {
  const accepted = new Set(notIdentifiers);
  const check = (path: string, values: ReadonlyMap<string, number>, what: string) => {
    const kinds = new Map<string, { cells: number; example: string }>();
    for (const [value, cells] of values) {
      const kind = secrets.isIn(value)
        ? "an identifier of the training images"
        : accepted.has(value)
          ? undefined
          : identifierIn(value)?.kind;
      if (kind === undefined) continue;
      const known = kinds.get(kind);
      kinds.set(kind, { cells: (known?.cells ?? 0) + cells, example: known?.example ?? masked(value) });
    }
    for (const [kind, { cells, example }] of kinds) {
      reasons.add("identifier", path, `${cells} ${what} hold ${kind} (such as ${example}); ${REMEDY}`);
    }
  };
  const counts = (values: readonly string[]) => {
    const found = new Map<string, number>();
    for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
    return found;
  };
  const classes = candidates.map(({ sample }) => sample.label).filter((label) => label !== "");
  check("classes", counts(classes), "images of classes whose names");
  check("metadata.csv", counts(columns), "columns whose names");
  for (const name of columns) {
    const cells = candidates.map(({ sample }) => sample.attributes[name]?.trim() ?? "").filter((cell) => cell !== "");
    check(`metadata.csv: ${name}`, counts(cells), "cells");
  }
  const unplain = [...dataset.classes, ...columns].filter((name) => name !== "" && !isPlainName(name));
  reasons.each(
    "name",
    "metadata.csv",
    unplain,
    "a class or column name holds signs that could be markup, or cannot be seen, or has more than 64 characters; rename it",
  );
}

/** Texts of the config that a release shows, by where they stand (`--config: name`). */
export interface ConfigTexts {
  /** Prose for the cards: it may name whom it likes, but nobody of the training images. */
  readonly prose: Readonly<Record<string, string>>;
  /** Names of concepts in DICOM attributes: nobody at all. */
  readonly concepts: Readonly<Record<string, string>>;
}

/** Checks what a person wrote for the release. */
export function checkConfigTexts(
  { prose, concepts }: ConfigTexts,
  notIdentifiers: readonly string[],
  secrets: Secrets,
  reasons: Reasons,
): void {
  for (const [path, text] of [...Object.entries(prose), ...Object.entries(concepts)]) {
    const looks =
      Object.hasOwn(concepts, path) && !notIdentifiers.includes(text) ? identifierIn(text)?.kind : undefined;
    const kind = secrets.isIn(text) ? "an identifier of the training images" : looks;
    if (kind === undefined) continue;
    reasons.add("identifier", path, `the text holds ${kind} (${masked(text)}); change it`);
  }
}

/** All texts of evidence that a card repeats, with where they stand. */
function* evidenceTexts(audit: AuditFile, metrics: MetricsFile | null): Generator<readonly [string, string]> {
  for (const { id, title, scope, needs, limits, figures, control } of audit.tests) {
    const names = [...Object.keys(figures), ...Object.keys(control ?? {})];
    for (const text of [id, title, scope, needs, limits, ...names]) yield ["audit.json: tests", text];
  }
  const privacy = audit.run?.differentialPrivacy;
  for (const text of [privacy?.unit, privacy?.accountant]) if (text !== undefined) yield ["audit.json: run", text];
  for (const { message } of audit.cautions ?? []) yield ["audit.json: cautions", message];
  if (metrics === null) return;
  yield ["metrics.json: verdict", metrics.verdict.sentence];
  for (const text of metrics.warnings) yield ["metrics.json: warnings", text];
  for (const [name, { description }] of Object.entries(metrics.protocol.extractors)) {
    yield ["metrics.json: extractors", name];
    yield ["metrics.json: extractors", description];
  }
  for (const { perClass } of Object.values(metrics.features)) {
    for (const name of Object.keys(perClass)) yield ["metrics.json: classes", name];
  }
}

/** Kinds of identifiers that no sentence of Ganglion holds; others, as numbers, stand in its own words. */
const NOT_OURS = new Set(["an e-mail address", "an address of the web", "a date", "a telephone number"]);

/** Texts of audit and metrics stand on the card: they hold no markup and nothing of a person. */
export function checkEvidenceTexts(
  audit: AuditFile,
  metrics: MetricsFile | null,
  secrets: Secrets,
  reasons: Reasons,
): void {
  const found = new Map<string, string[]>();
  for (const [path, text] of evidenceTexts(audit, metrics)) {
    const kind = identifierIn(text)?.kind ?? "";
    if (!secrets.isIn(text) && !MARKUP.test(text) && !NOT_OURS.has(kind)) continue;
    found.set(path, [...(found.get(path) ?? []), masked(text)]);
  }
  for (const [path, texts] of found) {
    const message = "the card would show this text, which holds markup or tells of a person; audit and evaluate again";
    reasons.each("text", path, [...new Set(texts)], message);
  }
}
