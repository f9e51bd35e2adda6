import { GIVEN_NAMES } from "./given-names.ts";

/** What a text looks like that could tell who a person is. */
export interface Identifier {
  /** In words: `an e-mail address`. */
  readonly kind: string;
}

/** Longest text that is a category and not a report, in words and in characters. */
const MAX_WORDS = 6;
const MAX_CHARACTERS = 48;
/** Whole numbers from so many digits on are numbers of people or records. */
const RECORD_DIGITS = 5;

const MONTH =
  "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember";
/** Endings of German street names that are written in one word. */
const STREET_ENDING = "straße|strasse|str|weg|platz|allee|gasse";
const STREET =
  "street|st|road|rd|avenue|ave|lane|drive|boulevard|blvd|court|way|square|straße|strasse|str|weg|platz|allee|gasse|rue|via|calle|plaza";

/** Rules in the order in which they speak; the text is trimmed and in normal form NFKC. */
const RULES: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  { kind: "an e-mail address", pattern: /[^\s@=]+@[^\s@=]+\.[^\s@=]+/ },
  { kind: "an address of the web", pattern: /\b(https?:\/\/|www\.)\S+/i },
  { kind: "a unique identifier", pattern: /\b\d+(\.\d+){4,}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/i },
  {
    kind: "encoded data",
    pattern:
      /[0-9a-f]{16}|(?=[A-Za-z+/]{0,19}\d)(?=[A-Z0-9+/]{0,19}[a-z])(?=[a-z0-9+/]{0,19}[A-Z])[A-Za-z0-9+/]{20}|(?=[A-Z2-7]{0,23}[2-7])[A-Z2-7]{24}/,
  },
  { kind: "a date", pattern: /\b\d{4}[-./]\d{1,2}[-./]\d{1,2}\b|\b\d{1,2}[-./]\d{1,2}[-./](\d{2}|\d{4})\b/ },
  { kind: "a date", pattern: /(^|\D)(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\D|$)/ },
  { kind: "a date", pattern: new RegExp(`\\b\\d{1,2}\\.?\\s*(${MONTH})\\b|\\b(${MONTH})\\.?\\s+\\d{1,4}\\b`, "i") },
  { kind: "a telephone number", pattern: /\+\d[\d\s()./-]{6,}\d|\(?\b0?\d{2,5}\)?[\s/-]\d{2,4}[\s/-]?\d{2,}\b/ },
  {
    kind: "a postal address",
    pattern: new RegExp(`\\b\\d{1,5}[a-z]?,?\\s+([\\p{L}.'-]+\\s+){1,3}(${STREET})\\b`, "iu"),
  },
  { kind: "a postal address", pattern: new RegExp(`\\p{L}(${STREET_ENDING})\\.?\\s+\\d{1,4}[a-z]?\\b`, "iu") },
  {
    kind: "a record number",
    pattern: /\b(mrn|patient|pat|subject|case|record|accession|acc|ssn|nhs|id|nr|no)\b[\s.:#_-]*[\p{L}]{0,3}\d{2,}/iu,
  },
  { kind: "a record number", pattern: new RegExp(`(^|[^\\d.])\\d{${RECORD_DIGITS},}($|[^\\d.])`) },
  { kind: "a record number", pattern: /\b(?=[a-z]*\d)(?=[a-z0-9]*[a-z])[a-z]{1,6}[-_ ]?\d{4,}[a-z0-9]*\b/i },
  { kind: "a person's name", pattern: /^[\p{L}' -]+\^[\p{L}' ^.-]*$/u },
  { kind: "a person's name", pattern: /\b(mr|mrs|ms|miss|dr|prof|herr|frau|mme|sr|sra)\b\.?\s+\p{Lu}\p{L}+/iu },
  { kind: "a person's name", pattern: /^\p{Lu}[\p{L}'-]+,\s*\p{Lu}[\p{L}'-]*\.?(\s+\p{Lu}\.?)?$/u },
];

const given = new Set(GIVEN_NAMES);

/** Whether words hold a common given name, written with a capital, or all in small or in capital letters. */
const namesSomeone = (text: string): boolean =>
  text
    .split(/[^\p{L}]+/u)
    .some((word) => word.length > 2 && given.has(word.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase()));

/** Says what a class name or a cell looks like that could tell who a person is; null for a plain category or measure. */
export function identifierIn(text: string): Identifier | null {
  // Underscores join words in names of classes.
  const plain = text.normalize("NFKC").replaceAll("_", " ").trim();
  for (const { kind, pattern } of RULES) if (pattern.test(plain)) return { kind };
  if (namesSomeone(plain)) return { kind: "a person's name" };
  if (plain.length > MAX_CHARACTERS || plain.split(/\s+/).length > MAX_WORDS) return { kind: "free text" };
  return null;
}

/** A value of which a reader sees the form but not the content: `Jane Doe` as `J*** D**`. */
export const masked = (text: string): string =>
  text
    .slice(0, MAX_CHARACTERS)
    .replaceAll(/[\p{L}\p{N}]+/gu, (word) => word[0]! + "*".repeat(Math.max(1, word.length - 1)));
