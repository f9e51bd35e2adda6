import { type Dataset, groupImages } from "../../data/index.ts";

/** Images that are named in a note; the rest is counted. */
const SHOWN = 5;

/** A dataset in which patients who share a picture are one, and what is known of such pictures. */
export interface JoinedPatients {
  readonly dataset: Dataset;
  /** Positions of the images whose group was joined by a picture that is there twice. */
  readonly joined: ReadonlySet<number>;
  /** Group of each image. */
  readonly groups: Int32Array;
}

/** Counts near duplicates as images of one patient, so that no draw divides them and intervals take them together. */
export async function joinPatients(dataset: Dataset): Promise<JoinedPatients> {
  const { groups, links } = await groupImages(dataset, "bounded");
  const linked = new Set(links.map(({ first }) => groups[first]!));
  const names = new Map<number, string>();
  const joined = new Set<number>();
  const samples = dataset.samples.map((sample, i) => {
    const group = groups[i]!;
    if (!linked.has(group)) return sample;
    joined.add(i);
    const name = names.get(group) ?? (sample.patient || sample.fileName);
    names.set(group, name);
    return { ...sample, patient: name };
  });
  return { dataset: { ...dataset, samples }, joined, groups };
}

/** Held-out images that repeat training images, or are of a patient with whom these share a picture. */
export function crossingImages(
  { joined, groups }: JoinedPatients,
  { train, holdout }: { readonly train: readonly number[]; readonly holdout: readonly number[] },
): number[] {
  const trained = new Set(train.filter((i) => joined.has(i)).map((i) => groups[i]!));
  return holdout.filter((i) => joined.has(i) && trained.has(groups[i]!));
}

/** Names the held-out images that repeat training images, and says what became of them. */
export function crossingNote({ dataset: { samples } }: JoinedPatients, crossing: readonly number[], dropped: boolean) {
  const shown = crossing.slice(0, SHOWN).map((i) => samples[i]!.fileName);
  const more = crossing.length > SHOWN ? ` and ${crossing.length - SHOWN} more` : "";
  const done = dropped
    ? "they are left out"
    : "they count as images of the training patient; --drop-duplicates leaves them out";
  return `${crossing.length} held-out images are near duplicates of training images (${shown.join(", ")}${more}): ${done}`;
}
