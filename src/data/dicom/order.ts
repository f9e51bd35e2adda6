import type { Instance } from "./instance.ts";

/** One frame of the pictures to import, in the order in which they are written. */
export interface FrameRef {
  readonly instance: Instance;
  /** Frame of the file, from 0. */
  readonly frame: number;
  /** Pseudonyms, or the identifiers themselves. */
  readonly patient: string;
  readonly study: string;
  readonly series: string;
  /** Place in its series, from 1. */
  readonly slice: number;
}

/** What stands for the identifiers of an instance. */
export type Identify = (instance: Instance) => Pick<FrameRef, "patient" | "study" | "series">;

/** Order of text by code unit, so that it is the same everywhere. */
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Frames by patient, study, series number and series; within a series by place along the normal of its planes where every
 * frame says it, else by instance number, then by frame and file. Patients are ordered by what stands for them, so that
 * the order tells nothing of their identifiers.
 */
export function orderFrames(instances: readonly Instance[], identify: Identify): FrameRef[] {
  const series = new Map<string, { key: ReturnType<Identify>; number: number; instances: Instance[] }>();
  for (const instance of instances) {
    const key = identify(instance);
    const name = JSON.stringify([key.patient, key.study, key.series]);
    const group = series.get(name);
    if (group === undefined) series.set(name, { key, number: instance.seriesNumber, instances: [instance] });
    else group.instances.push(instance);
  }
  const groups = [...series.values()].sort(
    (a, b) =>
      byText(a.key.patient, b.key.patient) ||
      byText(a.key.study, b.key.study) ||
      a.number - b.number ||
      byText(a.key.series, b.key.series),
  );
  return groups.flatMap(({ key, instances: members }) =>
    sortFrames(members).map((place, i) => ({ ...place, ...key, slice: i + 1 })),
  );
}

function sortFrames(instances: readonly Instance[]): { instance: Instance; frame: number }[] {
  const frames = instances.flatMap((instance) =>
    Array.from({ length: instance.frames }, (_, frame) => ({ instance, frame })),
  );
  const placed = frames.every(({ instance, frame }) => Number.isFinite(instance.positions[frame]));
  return frames.sort(
    (a, b) =>
      (placed ? a.instance.positions[a.frame]! - b.instance.positions[b.frame]! : 0) ||
      a.instance.instanceNumber - b.instance.instanceNumber ||
      byText(a.instance.path, b.instance.path) ||
      a.frame - b.frame,
  );
}
