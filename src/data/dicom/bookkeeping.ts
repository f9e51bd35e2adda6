import { createHash } from "node:crypto";
import type { Problem } from "../../core/errors.ts";
import { listed, quoted } from "../../core/quoted.ts";
import { PIXEL_DATA } from "../../dicom/read/element-reader.ts";
import { type Instance, ofStudy, readDicomFile } from "./instance.ts";

/** Instances that are left after a step of bookkeeping, and what it did. */
interface Kept {
  readonly instances: readonly Instance[];
  readonly notes: readonly string[];
}

const files = (n: number): string => (n === 1 ? "1 file" : `${n} files`);

/**
 * Leaves out pictures that were taken to plan others or show a label: always those of slides, whose labels may name the
 * patient; localizers only where other pictures are there.
 */
export function withoutSideImages(instances: readonly Instance[]): Kept & { readonly skipped: Map<string, number> } {
  const others = instances.some(({ aside }) => aside === null);
  const skipped = new Map<string, number>();
  const kept = instances.filter(({ aside }) => {
    if (aside === null || (aside === "localizers or scouts" && !others)) return true;
    skipped.set(aside, (skipped.get(aside) ?? 0) + 1);
    return false;
  });
  const notes = [...skipped].map(([aside, n]) =>
    aside === "localizers or scouts"
      ? `${files(n)} of ${aside}, by the type of image or the series' description, left out`
      : `${files(n)} of ${aside}, left out beside the tiles: labels of slides show names and barcodes`,
  );
  return { instances: kept, notes, skipped };
}

/**
 * Leaves out further files of an instance that is there already, by SOP Instance UID and equal stored pixels, as in an export
 * beside its copy. Files of one UID and other pixels are kept: anonymizers write one UID to all. Copies of two labels are
 * problems.
 */
export async function withoutCopies(
  root: string,
  instances: readonly Instance[],
): Promise<Kept & { readonly problems: readonly Problem[] }> {
  const groups = new Map<string, Instance[]>();
  for (const instance of instances) {
    if (instance.instanceUid === "") continue;
    const group = groups.get(instance.instanceUid);
    if (group === undefined) groups.set(instance.instanceUid, [instance]);
    else group.push(instance);
  }
  const left = new Set<Instance>();
  const problems: Problem[] = [];
  let copies = 0;
  let shared = 0;
  for (const group of groups.values()) {
    if (group.length === 1) continue;
    const firsts = new Map<string, Instance>();
    for (const instance of group) {
      const hash = await pixelsOf(root, instance);
      const first = firsts.get(hash);
      if (first === undefined) {
        if (firsts.size > 0) shared++;
        firsts.set(hash, instance);
        continue;
      }
      left.add(instance);
      if (first.label === instance.label) {
        copies++;
        continue;
      }
      const message = `this is the same image as ${first.path} (SOP Instance UID and pixels) with another label, ${quoted(instance.label)} where that has ${quoted(first.label)}; remove the wrong one`;
      problems.push({ code: "two-labels", path: instance.path, message });
    }
  }
  const notes: string[] = [];
  if (copies > 0) notes.push(`the same instance is there twice or more often; ${files(copies)} left out as copies`);
  if (shared > 0)
    notes.push(`${files(shared)} share an instance UID with another file though their pixels differ; all are kept`);
  return { instances: instances.filter((instance) => !left.has(instance)), notes, problems };
}

/** SHA-256 of the stored pixels of a file. */
async function pixelsOf(root: string, { path }: Instance): Promise<string> {
  const { dataset } = await readDicomFile(root, path);
  return createHash("sha256").update(dataset.raw(PIXEL_DATA)).digest("hex");
}

/** Identifiers that anonymizers and forms put in the place of one, in upper case without anything but letters and digits. */
const NO_ONE =
  /^(ANON(YM[A-Z]*)?(PATIENT|SUBJECT|ID)?|DEIDENTIFIED|DEID|UNKNOWN|UNK|NONE|NULL|NA|NAN|NOID|NONAME|REMOVED|PATIENT(ID)?|TEST|X{2,}|0{4,}|EMPTY|BLANK|UNDEFINED|HIDDEN|MASKED|CONFIDENTIAL)$/;

