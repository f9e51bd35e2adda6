import { html } from "../../report/html.ts";
import { page, REASONS, warningsPart } from "../../report/page.ts";
import type { AuditFindings } from "../audit-findings.ts";
import type { AuditSets } from "../open-sets.ts";
import { seldomFound } from "../recall/recall.ts";
import { AUDIT_STYLE } from "./audit-style.ts";
import { findingsSection, reasonsOf } from "./findings-section.ts";
import { methodsSection } from "./methods-section.ts";
import { headPairs, pairsSection, splitSection } from "./pairs-section.ts";
import { recallSection } from "./recall-section.ts";
import { testsSection } from "./tests-section.ts";
import { toneOf } from "./words.ts";

/** One HTML file without scripts, with pictures inside: it asks no host for anything. It shows training images. */
export async function renderAuditReport(sets: AuditSets, found: AuditFindings): Promise<string> {
  const { audit } = found;
  const seldom = seldomFound(audit.recall ?? []);
  const doubted = (audit.objections ?? []).length > 0 ? "warning" : "none";
  return page({
    title: `Synthetic images of ${sets.train.name}: audit`,
    banner: html`<p class="banner"><strong>Do not share.</strong> This file shows and names real training images of ${sets.train.name}. It is not part of a release.</p>`,
    answer: audit.verdict ?? "",
    tone: toneOf(audit.findings[0]?.severity ?? doubted),
    picture: await headPairs(sets, found),
    reasons: reasonsOf(audit).slice(0, REASONS),
    notes: seldom === null ? [] : [seldom],
    parts: [
      findingsSection(audit),
      await splitSection(sets, found),
      await pairsSection(sets, found),
      recallSection(audit),
      testsSection(found),
      warningsPart(audit.warnings),
      methodsSection(audit),
    ],
    footer: "Made by ganglion audit. The same values in machine-readable form: audit.json.",
    style: AUDIT_STYLE,
  });
}
