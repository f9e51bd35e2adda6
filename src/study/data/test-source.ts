import type { Problem } from "../../core/errors.ts";
import { listed, quoted } from "../../core/quoted.ts";
import { readDataset } from "../../data/index.ts";
import type { StudyConfig } from "../config.ts";
import { OTHER_CLASS } from "../presets.ts";
import type { RealSource } from "./real-source.ts";
import { type SourceImages, selectSource, sourceImages } from "./source-images.ts";

/** The images of a test set, and what is to be said of them. */
export interface TestSource {
  readonly images: SourceImages;
  readonly notes: readonly string[];
}

type TestSetConfig = StudyConfig["testSets"][number];

/** The study's class of each of a dataset's classes; null leaves its images out. */
function classMap(set: TestSetConfig, found: readonly string[], { classes }: RealSource, positive: string | null) {
  const problems: string[] = [];
  const given = Object.entries(set.classes);
  for (const [own, target] of given) {
    if (!found.includes(own)) problems.push(`there is no class ${quoted(own)}; there are ${listed(found)}`);
    if (!classes.includes(target)) {
      problems.push(`${own} is to be ${quoted(target)}; the study's classes are ${listed(classes)}`);
    }
  }
  const same = (own: string) => (classes.includes(own) ? own : positive === null ? null : OTHER_CLASS);
  if (given.length === 0 && !found.some((own) => classes.includes(own))) {
    problems.push(
      `its classes ${listed(found)} are none of the study's (${listed(classes)}); say which is which in classes, e.g. {"mel": "melanoma"}`,
    );
  }
  const map = new Map(found.map((own) => [own, given.length === 0 ? same(own) : (set.classes[own] ?? null)]));
  return { map, problems };
}

/**
 * Reads a test set; images that the training images hold too (the same content) are left out, which is noted.
 * @returns null where problems were found
 * @throws GanglionError `dataset`, `files`
 */
export async function readTestSource(
  set: TestSetConfig,
  real: RealSource,
  positive: string | null,
  say: (problem: Problem) => void,
): Promise<TestSource | null> {
  const path = `test set ${set.name}`;
  if (set.dataset === null) {
    if (real.heldOut !== null) return withoutTraining(set.name, real.heldOut, real);
    const message =
      "is to be the held-out images of the data, which have no split; add data.heldOut (0.25 holds out a quarter of the patients) or name a dataset";
    say({ code: "held-out", path, message });
    return null;
  }
  const { label, patient, where } = set;
  const dataset = await readDataset(set.dataset, { label, patient, where });
  const { map, problems } = classMap(set, dataset.classes, real, positive);
  for (const message of problems) say({ code: "classes", path, message });
  if (problems.length > 0) return null;
  const images = await sourceImages(dataset, (sample) => map.get(sample.label) ?? null);
  const left = dataset.samples.length - images.labels.length;
  const found = withoutTraining(set.name, images, real);
  const notes = left === 0 ? [] : [`${path}: ${left} images of other classes are left out`];
  return { images: found.images, notes: [...notes, ...found.notes] };
}

function withoutTraining(name: string, images: SourceImages, { training }: RealSource): TestSource {
  const known = new Set(training.contents);
  const seen = images.contents.filter((content) => known.has(content)).length;
  if (seen === 0) return { images, notes: [] };
  const note = `test set ${name}: ${seen} images that are among the training images too are left out`;
  return { images: selectSource(images, (i) => !known.has(images.contents[i]!)), notes: [note] };
}
