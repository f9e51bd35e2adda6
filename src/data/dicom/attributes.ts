import { GanglionError } from "../../core/errors.ts";
import type { DicomDataset, Tag } from "../../dicom/read/elements.ts";

/** An attribute by its keyword in PS3.6. */
export interface NamedAttribute {
  readonly keyword: string;
  readonly tag: Tag;
  readonly vr: string;
}

/** Ages from this one on are one group, since few people are as old (HIPAA, 45 CFR 164.514(b)(2)(i)(C)). */
const OLDEST = 90;

/** Sexes as people write them, in lower case without accents. */
const SEXES: Readonly<Record<string, readonly string[]>> = {
  male: "m male man boy mann maennlich mannlich herr h homme hombre masculino masculin maschio uomo".split(" "),
  female: "f female woman girl w weiblich frau femme mujer femenino feminin femmina donna".split(" "),
  other: "o other d divers diverse".split(" "),
};
const PATIENT_SEX = 0x00100040;
const PATIENT_AGE = 0x00101010;
/** Texts that state nothing. */
const UNSTATED =
  /^(|[-?.x]+|u|n|unk|unknown|undefined|none|null|na|n\/a|nan|removed|anon\w*|not (given|known|specified))$/i;

const PATIENT_BIRTH_DATE = 0x00100030;
const STUDY_DATE = 0x00080020;

const number = (tag: Tag) => (dataset: DicomDataset) => dataset.decimals(tag)[0]?.toString() ?? "";
/** A code string: upper-case letters, digits, space and underscore, 16 at most; anything else is left out. */
const code = (tag: Tag) => (dataset: DicomDataset) => {
  const text = dataset.text(tag) ?? "";
  return /^[A-Z0-9_ ]{1,16}$/.test(text) ? text : "";
};
const word = (tag: Tag) => (dataset: DicomDataset) => (dataset.text(tag) ?? "").slice(0, 64);

/**
 * The attributes that an import keeps, by column: those that say how an image was made or what it shows, and of the patient
 * the sex and the age in years. Everything else, private data too, stays behind.
 */
export const KEPT_ATTRIBUTES: Readonly<Record<string, (dataset: DicomDataset) => string>> = {
  modality: code(0x00080060),
  body_part: code(0x00180015),
  laterality: (dataset) => code(0x00200062)(dataset) || code(0x00200060)(dataset),
  view: code(0x00185101),
  sex: sexOf,
  age: ageInYears,
  manufacturer: word(0x00080070),
  scanning_sequence: (dataset) =>
    dataset
      .texts(0x00180020)
      .filter((text) => /^[A-Z0-9_ ]{1,16}$/.test(text))
      .join(" "),
  field_strength_t: number(0x00180087),
  repetition_time_ms: number(0x00180080),
  echo_time_ms: number(0x00180081),
  tube_voltage_kv: number(0x00180060),
  slice_thickness_mm: number(0x00180050),
  pixel_spacing_mm: number(0x00280030),
  burned_in_annotation: code(0x00280301),
};

