import { createHash } from "node:crypto";
import { GanglionError } from "../core/errors.ts";
import { pixelHash, SYNTHETIC } from "../data/index.ts";
import type { Dataset, RawImage } from "../data/types.ts";
import type { Candidate } from "./gate/candidates.ts";
import type { Passed } from "./gate/decide.ts";
import { type Looked, readRegion } from "./gate/image-rules.ts";
import type { ReleaseBox, ReleaseImage } from "./package-writer.ts";
import type { Drawing } from "./provenance-file.ts";

const BOX = ["x_min", "y_min", "x_max", "y_max"] as const;

/** Column names of a release by those of the dataset: roles have one name in every release. */
function columnNames({ columns }: Dataset): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  if (columns.tone !== undefined) names.set(columns.tone, "tone");
  for (const [i, name] of (columns.box ?? []).entries()) names.set(name, BOX[i]!);
  return names;
}

/** What was looked at must be what is written, even where somebody changes files meanwhile. */
function unchanged(name: string, image: RawImage | null, hash: string | null): RawImage {
  if (image !== null && pixelHash(image) === hash) return image;
  throw new GanglionError("refused", `${name} was changed while it was being released; nothing was written, try again`);
}

function imageOf(dataset: Dataset, candidate: Candidate, looked: Looked, { columns, pixels }: Passed) {
  const { sample, record, mapRecord } = candidate;
  if (record === null) throw new GanglionError("internal", `internal: ${sample.fileName} passed without a record`);
  const names = columnNames(dataset);
  const attributes = columns
    .filter((name) => Object.hasOwn(sample.attributes, name))
    // Whatever the dataset's word for it is, a release says 1.
    .map((name) => [names.get(name) ?? name, name === SYNTHETIC ? "1" : sample.attributes[name]!.trim()]);
  const { mask } = sample;
  const image: ReleaseImage = {
    fileName: sample.fileName,
    label: sample.label,
    attributes: Object.fromEntries(attributes),
    seed: record.seed,
    generator: record.generator,
    boxes: (mapRecord?.boxes ?? []) as readonly ReleaseBox[],
    width: looked.width,
    height: looked.height,
    mask:
      mask === undefined
        ? null
        : { fileName: mask, pixels: async () => unchanged(mask, await readRegion(dataset.root, mask), looked.mask) },
    pixels: async () => unchanged(sample.fileName, await pixels(candidate), looked.pixels),
  };
  return image;
}

/** The images that the gate let through, as packages take them, and what names them. */
export function releaseImages(dataset: Dataset, passed: Passed) {
  const { candidates, looked } = passed;
  const hash = createHash("sha256");
  const drawings = new Map<string, Drawing>();
  const images = candidates.map((candidate) => {
    const { sample, record, mapRecord } = candidate;
    const seen = looked.get(sample.fileName);
    if (seen === undefined) throw new GanglionError("internal", `internal: ${sample.fileName} was not looked at`);
    const image = imageOf(dataset, candidate, seen, passed);
    const { fileName, label, attributes, seed, generator, boxes, mask } = image;
    const cells = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
    const all = [fileName, label, cells, seed, generator, boxes, seen.pixels, mask?.fileName ?? null, seen.mask];
    hash.update(`${JSON.stringify(all)}\n`);
    drawings.set(fileName, {
      sampler: record?.sampler ?? "",
      device: record?.device ?? "cpu",
      ...(record?.drawn_as === undefined ? {} : { drawn_as: record.drawn_as }),
      ...(mapRecord === null ? {} : { tone: mapRecord.tone }),
    });
    return image;
  });
  return { images, drawings, hash: hash.digest("hex") };
}
