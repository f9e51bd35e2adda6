import { join } from "node:path";
import { z } from "zod";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { orMissing, readInside, writeInside } from "../../core/inside-folder.ts";
import { listed, quoted } from "../../core/quoted.ts";
import { schemaProblems } from "../../core/schema-problems.ts";
import { formatCsvRow, parseCsv } from "../../data/csv.ts";
import { decodeImage, encodePng, readImageHeader, withChannels } from "../../data/image.ts";
import { type Box, TONES } from "../../data/maps/semantic-map.ts";
import type { RawImage } from "../../data/types.ts";
import { familyNames } from "../../model/known-families.ts";
import type { Drawing, DrawingSet, RunSummary } from "../api.ts";
import { below } from "./inside.ts";

/** Columns of `maps.csv`, as `ganglion generate --maps` reads them. */
const COLUMNS = ["condition", "x_min", "y_min", "x_max", "y_max", "tone", "seed", "mask_file_name"];
/** Boxes that one drawing may have. */
const MAX_BOXES = 64;
/** Grey from which a pixel of a mask is inside; browsers may smooth an edge. */
const INSIDE = 128;

const share = z.number().min(0).max(1);
const boxSchema = z.strictObject({ xMin: share, yMin: share, xMax: share, yMax: share });
const drawingSchema = z.strictObject({
  condition: z.string(),
  tone: z.int().min(1).max(TONES.length),
  seed: z.int().nonnegative(),
  boxes: z.array(boxSchema).max(MAX_BOXES),
  mask: z.base64().min(1).optional(),
});

/** A drawing that the run can draw: boxes in pixels of its resolution, mask of that size with 0 and 255 only. */
interface CheckedDrawing {
  readonly drawing: Drawing;
  readonly boxes: readonly Box[];
  readonly mask: RawImage | null;
}

const HEADLINE = "this drawing cannot join the set";

/** @throws GanglionError `usage` that lists every problem */
async function checkDrawing(value: unknown, run: RunSummary): Promise<CheckedDrawing> {
  if (run.mapKind === undefined) {
    throw new GanglionError(
      "usage",
      `${HEADLINE}: ${run.name} draws no maps; open a run of --model ${familyNames("maps").join(" or ")}`,
    );
  }
  const parsed = drawingSchema.safeParse(value);
  const problems: Problem[] = [];
  if (!parsed.success) {
    problems.push(...schemaProblems(drawingSchema, parsed.error, value, "drawing", "drawing"));
  }
  throwIfProblems("usage", HEADLINE, problems);
  const drawing = parsed.data as Drawing;
  if (!run.classes.includes(drawing.condition)) {
    const message = `${quoted(drawing.condition)} is no condition of this run; it knows ${listed(run.classes)}`;
    problems.push({ code: "condition", path: "condition", message });
  }
  const boxes = drawing.boxes.map((box, i) => {
    const [xMin, yMin, xMax, yMax] = [box.xMin, box.yMin, box.xMax, box.yMax].map((at) =>
      Math.round(at * run.resolution),
    ) as [number, number, number, number];
    if (xMin >= xMax || yMin >= yMax) {
      const message = `the box is empty at ${run.resolution} pixels (${xMin},${yMin} to ${xMax},${yMax}); draw it larger`;
      problems.push({ code: "empty-box", path: `boxes.${i}`, message });
    }
    return { xMin, yMin, xMax, yMax };
  });
  const mask = drawing.mask === undefined ? null : await checkMask(drawing.mask, run.resolution, problems);
  if (drawing.mask === undefined && boxes.length === 0) {
    problems.push({ code: "empty-map", path: "boxes", message: "the map holds no lesion; draw a box or a shape" });
  }
  throwIfProblems("usage", HEADLINE, problems);
  return { drawing, boxes, mask };
}

async function checkMask(base64: string, resolution: number, problems: Problem[]): Promise<RawImage | null> {
  const refuse = (code: string, message: string): null => {
    problems.push({ code, path: "mask", message });
    return null;
  };
  const bytes = Buffer.from(base64, "base64");
  try {
    const { format, width, height } = await readImageHeader(bytes, "mask");
    if (format !== "png") return refuse("mask-format", `the mask is a ${format}; send a PNG`);
    if (width !== resolution || height !== resolution) {
      return refuse("mask-size", `the mask is ${width}x${height}; this run draws ${resolution}x${resolution}`);
    }
    const grey = withChannels(await decodeImage(bytes, { name: "mask" }), 1);
    const data = grey.data.map((value) => (value >= INSIDE ? 255 : 0));
    if (!data.includes(255)) return refuse("empty-map", "the mask is empty; draw a shape");
    return { ...grey, data };
  } catch (cause) {
    if (cause instanceof GanglionError && cause.code === "image") return refuse("mask-format", cause.message);
    throw cause;
  }
}

/** The csv of a run's set, below its folder. */
const SET = "studio-set/maps.csv";

/** Text of a set's csv and how many drawings it lists. @throws GanglionError `refused` when it is not the studio's */
async function readSet(folder: string): Promise<{ text: string; count: number }> {
  const bytes = await orMissing(readInside(...below(folder, SET)));
  if (bytes === null) return { text: formatCsvRow(COLUMNS), count: 0 };
  const text = bytes.toString("utf8");
  const { header, rows, problems } = parseCsv(text, "maps.csv");
  if (problems.length > 0 || header.join() !== COLUMNS.join()) {
    const found = problems[0]?.message ?? `its columns are ${listed(header)}`;
    throw new GanglionError(
      "refused",
      `studio-set/maps.csv was changed and cannot be continued (${found}); move it away to begin a new set`,
    );
  }
  return { text: text.endsWith("\n") ? text : `${text}\n`, count: rows.length };
}

/** The csv row of a drawing: boxes in pixels, several separated by `;`. */
function rowOf({ drawing, boxes }: CheckedDrawing, maskName: string): string {
  const corner = (name: keyof Box) => boxes.map((box) => box[name]).join(";");
  const { condition, tone, seed } = drawing;
  return formatCsvRow([
    condition,
    corner("xMin"),
    corner("yMin"),
    corner("xMax"),
    corner("yMax"),
    tone,
    seed,
    maskName,
  ]);
}

/** Adds to the sets of runs, one drawing after another. */
export class DrawingSets {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Checks a drawing as `generate --maps` does and adds it to `studio-set/maps.csv` of the run.
   * @param folder Of the run.
   * @throws GanglionError `usage` with all that is wrong with the drawing, `refused` when the set was changed by hand
   */
  add(folder: string, run: RunSummary, value: unknown): Promise<DrawingSet> {
    const added = this.#last.then(() => addDrawing(folder, run, value));
    this.#last = added.catch(() => undefined);
    return added;
  }
}

async function addDrawing(folder: string, run: RunSummary, value: unknown): Promise<DrawingSet> {
  const checked = await checkDrawing(value, run);
  const { text, count } = await readSet(folder);
  let maskName = "";
  if (checked.mask !== null) {
    maskName = `masks/${String(count + 1).padStart(6, "0")}.png`;
    await writeInside(...below(folder, `studio-set/${maskName}`), await encodePng(checked.mask));
  }
  await writeInside(...below(folder, SET), text + rowOf(checked, maskName));
  return { count: count + 1, maps: join(folder, SET) };
}
