import type { ReleaseContent, WrittenPackage } from "../package-writer.ts";
import { frontMatter } from "./front-matter.ts";
import { privacyStatement } from "./privacy-statement.ts";
import { auditTable, cell, qualityTables, table, testLimits } from "./tables.ts";

const USE = `Meant for: developing and testing software and methods, teaching, filling up small classes of a training set whose test set is
real, and sharing where the real images cannot be.

Not meant for: diagnosis or any decision about a person; measuring how well a method works on patients; counting how
often a condition, a skin tone or anything else occurs. These images are not evidence about patients.`;

const LIMITS = `- The generator learned from one collection: its scanners or cameras, its people, its labels, its mistakes. What was rare there is
  drawn worst here.
- A class is what was asked for. Whether an image shows it is measured on average at best; no expert has confirmed any image.
- Class counts were chosen, and say nothing about how often a class occurs.
- Figures are of the set before copies were removed, at the size and with the features that stand beside them.`;

/** What regions are of real images. */
const REGIONS = `- Boxes and masks are what was asked for. They were moved from where lesions lay in real images, unless they were drawn by hand: a box
  tells how large a lesion was, a mask what outline it had.`;

function classTable({ classes, images }: ReleaseContent): string {
  const count = (label: string) => String(images.filter((image) => image.label === label).length);
  return table(
    ["class", "images"],
    classes.map((label) => [label || "(none)", count(label)]),
  );
}

function sizes({ images }: ReleaseContent): string {
  const found = [...new Set(images.map(({ width, height }) => `${width} x ${height}`))].sort();
  return found.length > 3 ? `${found.length} sizes` : found.join(", ");
}

/** `README.md` of a release: the dataset card, with YAML front matter where the format has some. */
export function datasetCard(content: ReleaseContent, written: WrittenPackage, generator: boolean): string {
  const { name, description, images, license, creator, date, url, version, metrics, audit, hash } = content;
  const front = written.frontMatter;
  const files = Object.entries({
    ...written.contents,
    "provenance.json": "generator, seed and class of every image",
    ...(generator ? { generator: "the generator itself, with a card of its own: read its warning" } : {}),
    LICENSE: "under which terms",
    SHA256SUMS: "sums of all files; `ganglion verify DIR` or `sha256sum -c SHA256SUMS` checks them",
  });
  const about = [
    ["images", String(images.length)],
    ["size", `${sizes(content)} pixels`],
    ["licence", `[${license.spdx}](${license.url})`],
    ...(creator === null ? [] : [["responsible", creator]]),
    ...(date === null ? [] : [["published", date]]),
    ...(url === null ? [] : [["address", url]]),
    ["made by", `Ganglion ${version}`],
    ["content", `\`${hash}\``],
  ];
  const parts = [
    `# ${name}`,
    `**Every image here is synthetic. None is of a patient.**`,
    description,
    table(["", ""], about),
    "## Classes",
    classTable(content),
    "## Files",
    files.map(([path, text]) => `- \`${path}\`: ${text}`).join("\n"),
    "## Privacy",
    privacyStatement(content),
    auditTable(audit),
    testLimits(audit),
    "## Quality",
    metrics === null
      ? "No figures were given for this release: how good the images are was not shown."
      : `**${cell(metrics.verdict.sentence)}.**\n\n${qualityTables(metrics)}`,
    ...(metrics === null || metrics.warnings.length === 0
      ? []
      : [metrics.warnings.map((text) => `- ${text}`).join("\n")]),
    "## Use",
    USE,
    "## Limits",
    images.some(({ mask, boxes }) => mask !== null || boxes.length > 0) ? `${LIMITS}\n${REGIONS}` : LIMITS,
  ];
  const body = `${parts.filter((part) => part !== "").join("\n\n")}\n`;
  return front === undefined ? body : `${frontMatter(front)}${body}`;
}
