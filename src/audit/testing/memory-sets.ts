import { imageFiles, openStore, type RawImage, toPlanes } from "../../data/index.ts";
import type { AuditSet, AuditSets } from "../open-sets.ts";

/** One image of a set in memory. */
export interface MemoryImage {
  readonly image: RawImage;
  readonly label: string;
  /** Defaults to a patient of its own. */
  readonly patient?: string;
}

/** Sets of an audit held in memory, as planted leaks need them; the images have one size. */
export function memorySets(images: {
  readonly train: MemoryImage[];
  readonly holdout: MemoryImage[];
  readonly synthetic: MemoryImage[];
}): AuditSets & { readonly cautions: readonly [] } {
  const { width: resolution, channels } = images.train[0]!.image;
  const classes = [...new Set(images.train.map(({ label }) => label))].sort();
  const patients = new Map<string, number>();
  let next = 0;
  const groupOf = (patient: string | undefined): number => {
    const known = patient === undefined ? undefined : patients.get(patient);
    if (known !== undefined) return known;
    if (patient !== undefined) patients.set(patient, next);
    return next++;
  };
  const setOf = (name: string, list: readonly MemoryImage[]): AuditSet => {
    const size = channels * resolution ** 2;
    const source = new Uint8Array(list.length * size);
    list.forEach(({ image }, i) => {
      toPlanes(image, source.subarray(i * size, (i + 1) * size));
    });
    const labels = Uint16Array.from(list, ({ label }) => classes.indexOf(label));
    const samples = list.map(({ label, patient }, i) => ({
      fileName: `${name}/${i}.png`,
      label,
      ...(patient === undefined ? {} : { patient }),
      attributes: {},
    }));
    return {
      name,
      dataset: { root: name, reader: imageFiles("memory"), columns: { label: "label" }, classes, samples, notes: [] },
      hash: name,
      store: openStore({ source, resolution, channels, classes, labels }),
      labels,
      groups: Int32Array.from(list, ({ patient }) => groupOf(patient)),
      hasPatients: list.some(({ patient }) => patient !== undefined),
    };
  };
  return {
    train: setOf("train", images.train),
    holdout: setOf("holdout", images.holdout),
    synthetic: setOf("synthetic", images.synthetic),
    classes,
    resolution,
    channels,
    notes: [],
    cautions: [],
    close: () => undefined,
  };
}
