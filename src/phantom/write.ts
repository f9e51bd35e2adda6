import { type ProgressListener, silent } from "../core/progress.ts";
import { type OutputRow, refuseNonEmpty, type WrittenDataset, writeDataset } from "../data/writer.ts";
import { PHANTOM_CLASSES, type PhantomClass } from "./classes.ts";
import { type PhantomSpec, phantomCounts, phantomPlan } from "./plan.ts";
import { checkSize, renderPhantom } from "./render.ts";
import { SKIN_TONES } from "./skin.ts";

export interface PhantomOptions {
  /** Images, 7 or more. Defaults to 2000. */
  readonly count?: number;
  /** Width and height in pixels, 16..512. Defaults to 64. */
  readonly size?: number;
  /** Seed of everything drawn. Defaults to 0. */
  readonly seed?: number;
  /** Told after every image. Defaults to silence. */
  readonly onProgress?: ProgressListener | undefined;
}

export interface WrittenPhantom extends WrittenDataset {
  /** Images per class, largest first. */
  readonly counts: Readonly<Record<PhantomClass, number>>;
  readonly patients: number;
}

/**
 * Writes a phantom dataset: `images/`, `masks/`, `metadata.csv` (file_name, label, patient_id, split, tone I..VI, body
 * site, source clinic, age, sex, box, mask) and `dataset.json`. The same count, size and seed give the same bytes.
 * @throws GanglionError `usage` for a count or size out of range, `files` when `out` is not empty or cannot be written.
 */
export async function writePhantom(out: string, options: PhantomOptions = {}): Promise<WrittenPhantom> {
  const { count = 2000, size = 64, seed = 0, onProgress = silent } = options;
  checkSize(size);
  const plan = phantomPlan(count, seed);
  await refuseNonEmpty(out);
  const written = await writeDataset(out, {
    rows: draw(plan, size, onProgress),
    description: {
      label: "label",
      patient: "patient_id",
      split: "split",
      mask: "mask_file_name",
      box: ["x_min", "y_min", "x_max", "y_max"],
      tone: "tone",
      license: "MIT",
      name: "phantom",
      notes: [
        `drawn by Ganglion's phantom, seed ${seed}, ${count} images, ${size} pixels; no image of a person`,
        `classes ${PHANTOM_CLASSES.join(", ")} are drawn after dermoscopic criteria and have no medical meaning`,
      ],
    },
  });
  return { ...written, counts: phantomCounts(count), patients: new Set(plan.map(({ patient }) => patient)).size };
}

function* draw(plan: readonly PhantomSpec[], size: number, onProgress: ProgressListener): Generator<OutputRow> {
  for (const spec of plan) {
    const { image, mask, box } = renderPhantom(spec, size);
    const name = String(spec.index).padStart(6, "0");
    yield {
      fileName: `images/${name}.png`,
      image,
      mask: { fileName: `masks/${name}.png`, image: mask },
      columns: {
        label: spec.label,
        patient_id: spec.patient,
        split: spec.split,
        tone: SKIN_TONES[spec.tone - 1]!.name,
        body_site: spec.bodySite,
        source: spec.source,
        age: spec.age,
        sex: spec.sex,
        x_min: box[0],
        y_min: box[1],
        x_max: box[2],
        y_max: box[3],
      },
    };
    onProgress({ stage: "draw", done: spec.index + 1, total: plan.length, unit: "images" });
  }
}
