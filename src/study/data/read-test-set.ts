import type { TestSet } from "../statistics/test-set.ts";
import { readImageIndex } from "./packed-images.ts";

/** A test set, from the artefact of its images or of their features. @throws GanglionError `files` */
export async function readTestSet(name: string, folder: string): Promise<TestSet> {
  const { classes, labels, patients = [...labels.keys()] } = await readImageIndex(folder);
  return { name, classes, labels: Int32Array.from(labels), patients: Int32Array.from(patients) };
}
