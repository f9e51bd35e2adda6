import { formatCsvRow } from "../../data/csv.ts";
import { TRANSFORMS } from "../../features/pixel-vectors.ts";
import type { AuditSets } from "../open-sets.ts";
import { type CopySearch, callOf } from "./search-copies.ts";

/** File of an audit that names the nearest training image of every synthetic one, copy or not. */
export const NEAREST = "nearest.csv";

const HEADER = ["file_name", "train", "transform", "score", "copy"] as const;

/**
 * Content of {@link NEAREST}: for each synthetic image, in the order of the set, the training image that the search finds, how
 * the synthetic one is turned to fit, the score (0 a copy, about 1 no nearer to this patient than to another), and whether it
 * is called a copy (1 or 0).
 * @param search The one by pixels.
 */
export function nearestTable({ train, synthetic }: AuditSets, search: CopySearch): string {
  const { target, transform, score } = search.synthetic;
  const rows = synthetic.dataset.samples.map(({ fileName }, i) => {
    const call = callOf(search, search.synthetic, i);
    const found = call?.target ?? target[i]!;
    const turned = call?.transform ?? TRANSFORMS[transform[i]!]!;
    const image = train.dataset.samples[found]?.fileName ?? "";
    return formatCsvRow([fileName, image, turned, score[i]!.toFixed(4), call === null ? 0 : 1]);
  });
  return [formatCsvRow(HEADER), ...rows].join("");
}
