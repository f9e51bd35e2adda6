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

const SEXES: Readonly<Record<string, string>> = { M: "male", F: "female", O: "other" };

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
  sex: (dataset) => SEXES[code(0x00100040)(dataset)] ?? "",
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

/** Patient's age, else what birth and study date come to; whole years, 90 for all above. */
function ageInYears(dataset: DicomDataset): string {
  const stated = /^(\d{1,3})([DWMY])$/.exec(dataset.text(0x00101010) ?? "");
  if (stated !== null) {
    const perYear = { D: 365.25, W: 52.18, M: 12, Y: 1 }[stated[2] as "D" | "W" | "M" | "Y"];
    return String(Math.min(OLDEST, Math.floor(Number(stated[1]) / perYear)));
  }
  const [birth, study] = [PATIENT_BIRTH_DATE, STUDY_DATE].map((tag) => (dataset.text(tag) ?? "").replaceAll(".", ""));
  if (!/^\d{8}$/.test(birth!) || !/^\d{8}$/.test(study!)) return "";
  const years = Math.floor((Number(study) - Number(birth)) / 10_000);
  return years < 0 || years > 130 ? "" : String(Math.min(OLDEST, years));
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
