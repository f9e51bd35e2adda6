import { posix } from "node:path";
import { FILE_NAME } from "../../data/columns.ts";
import type { Dataset, Sample } from "../../data/types.ts";

/**
 * Columns that name a person, a lesion or an examination, by the words of their names: the roles that `data/columns.ts`
 * takes for a patient, and further names of public collections.
 */
const NAMES_A_PERSON =
  /^(patient|subject|person|participant|case|lesion|study|series|exam|accession|mrn|medical_record)(_?(id|no|nr|num|number|name|key|code|instance|uid|ref))*$/;
const PERSONAL_WORD = /(^|_)(patient|subject|mrn|birth|birthday|dob|surname|forename|email|phone|address|ssn)(_|$)/;
const FILE_WORD = /(^|_)(file|filename|path|image|img|isic)(_?(id|name|path|file))*$/;

/** `patientId`, `Patient ID` and `patient-id` as `patient_id`. */
const plain = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");

/** Shorter names of files are found by chance within other values. */
const TELLING_STEM = 4;

/** Whether a column names a person, a lesion or an examination, by its own name. */
export function namesAPerson(column: string): boolean {
  const words = plain(column);
  return NAMES_A_PERSON.test(words) || PERSONAL_WORD.test(words);
}

/** Whether a column repeats what its image's file is called. */
function repeatsFileName(samples: readonly Sample[], column: string): boolean {
  return samples.some(({ fileName, attributes }) => {
    const stem = posix.parse(fileName).name;
    return stem.length >= TELLING_STEM && attributes[column]?.includes(stem);
  });
}

/**
 * Columns of a dataset that the studio shows as attributes: never the tone and the boxes, which have places of their own, and
 * only with `showPatients` those that name a person, directly or by a number, or repeat the name of the image's file.
 */
export function shownColumns({ columns, samples }: Dataset, showPatients: boolean): string[] {
  const elsewhere = new Set([FILE_NAME, columns.tone, columns.mask, ...(columns.box ?? [])]);
  const names = new Set(samples.flatMap(({ attributes }) => Object.keys(attributes)));
  const further = [...names].filter((name) => !elsewhere.has(name));
  if (showPatients) return columns.patient === undefined ? further : [columns.patient, ...further];
  return further.filter((name) => {
    return !namesAPerson(name) && !FILE_WORD.test(plain(name)) && !repeatsFileName(samples, name);
  });
}
