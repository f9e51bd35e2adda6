import { basename, dirname } from "node:path";
import { counted } from "../../core/counted.ts";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { readBytes } from "../../core/files.ts";
import { readInside } from "../../core/inside-folder.ts";
import { listed, quoted } from "../../core/quoted.ts";
import { parseCsv } from "../../data/csv.ts";
import { parseBoxCells } from "../../data/maps/lesion-boxes.ts";
import { type Box, TONE_NAMES, type Tone } from "../../data/maps/semantic-map.ts";
import { parseTone, toneMessage } from "../../data/maps/tone-name.ts";
import { ownRegion } from "../../data/masks/dataset-masks.ts";
import { decodeMask } from "../../data/masks/decode-mask.ts";
import type { MapDescription } from "../../model/map-description.ts";
import { unknownClass } from "../class-counts.ts";
import { candidateSeed } from "../latent.ts";
import { boxesOfRegion, type MapRequest, regionOf } from "./map-request.ts";

/** Columns of a map file; a file that `generate` wrote has `label` for `condition`. */
const BOX = ["x_min", "y_min", "x_max", "y_max"] as const;
const MASK = "mask_file_name";

/** Maps of a file, what was decided about them, and what they ask that the model never saw. */
export interface MapFile {
  readonly requests: readonly MapRequest[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

export interface MapFileOptions {
  /** Seed of the lines that state none. */
  readonly seed: number;
  /** Only the map of this line of the file, as errors count them: the header is line 1. Defaults to all. */
  readonly line?: number | undefined;
}

/**
 * Reads a map file: a csv with the columns `condition` (or `label`), `tone` (1 to 6 or I to VI), a region by `x_min`,
 * `y_min`, `x_max`, `y_max` (pixels of the run's resolution, maximum exclusive, several boxes separated by `;`) or
 * `mask_file_name` (PNG of the run's resolution, relative to the file), and `seed` where wanted; others are ignored.
 * Where a line has both, the mask is the region.
 * @throws GanglionError `dataset` that lists every problem with its line, value and remedy
 */
export async function readMapFile(path: string, model: MapDescription, options: MapFileOptions): Promise<MapFile> {
  const text = (await readBytes(path)).toString("utf8");
  const table = parseCsv(text, path);
  const problems: Problem[] = [...table.problems];
  const { header } = table;
  const condition = header.includes("condition") ? "condition" : "label";
  const say = (code: string, where: string, message: string) => problems.push({ code, path: where, message });
  if (header.length > 0) {
    const boxes = BOX.filter((name) => header.includes(name));
    const absent = [condition, "tone"].filter((name) => !header.includes(name));
    if (absent[0] === "label") absent[0] = "condition";
    if (boxes.length > 0) absent.push(...BOX.filter((name) => !header.includes(name)));
    const found = `the columns are ${listed(header)}`;
    for (const name of absent) say("missing-column", `${path}:1`, `there is no column ${name}; ${found}`);
    if (boxes.length === 0 && !header.includes(MASK)) {
      say(
        "missing-column",
        `${path}:1`,
        `no column says where the lesion is; add ${BOX.join(", ")} or ${MASK}; ${found}`,
      );
    }
  }
  const headline = `${path}: these maps cannot be filled, nothing was written`;
  throwIfProblems(
    "dataset",
    headline,
    table.rows.length === 0 || problems.length > table.problems.length ? problems : [],
  );
  if (table.rows.length === 0) throw new GanglionError("dataset", `${path} holds no map; add one line for each`);
  if (options.line !== undefined && !table.lines.includes(options.line)) {
    const last = table.lines[table.lines.length - 1];
    throw new GanglionError(
      "usage",
      `--line ${options.line}: the maps of ${path} are in the lines ${table.lines[0]} to ${last}`,
    );
  }

  const { classes, resolution, mapKind } = model;
  const requests: MapRequest[] = [];
  let [masksForBoxes, ellipses] = [0, 0];
  for (const [row, cells] of table.rows.entries()) {
    const line = table.lines[row];
    if (options.line !== undefined && line !== options.line) continue;
    const where = `${path}:${line}`;
    const cell = (name: string) => (header.includes(name) ? cells[header.indexOf(name)]!.trim() : "");
    const name = cell(condition);
    const index = classes.indexOf(name);
    if (index < 0) say("unknown-condition", where, unknownClass(name, classes));
    const tone = parseTone(cell("tone"));
    if (tone === null) say("tone", where, toneMessage(cell("tone")));
    const seed = readSeed(cell("seed")) ?? candidateSeed(options.seed, "map", row);
    if (Number.isNaN(seed)) {
      say(
        "seed",
        where,
        `seed ${quoted(cell("seed"))} is no whole number from 0 to 2^53 - 1; correct it or leave it empty`,
      );
    }
    const before = problems.length;
    const read = parseBoxCells(BOX.map(cell), BOX, { width: resolution, height: resolution });
    for (const { code, message } of read.wrong) say(code, where, message);
    const stated = read.boxes.map(({ xMin, yMin, xMax, yMax }): Box => {
      const [a, b, c, d] = [xMin, yMin, xMax, yMax].map((value) => value / resolution);
      return { xMin: a!, yMin: b!, xMax: c!, yMax: d! };
    });
    let region: Uint8Array | null = null;
    if (cell(MASK) !== "") region = await readRegion(dirname(path), cell(MASK), resolution, where, problems);
    else if (stated.length > 0) region = regionOf(mapKind, resolution, stated);
    if (cell(MASK) === "" && read.wrong.length === 0 && !region?.includes(255)) {
      const found = stated.length > 0 ? "its boxes hold no pixel" : `${BOX.join(", ")} and ${MASK} are empty`;
      say("empty-map", where, `the map is empty: ${found}; say where the lesion is`);
    }
    const apart = cell(MASK) !== "" && region !== null && !isInside(region, resolution, stated);
    if (apart) say("box-mask", where, `mask ${quoted(cell(MASK))} has no pixel inside the boxes; correct either`);
    if (problems.length > before || index < 0 || tone === null || region === null) continue;
    if (cell(MASK) !== "" && mapKind === "box") masksForBoxes++;
    if (cell(MASK) === "" && mapKind === "mask") ellipses++;
    const boxes = stated.length > 0 ? stated : boxesOfRegion(region, resolution);
    requests.push({ condition: index, tone, boxes, region, seed, source: `${basename(path)}:${line}` });
  }
  throwIfProblems("dataset", headline, problems);
  const notes: string[] = [];
  if (masksForBoxes > 0) {
    notes.push(
      `${counted(masksForBoxes, "mask is", "masks are")} used unchanged, although the model was trained on maps of boxes`,
    );
  }
  if (ellipses > 0) {
    notes.push(
      `${ellipses} maps state boxes and the model was trained on lesion shapes: the ellipses in the boxes are used`,
    );
  }
  return { requests, notes, warnings: unseenTones(requests, model) };
}

/** Whether a region has a pixel inside boxes; true where there are none. */
function isInside(region: Uint8Array, size: number, boxes: readonly Box[]): boolean {
  const inside = regionOf("box", size, boxes);
  return boxes.length === 0 || region.some((value, i) => value !== 0 && inside[i] !== 0);
}

/** One warning for each tone that is asked for and was never trained on. */
export function unseenTones(requests: readonly { readonly tone: Tone }[], model: MapDescription): string[] {
  const asked = [...new Set(requests.map(({ tone }) => tone))].sort();
  return asked
    .filter((tone) => model.toneCounts[tone - 1] === 0)
    .map((tone) => {
      const seen = TONE_NAMES.filter((_, i) => model.toneCounts[i]! > 0).join(", ");
      return `tone ${TONE_NAMES[tone - 1]} was in no training image (there were ${seen}): what is drawn for it is a guess of the model`;
    });
}

/** Undefined where the cell is empty, NaN where it is no seed. */
function readSeed(cell: string): number | undefined {
  if (cell === "") return undefined;
  const value = /^\d+$/.test(cell) ? Number(cell) : Number.NaN;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

async function readRegion(folder: string, name: string, resolution: number, where: string, problems: Problem[]) {
  const say = (code: string, message: string) => {
    problems.push({ code, path: where, message });
    return null;
  };
  const shown = `mask ${quoted(name)}`;
  try {
    const mask = ownRegion(await decodeMask(await readInside(folder, name), name), name);
    if (mask.width !== resolution || mask.height !== resolution) {
      const message = `${shown} has ${mask.width} x ${mask.height} pixels; the run draws ${resolution} x ${resolution}, resize it`;
      return say("mask-size", message);
    }
    const { data } = mask;
    return data.includes(255) ? data : say("empty-map", `${shown} is black: there is no lesion; paint one`);
  } catch (cause) {
    if (!(cause instanceof GanglionError) || cause.code === "internal") throw cause;
    const missing = (cause.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
    if (missing)
      return say("missing-mask", `${shown} is not there; paths are relative to the folder of the csv, correct it`);
    return say("mask", `${shown} cannot be read (${cause.problems[0]?.message ?? cause.message})`);
  }
}
