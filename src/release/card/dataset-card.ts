import type { ReleaseContent, WrittenPackage } from "../package-writer.ts";
import { AS_TEXT, readOtherwise } from "../pandas-labels.ts";
import { frontMatter } from "./front-matter.ts";
import { privacyStatement } from "./privacy-statement.ts";
import { startsSection } from "./starts-section.ts";
import { auditTable, cell, qualityTables, table, testLimits } from "./tables.ts";

const USE = `Intended use: developing and testing software and methods, teaching, filling up small classes of a training set whose test set is
real, and sharing where the real images cannot be shared.

Not intended for: diagnosis or any decision about a person; measuring how well a method works on patients; estimating how
often a condition, a skin tone or anything else occurs. These images are no evidence about patients.`;

const limits = ({
  relabelled,
}: ReleaseContent) => `- The generator was trained on one collection, with its scanners or cameras, people, labels and errors. What was rare there is
  drawn worst here.
- A class is what ${relabelled ? "a classifier, which learned from the generator's training images, takes the image for" : "was requested"}. Whether an image shows it is measured on average at best; no expert has confirmed any image.
- Class counts were chosen, and say nothing about how often a class occurs.
- Metrics are for the set before copies were removed, at the size and with the features given with them.`;

/** What regions are of real images. */
const REGIONS = `- Boxes and masks are what was requested. They were moved from the positions of lesions in real images, unless they were drawn by hand: a box
  reveals how large a lesion was, a mask its outline.`;

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
  const read = readOtherwise(content.classes);
  const files = Object.entries({
    ...written.contents,
    "provenance.json": "generator, seed and class of every image",
    ...(generator ? { generator: "the generator, with its own card: read its warning" } : {}),
    LICENSE: "under which terms",
    SHA256SUMS: "checksums of all files; `ganglion verify DIR` or `sha256sum -c SHA256SUMS` checks them",
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
    ...(front === undefined || read.length === 0
      ? []
      : [
          `pandas, and so \`load_dataset\`, reads the classes ${cell(read.join(" and "))}. To have them as they are written here, read the table as text:\n\n    ${AS_TEXT}`,
        ]),
    "## Files",
    files.map(([path, text]) => `- \`${path}\`: ${text}`).join("\n"),
    "## Privacy",
    privacyStatement(content),
    auditTable(audit),
    testLimits(audit),
    "## Quality",
    metrics === null
      ? "No metrics were given for this release: the quality of the images is not documented."
      : `**${cell(metrics.verdict.sentence)}.**\n\n${qualityTables(metrics)}`,
    ...(metrics === null || metrics.warnings.length === 0
      ? []
      : [metrics.warnings.map((text) => `- ${text}`).join("\n")]),
    ...startsSection(content.starts),
    "## Use",
    USE,
    "## Limits",
    images.some(({ mask, boxes }) => mask !== null || boxes.length > 0)
      ? `${limits(content)}\n${REGIONS}`
      : limits(content),
  ];
  const body = `${parts.filter((part) => part !== "").join("\n\n")}\n`;
  return front === undefined ? body : `${frontMatter(front)}${body}`;
}
