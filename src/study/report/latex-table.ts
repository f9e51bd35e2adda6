import type { StudyFindings } from "./study-findings.ts";
import { studyTables, tableCaption } from "./study-table.ts";
import { distributionWords } from "./words.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  // At the begin of a row it would be taken for an option of the line break before it.
  "[": "{[}",
  '"': "\\textquotedbl{}",
  "`": "\\textasciigrave{}",
  "−": "$-$",
  "–": "--",
  Δ: "$\\Delta$",
  "×": "$\\times$",
  "…": "\\ldots{}",
};

/** Text as LaTeX sets it, letter by letter. */
export const escapeLatex = (text: string): string =>
  text.replace(/\s+/g, " ").replace(/[\\{}$&#%_^~<>|["`−–Δ×…]/g, (character) => ESCAPES[character]!);

/** Letters, digits and hyphens for a label. */
const labelOf = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, "-");

/** A table a test set, set with booktabs; a comment says what the preamble needs. */
export function latexTables(findings: StudyFindings): string {
  const caption = tableCaption(findings);
  const blocks = studyTables(findings).map(({ testSet, header, rows }) => {
    const line = (cells: readonly string[]) => `${cells.map(escapeLatex).join(" & ")} \\\\`;
    const title = `${testSet.name} (${distributionWords(testSet.distribution)}, ${testSet.n} images of ${testSet.patients} patients): ${caption}.`;
    return [
      "\\begin{table*}",
      "\\centering",
      "\\small",
      `\\caption{${escapeLatex(title)}}`,
      `\\label{tab:study-${labelOf(testSet.name)}}`,
      "\\resizebox{\\textwidth}{!}{%",
      `\\begin{tabular}{l${"r".repeat(header.length - 2)}l}`,
      "\\toprule",
      line(header),
      "\\midrule",
      ...rows.map(line),
      "\\bottomrule",
      "\\end{tabular}}",
      "\\end{table*}",
      "",
    ].join("\n");
  });
  return ["% \\usepackage[T1]{fontenc}, \\usepackage{booktabs}, \\usepackage{graphicx}", "", ...blocks].join("\n");
}