/** True for an identifier that stands for nobody: `ANON`, `Anonymous`, `unknown`, `00000` ... */
export function isNoOne(id: string): boolean {
  return NO_ONE.test(id.toUpperCase().replace(/[^A-Z0-9]/g, ""));
}

const idOf = ({ patient }: Instance): string => patient.split("\0").at(-1) ?? "";
const isNamed = ({ patient }: Instance): boolean => !patient.startsWith("study\0");

/** A study of more patients is none: its UID was written to files of many. */
const MOST_PATIENTS = 2;

/**
 * Who the patients are. Identifiers that stand for nobody, and one that all files of several studies share, tell no patients
 * apart: each study counts as a patient then. A study is of one patient: its files without an identifier are of the one that
 * the others name, and where they name two, these count as one.
 */
export function settlePatients(instances: readonly Instance[]): Kept {
  const notes: string[] = [];
  let own = instances;
  const replace = (wrong: (instance: Instance) => boolean): number => {
    const n = own.filter(wrong).length;
    if (n > 0)
      own = own.map((instance) => (wrong(instance) ? { ...instance, patient: ofStudy(instance.study) } : instance));
    return n;
  };
  const words = [...new Set(own.filter(isNamed).map(idOf).filter(isNoOne))];
  const anonymous = replace((instance) => isNamed(instance) && isNoOne(idOf(instance)));
  if (anonymous > 0)
    notes.push(
      `the patient identifier ${listed(words.map((word) => quoted(word)))} stands for nobody and groups no images: each study counts as a patient, in ${files(anonymous)}`,
    );
  const studies = new Set(own.map(({ study }) => study)).size;
  const ids = new Set(own.map(({ patient }) => patient));
  if (ids.size === 1 && studies > 1 && own.every(isNamed)) {
    replace(() => true);
    notes.push(
      `all ${studies} studies have the same patient identifier, which tells no patients apart: each study counts as a patient (--patient PatientID groups by it all the same)`,
    );
  }
  return { instances: joinStudies(own, notes), notes };
}

function joinStudies(instances: readonly Instance[], notes: string[]): readonly Instance[] {
  const byStudy = new Map<string, Set<string>>();
  for (const instance of instances) {
    const named = byStudy.get(instance.study) ?? new Set();
    if (isNamed(instance)) named.add(instance.patient);
    byStudy.set(instance.study, named);
  }
  /** The patient that each stands for. */
  const joined = new Map<string, string>();
  const find = (patient: string): string => {
    const next = joined.get(patient);
    return next === undefined ? patient : find(next);
  };
  let [two, more] = [0, 0];
  for (const named of byStudy.values()) {
    if (named.size > MOST_PATIENTS) more++;
    if (named.size !== MOST_PATIENTS) continue;
    two++;
    const [a, b] = [...named].map(find).sort() as [string, string];
    if (a !== b) joined.set(b, a);
  }
  let adopted = 0;
  const settled = instances.map((instance) => {
    const named = byStudy.get(instance.study)!;
    const known = isNamed(instance)
      ? instance.patient
      : named.size >= 1 && named.size <= MOST_PATIENTS
        ? [...named][0]!
        : null;
    if (known === null) return instance;
    if (!isNamed(instance)) adopted++;
    const patient = find(known);
    return patient === instance.patient ? instance : { ...instance, patient };
  });
  if (adopted > 0)
    notes.push(`${files(adopted)} name no patient and count to the one that other files of their study name`);
  if (two > 0)
    notes.push(
      `${two === 1 ? "1 study names" : `${two} studies name`} two patients; a study is of one, so that both count as one`,
    );
  if (more > 0)
    notes.push(
      `${more === 1 ? "1 study names" : `${more} studies name`} more than two patients each: the study identifier is not unique, and the patients stay apart`,
    );
  return settled;
}
