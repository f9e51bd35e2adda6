import { type Html, html, trusted } from "../../report/html.ts";
import { STYLE } from "../../report/style.ts";
import { classSection } from "./class-section.ts";
import { costSection } from "./cost-section.ts";
import { distributionSection } from "./distribution-section.ts";
import { forestSection } from "./forest-section.ts";
import { dataSection, generatorSection } from "./material-section.ts";
import { limitsSection, methodsSection } from "./methods-section.ts";
import { powerSection } from "./power-section.ts";
import { ratioSection } from "./ratio-section.ts";
import { reducedSection } from "./reduced-section.ts";
import { rocSection } from "./roc-section.ts";
import { seedsSection } from "./seeds-section.ts";
import type { StudyFindings } from "./study-findings.ts";
import { STUDY_STYLE } from "./study-style.ts";
import { tableSection } from "./table-section.ts";
import { verdictSection } from "./verdict-section.ts";

interface Section {
  readonly id: string;
  readonly title: string;
  /** Null where the study has nothing of it. */
  readonly content: Html | null;
}

function sectionsOf(findings: StudyFindings): Section[] {
  const { outcome } = findings;
  return [
    { id: "verdicts", title: "Verdicts", content: verdictSection(findings) },
    { id: "differences", title: "Differences", content: forestSection(findings) },
    { id: "ratio", title: "Ratio", content: ratioSection(findings) },
    { id: "reduced", title: "Fewer real images", content: reducedSection(findings) },
    { id: "distribution", title: "In and out of distribution", content: distributionSection(findings) },
    { id: "classes", title: "Classes", content: classSection(findings) },
    { id: "seeds", title: "Every training", content: seedsSection(findings) },
    { id: "roc", title: "ROC", content: rocSection(findings) },
    { id: "cost", title: "Cost", content: costSection(findings) },
    { id: "power", title: "What could have been missed", content: powerSection(findings) },
    { id: "tables", title: "All metrics", content: tableSection(findings) },
    { id: "generators", title: "Generators", content: generatorSection(outcome) },
    { id: "data", title: "Data", content: dataSection(findings) },
    { id: "limits", title: "Limits", content: limitsSection(outcome) },
    { id: "methods", title: "Methods", content: methodsSection(findings) },
  ].filter(({ content }) => content !== null);
}

/** One HTML file without scripts, with pictures and drawings inside: it asks no host for anything. */
export function renderStudyReport(findings: StudyFindings): string {
  const { outcome, recommendation } = findings;
  const title = `Do synthetic images help on ${outcome.data.name}?`;
  const sections = sectionsOf(findings);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title} – study</title><link rel="icon" href="data:,"><style>${trusted(STYLE)}${trusted(STUDY_STYLE)}</style></head>
<body><header><h1>${title}</h1>
<div class="answer ${recommendation.answer.replaceAll(" ", "-")}"><p class="headline">${recommendation.claim}</p>
<p>${sentence(recommendation.evidence)}</p></div>
${recommendation.further.map((each) => html`<p>${each}</p>`)}
<nav aria-label="Sections"><ul>${sections.map((section) => html`<li><a href="#${section.id}">${section.title}</a></li>`)}</ul></nav>
</header><main>
${sections.map(({ content }) => content)}
</main><footer>Made by ganglion study. The same values in machine-readable form: results.json; for a paper: table.md, table.tex, table.csv, methods.md.</footer></body></html>
`;
  return page.html;
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
