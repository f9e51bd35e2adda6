import { named } from "../core/quoted.ts";
import type { DrawnSplit, PartCount } from "../data/split/draw-split.ts";

/** Pairs of near duplicates that are printed; the rest is counted. */
const SHOWN = 10;

const cell = (found: PartCount | undefined): string[] =>
  [found?.images ?? 0, ...(found?.patients == null ? [] : [found.patients]), found?.groups ?? 0].map(String);

/** Images, patients and groups of each class in each part, as a table for people. */
export function splitTable({ total, classes, foldCounts }: DrawnSplit): string[] {
  const parts = Object.keys(total) as (keyof typeof total)[];
  const withPatients = total.train?.patients != null;
  const heads = ["images", ...(withPatients ? ["patients"] : []), "groups"];
  const row = (name: string, counts: Readonly<Partial<Record<string, PartCount>>>) => [
    name,
    ...parts.flatMap((part) => cell(counts[part])),
  ];
  const rows = [
    ["", ...parts.flatMap((part) => heads.map((_, i) => (i === 0 ? part : "")))],
    ["", ...parts.flatMap(() => heads)],
    ...Object.entries(classes).map(([name, counts]) => row(named(name) || "(no label)", counts)),
    ...(Object.keys(classes).length > 1 ? [row("all", total)] : []),
  ];
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((cells) => cells[c]!.length)));
  const lines = rows.map((cells, r) =>
    cells
      .map((text, c) => (c === 0 || r === 0 ? text.padEnd(widths[c]!) : text.padStart(widths[c]!)))
      .join("  ")
      .trimEnd(),
  );
  const folds = foldCounts.map(
    (found, f) =>
      `fold ${f + 1}  ${cell(found)
        .map((n, i) => `${n} ${heads[i]}`)
        .join(", ")}`,
  );
  return [...lines, ...folds];
}

/** Pairs of near duplicates that joined two groups. @param nameOf Name of an image */
export function linkLines({ grouping: { links } }: DrawnSplit, nameOf: (i: number) => string): string[] {
  if (links.length === 0) return [];
  const lines = links
    .slice(0, SHOWN)
    .map(({ first, second }) => `  ${named(nameOf(first))} ~ ${named(nameOf(second))}`);
  const more = links.length > SHOWN ? [`  ... and ${links.length - SHOWN} more (--json lists them)`] : [];
  return [`near duplicates that are kept on one side: ${links.length}`, ...lines, ...more];
}