function sexOf(dataset: DicomDataset): string {
  const text = (dataset.text(PATIENT_SEX) ?? "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return Object.keys(SEXES).find((sex) => SEXES[sex]!.includes(text)) ?? "";
}

/** An age with its unit, as the standard and as people write it (`045Y`, `45`, `45 years`, `6 months`); years without one. */
const AGE =
  /^(\d{1,3})(?:[.,]\d+)?\s*(?:(d|days?|tage?n?|jours?)|(w|wks?|weeks?|wochen?)|(m|mo|mths?|months?|monate?n?|mois)|y|yrs?|years?|j|jahre?|ans?|a)?(?:\s*old)?\.?$/i;
const OLDEST_EVER = 130;

/** Years of an age in words; null where it is none. */
function statedAge(text: string): number | null {
  const found = AGE.exec(text);
  if (found === null) return null;
  const [, number, days, weeks, months] = found;
  const perYear = days !== undefined ? 365.25 : weeks !== undefined ? 52.18 : months !== undefined ? 12 : 1;
  const years = Math.floor(Number(number) / perYear);
  return years > OLDEST_EVER ? null : years;
}

/** Patient's age, else what birth and study date come to; whole years, 90 for all above. */
function ageInYears(dataset: DicomDataset): string {
  const stated = statedAge(dataset.text(PATIENT_AGE) ?? "");
  if (stated !== null) return String(Math.min(OLDEST, stated));
  const [birth, study] = [PATIENT_BIRTH_DATE, STUDY_DATE].map((tag) => (dataset.text(tag) ?? "").replaceAll(".", ""));
  if (!/^\d{8}$/.test(birth!) || !/^\d{8}$/.test(study!)) return "";
  const years = Math.floor((Number(study) - Number(birth)) / 10_000);
  return years < 0 || years > OLDEST_EVER ? "" : String(Math.min(OLDEST, years));
}

/** Keywords of the patient's attributes that say something which is not understood. */
export function notUnderstood(dataset: DicomDataset): string[] {
  const says = (tag: Tag) => !UNSTATED.test(dataset.text(tag) ?? "");
  return [
    ...(says(PATIENT_SEX) && sexOf(dataset) === "" ? ["PatientSex"] : []),
    ...(says(PATIENT_AGE) && statedAge(dataset.text(PATIENT_AGE)!) === null ? ["PatientAge"] : []),
  ];
}

/** Types of value that are a date, a time, a name of a person, an identifier or no text at all. */
const NEVER = new Set(["DA", "DT", "TM"]);
const IDENTITY = new Set(["PN", "UI"]);
const TEXT = new Set(["AE", "AS", "CS", "DS", "IS", "LO", "LT", "SH", "ST", "UC", "UT"]);
const NUMBERS = new Set(["US", "SS", "UL", "SL"]);
const FLOATS = new Set(["FD", "FL"]);
/** Keywords that point at a person, an institution or a machine. */
const IDENTIFYING =
  /(IDs?|Identifier|Name|Names|Address|Telephone\w*|AccessionNumber|SerialNumber|Comments|Contact\w*)$/;

/** Types of value for free text, in which anything about a person may stand. */
const FREE_TEXT = new Set(["LT", "ST", "UT"]);
/** Further keywords of free text or of a person's life that PS3.15 E.1 removes from what leaves a hospital. */
const OF_A_PERSON =
  /^(Occupation|StudyDescription|SeriesDescription|AdmittingDiagnosesDescription|RequestedProcedureDescription|ReasonFor\w*|Allergies|MedicalAlerts|MilitaryRank|BranchOfService|(Country|Region)OfResidence|PatientReligiousPreference|EthnicGroup|SpecialNeeds|CurrentPatientLocation|PatientInstitutionResidence|InsurancePlanIdentification)$/;

/**
 * Finds an attribute by keyword, e.g. `BodyPartExamined`, or tag, e.g. `0018,0015`.
 * @param role What it is wanted for, in errors.
 * @throws GanglionError `usage` for one that does not exist
 */
export async function findAttribute(name: string, role: string): Promise<NamedAttribute> {
  const { default: dcmjs } = await import("dcmjs");
  const { nameMap } = dcmjs.data.DicomMetaDictionary;
  const digits = /^\(?([0-9a-f]{4}),?([0-9a-f]{4})\)?$/i.exec(name);
  const wanted = digits === null ? "" : `(${digits[1]},${digits[2]})`.toUpperCase();
  const keyword =
    digits === null
      ? Object.keys(nameMap).find((each) => each.toLowerCase() === name.toLowerCase())
      : Object.keys(nameMap).find((each) => nameMap[each]!.tag === wanted);
  if (keyword === undefined) {
    const message = `--${role} ${name}: no attribute of DICOM has this keyword; give one of PS3.6, e.g. BodyPartExamined, or folder for the name of the sub-folder`;
    throw new GanglionError("usage", message);
  }
  const { tag, vr } = nameMap[keyword]!;
  return { keyword, tag: Number.parseInt(tag.replace(/[(),]/g, ""), 16), vr };
}

/** Refuses an attribute that must not become a label. @throws GanglionError `usage` with the reason */
export function checkLabel({ keyword, vr }: NamedAttribute, keepIds: boolean): void {
  const refuse = (why: string) => {
    throw new GanglionError("usage", `--label ${keyword}: ${why}; choose another attribute`);
  };
  if (NEVER.has(vr)) refuse("dates and times are never carried over");
  if (!keepIds && (IDENTITY.has(vr) || IDENTIFYING.test(keyword))) {
    refuse("this identifies a person, an institution or a machine and is not carried over without --keep-ids");
  }
  if (!keepIds && (FREE_TEXT.has(vr) || OF_A_PERSON.test(keyword))) {
    refuse("anything about a person may stand in this text; it is not carried over without --keep-ids");
  }
  if (![TEXT, NUMBERS, FLOATS, IDENTITY].some((kinds) => kinds.has(vr)))
    refuse(`its values (${vr}) are no text or number`);
}

/** Text of an attribute, several values joined by a space; empty where it is absent. */
export function attributeText(dataset: DicomDataset, { tag, vr }: NamedAttribute): string {
  if (NUMBERS.has(vr)) return dataset.integers(tag, vr.startsWith("S")).join(" ");
  if (FLOATS.has(vr)) return dataset.floats(tag).join(" ");
  return dataset
    .texts(tag)
    .filter((text) => text !== "")
    .join(" ");
}
