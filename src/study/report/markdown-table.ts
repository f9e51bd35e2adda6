import type { StudyFindings } from "./study-findings.ts";
import { studyTables, tableCaption } from "./study-table.ts";
import { distributionWords } from "./words.ts";

/** Text as Markdown shows it, letter by letter, in a cell of a table too. */
export const escapeMarkdown = (text: string): string =>
  text.replace(/[\r\n]+/g, " ").replace(/[\\`*_{}[\]<>#|~$&]/g, (character) => `\\${character}`);

/** A table a test set (GitHub's Markdown). */
export function markdownTables(findings: StudyFindings): string {
  const caption = tableCaption(findings);
  const blocks = studyTables(findings).map(({ testSet, header, rows }) => {
    const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
    const align = header.map((_, i) => (i === 0 || i === header.length - 1 ? "---" : "---:"));
    return [
      `**${escapeMarkdown(testSet.name)}** (${distributionWords(testSet.distribution)}, ${testSet.n} images of ${testSet.patients} patients): ${escapeMarkdown(caption)}.`,
      "",
      line(header),
      `|${align.join("|")}|`,
      ...rows.map(line),
      "",
    ].join("\n");
  });
  return blocks.join("\n");
}
