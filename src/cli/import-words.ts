import { commandLine, pathWord } from "../core/command-line.ts";
import { GanglionError, type Problem } from "../core/errors.ts";
import type { DicomImportOptions, DicomImportPlan } from "../data/dicom/import-dicom.ts";
import { leftOutDamaged } from "../data/image-problems.ts";
import type { ImportPlan } from "../data/import.ts";
import type { Mapping } from "../data/mapping/mapping-file.ts";
import type { GreyWindow } from "../data/types.ts";
import type { VolumeImportPlan } from "../data/volumes/import-volumes.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { sameCommand } from "./next-command.ts";

/** Windows in Hounsfield units under which CT is commonly read. */
export const CT_WINDOWS: Readonly<Record<string, GreyWindow>> = {
  brain: { center: 40, width: 80 },
  mediastinum: { center: 50, width: 350 },
  abdomen: { center: 60, width: 400 },
  lung: { center: -600, width: 1500 },
  bone: { center: 400, width: 1800 },
};

/** Pixels of `--size`. @throws GanglionError `usage` */
export function parseSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = Number(text);
  if (/^\d+$/.test(text) && size >= 1 && size <= 4096) return size;
  throw new GanglionError("usage", `--size ${text}: a whole number of pixels from 1 to 4096 is needed, e.g. --size 64`);
}

/** Centre and width of `--window`. @throws GanglionError `usage` */
export function parseWindow(text: string | undefined): GreyWindow | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [center, width] = parts;
  if (parts.length === 2 && parts.every(Number.isFinite) && width! > 0) return { center: center!, width: width! };
  const rule = "centre and width are two numbers with a comma between them, the width above zero";
  throw new GanglionError("usage", `--window ${text}: ${rule}, e.g. --window 2048,4096`);
}

/** A window in numbers, of a CT by name, or one that the files name themselves. */
export function parseDicomWindow(text: string | undefined): DicomImportOptions["window"] {
  if (text === undefined || /^[-\d.\s]/.test(text) || text.includes(",")) return parseWindow(text);
  return Object.hasOwn(CT_WINDOWS, text.toLowerCase()) ? CT_WINDOWS[text.toLowerCase()] : { name: text };
}

/** A window that a mapping of DICOM or volumes names. */
export function namedWindow(mapping: Mapping | null): DicomImportOptions["window"] {
  const window = mapping?.window ?? undefined;
  return typeof window === "string" ? parseDicomWindow(window) : window;
}

/** What an import wrote, or would. */
export function writtenText(plan: ImportPlan, out: string, written: boolean): string {
  const counts = Object.entries(plan.perClass).map(([name, n]) => `  ${name || "(no label)"}: ${n}`);
  const size = plan.size === undefined ? "at their own sizes" : `at ${plan.size} x ${plan.size} pixels`;
  const masks = plan.masks > 0 ? ` and ${plan.masks} masks` : "";
  const head = `${written ? "wrote" : "would write"} ${plan.images} images${masks} ${size} to ${out}`;
  return [head, ...counts, `columns: ${plan.columns.join(", ")}`].join("\n");
}

/** Files that are named before the rest is only counted. */
const NAMED = 20;

/** Names files that are left out, the first of them, and counts all by kind and reason. */
export function warnOfDamaged(damaged: readonly Problem[], context: CommandContext): void {
  for (const { path, message } of damaged.slice(0, NAMED)) context.warn(`${path}: ${message}; left out`);
  const counted = leftOutDamaged(damaged);
  if (counted !== null) context.warn(damaged.length > NAMED ? `${counted} (--json names each)` : counted);
}

/** Says what was noted and left out of DICOM or volumes. */
export function importResult(
  plan: DicomImportPlan | VolumeImportPlan,
  out: string,
  dryRun: boolean,
  text: string,
  context: CommandContext,
): CommandResult {
  for (const note of plan.notes) context.note(note);
  warnOfDamaged(plan.damaged, context);
  return { json: { out, written: !dryRun, ...plan }, text, next: importNext(out, dryRun, context) };
}

/** The import itself after a dry run, else a look at what it wrote. */
export const importNext = (out: string, dryRun: boolean, context: CommandContext): string | undefined =>
  dryRun ? sameCommand(context, ["--dry-run"]) : commandLine("inspect", pathWord(out));
