/** Images that every classifier of a study is tested on. */
export interface TestSet {
  /** Unique in the study. */
  readonly name: string;
  readonly classes: readonly string[];
  /** Class index of each image. */
  readonly labels: Int32Array;
  /** Patient of each image, numbered from 0 without gaps; where no patient is known, every image has its own. */
  readonly patients: Int32Array;
}

/** How many patients have an image of each class. */
export function patientsPerClass({ classes, labels, patients }: TestSet): number[] {
  const seen = classes.map(() => new Set<number>());
  for (let i = 0; i < labels.length; i++) seen[labels[i]!]?.add(patients[i]!);
  return seen.map((set) => set.size);
}
