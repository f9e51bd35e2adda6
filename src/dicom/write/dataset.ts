import dcmjs from "dcmjs";
import { type Problem, throwIfProblems } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";

/** Value of an attribute: text or number, several of them, items of a sequence, or bytes. `""` is an empty value. */
export type DicomValue = string | number | readonly string[] | readonly DicomDataset[] | Uint8Array;

/** A DICOM dataset: attributes by the keyword of the standard (PS3.6), e.g. `PatientName`. */
export interface DicomDataset {
  readonly [keyword: string]: DicomValue;
}

/** Longest value of a VR in characters (PS3.5 table 6.2-1). */
const LONGEST: Readonly<Record<string, number>> = {
  CS: 16,
  DA: 8,
  DS: 16,
  IS: 12,
  LO: 64,
  LT: 10240,
  PN: 64,
  SH: 16,
  ST: 1024,
  TM: 14,
  UI: 64,
  UT: 10240,
};
/** VRs of which a value holds no backslash, since it divides values. */
const DIVIDED = new Set(["CS", "DS", "IS", "LO", "PN", "SH", "UI"]);
const FORMS: Readonly<Record<string, { readonly form: RegExp; readonly words: string }>> = {
  CS: { form: /^[A-Z0-9 _]*$/, words: "capitals, digits, blanks and _" },
  DA: { form: /^(\d{8})?$/, words: "YYYYMMDD" },
  DS: { form: /^([+-]?\d+(\.\d+)?)?$/, words: "a decimal number" },
  IS: { form: /^([+-]?\d+)?$/, words: "a whole number" },
  UI: { form: /^((0|[1-9]\d*)(\.(0|[1-9]\d*))*)?$/, words: "numbers with dots between" },
};
const MULTILINE = new Set(["LT", "ST", "UT"]);

/** Tag (eight hex digits) and VR of an attribute. */
interface Attribute {
  readonly tag: string;
  readonly vr: string;
}

/** Attributes that were looked up: the dictionary has thousands, an object some sixty. */
const known = new Map<string, Attribute | null>();

/** The attribute of a keyword, null for none of the standard; pixels are bytes here. */
export function attributeOf(keyword: string): Attribute | null {
  const before = known.get(keyword);
  if (before !== undefined) return before;
  const { nameMap } = dcmjs.data.DicomMetaDictionary;
  const entry = Object.hasOwn(nameMap, keyword) ? nameMap[keyword]! : null;
  const found = entry && {
    tag: entry.tag.replace(/[(),]/g, "").toUpperCase(),
    vr: keyword === "PixelData" ? "OB" : entry.vr,
  };
  known.set(keyword, found);
  return found;
}

/**
 * Text of any origin as a value of a VR: control characters become blanks, backslashes too where they divide values, and what
 * is too long is cut and ends in `...`.
 */
export function textFor(vr: "LO" | "LT" | "SH" | "ST" | "UT", text: string): string {
  const longest = LONGEST[vr]!;
  const unfit = DIVIDED.has(vr) ? /[\p{Cc}\p{Cs}\\]/u : /[\p{Cc}\p{Cs}]/u;
  const plain = Array.from(text.normalize("NFC"), (c) => (unfit.test(c) ? " " : c));
  if (plain.length <= longest) return plain.join("").trim();
  return `${plain.slice(0, longest - 3).join("")}...`.trim();
}

function textProblem(vr: string, text: string): string | null {
  const length = Array.from(text).length;
  if (length > LONGEST[vr]!) return `is ${length} characters long, ${vr} holds ${LONGEST[vr]}`;
  if (DIVIDED.has(vr) && text.includes("\\")) return "holds a backslash, which divides values";
  const control = MULTILINE.has(vr) ? /[^\P{Cc}\n\r\f\t]/u : /\p{Cc}/u;
  if (control.test(text)) return "holds a control character";
  const form = FORMS[vr];
  return form === undefined || form.form.test(text) ? null : `is ${quoted(text)}, ${vr} is ${form.words}`;
}

function valueProblem(vr: string, value: DicomValue): string | null {
  if (vr === "SQ") return Array.isArray(value) ? null : "is a sequence and needs items";
  if (vr === "OB") return value instanceof Uint8Array ? null : "needs bytes";
  if (vr === "US") {
    return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65535
      ? null
      : `is ${String(value)}, US is a whole number from 0 to 65535`;
  }
  if (!(vr in LONGEST)) return `has the VR ${vr}, which is not written`;
  const texts = Array.isArray(value) ? value : [value];
  for (const text of texts) {
    const problem = typeof text === "string" ? textProblem(vr, text) : `needs text, ${vr} is no number here`;
    if (problem !== null) return problem;
  }
  return null;
}

/** Every value of a dataset that breaks the rules of its VR, in items too. */
export function datasetProblems(dataset: DicomDataset, path = ""): Problem[] {
  const problems: Problem[] = [];
  for (const [keyword, value] of Object.entries(dataset)) {
    const where = `${path}${keyword}`;
    const attribute = attributeOf(keyword);
    const found = attribute === null ? "is no attribute of the standard" : valueProblem(attribute.vr, value);
    if (found !== null) problems.push({ code: "dicom-value", path: where, message: found });
    else if (attribute?.vr === "SQ") {
      for (const [i, item] of (value as readonly DicomDataset[]).entries()) {
        problems.push(...datasetProblems(item, `${where}[${i}].`));
      }
    }
  }
  return problems;
}

/** @throws GanglionError `internal` that lists every value that cannot be written. */
export function refuseBadValues(dataset: DicomDataset, name: string): void {
  throwIfProblems("internal", `internal: ${name} cannot be written as DICOM`, datasetProblems(dataset));
}
