import type { Origin } from "../../model/index.ts";
import { table } from "./tables.ts";

const thousands = (n: number): string => n.toLocaleString("en-US");

function learnedFrom({ title, images, classes }: Origin["data"]): string {
  const count = images === null ? "images whose number is not stated" : `${thousands(images)} images`;
  return `${title === null ? "" : `${title}; `}${count} of ${classes.join(", ")}`;
}

/** What the generator began from, nearest first; nothing where it began from new networks. */
export function startsSection(starts: readonly Origin[]): string[] {
  if (starts.length === 0) return [];
  const rows = starts.map(({ name, weights, resolution, imagesSeen, license, data }) => [
    name ?? `${weights.slice(0, 12)}…`,
    `${resolution} px, ${thousands(imagesSeen)} images seen`,
    learnedFrom(data),
    license,
  ]);
  return [
    "## Starting point",
    "The training did not begin from new networks. These were trained before on other images, whose licences and credits hold too:",
    table(["start", "training", "learned from", "licence"], rows),
  ];
}
