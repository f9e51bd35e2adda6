import { counted } from "../../core/counted.ts";
import { GanglionError } from "../../core/errors.ts";
import { listed, named, quoted } from "../../core/quoted.ts";
import { checkClasses, sortClasses } from "../names.ts";
import type { Dataset } from "../types.ts";
import type { Mapping } from "./mapping-file.ts";

/**
 * The new name of each class, null for one that is left out.
 * @param there Classes that there are.
 * @param path File of the mapping, for messages.
 * @throws GanglionError `dataset` for a class that is not there
 */
export function classNames(
  classes: NonNullable<Mapping["classes"]>,
  there: readonly string[],
  path: string,
): (label: string) => string | null {
  const unknown = Object.keys(classes).filter((name) => !there.includes(name));
  if (unknown.length > 0) {
    const message = `${path}: there is no class ${unknown.map(quoted).join(", ")} (classes); the classes are ${listed(there)}`;
    throw new GanglionError("dataset", message);
  }
  return (label) => (Object.hasOwn(classes, label) ? classes[label]! : label);
}

/**
 * Gives the classes of a dataset other names: one name for several merges them, null leaves their images out. Classes that are
 * not named stay.
 * @param path File of the mapping, for messages.
 * @throws GanglionError `dataset` for a class that is not there, or where no image is left
 */
export function renameClasses(dataset: Dataset, classes: Mapping["classes"], path: string): Dataset {
  if (classes === undefined) return dataset;
  const nameOf = classNames(classes, dataset.classes, path);
  const samples = dataset.samples.flatMap((sample) => {
    const label = nameOf(sample.label);
    return label === null ? [] : [label === sample.label ? sample : { ...sample, label }];
  });
  if (samples.length === 0)
    throw new GanglionError("dataset", `${path}: every class is left out (null); keep one at least`);
  const names = sortClasses(samples.map(({ label }) => label));
  const problems = checkClasses(names, path);
  if (problems.length > 0) throw new GanglionError("dataset", `${path}: ${problems[0]!.message}`, { problems });
  const dropped = Object.keys(classes).filter((name) => classes[name] === null);
  const changed = Object.entries(classes).filter(([name, to]) => to !== null && to !== name);
  const notes = [
    ...(changed.length > 0
      ? [`classes renamed: ${listed(changed.map(([from, to]) => `${named(from)} to ${to}`))}`]
      : []),
    ...(dropped.length > 0
      ? [
          `${counted(dataset.samples.length - samples.length, "image", "images")} of ${listed(dropped)} left out by the mapping`,
        ]
      : []),
  ];
  return { ...dataset, classes: names, samples, notes: [...dataset.notes, ...notes] };
}
