import { expect, test } from "vitest";
import type { AuditFile } from "../audit-file.ts";
import { rateTests } from "../collect-findings.ts";
import { type AuditKind, weighedSeverity, withoutInterval } from "../measured.ts";
import { testsSection } from "./tests-section.ts";

test("figures that too few images leave out are no rows", () => {
  const words = () => ({ title: "", text: "", clause: "" });
  const kind: AuditKind = {
    ...{ section: "Invented", weighed: true, severity: weighedSeverity, groupOf: () => "", strength: null },
    ...{ words, notMade: words },
  };
  const figures = { auc: withoutInterval(0.5), "tpr@fpr=0.001": null };
  const rated = rateTests([
    {
      ...{ kind, id: "a", title: "a", scope: "all", n: 10, figures, control: figures, p: 0.5 },
      ...{ strong: false, controlFails: false, needs: "nothing", limits: "none" },
    },
  ]);
  const shown = testsSection({ audit: {} as AuditFile, rated, searches: [] }).content.html;
  expect(shown.match(/>auc</g)).toHaveLength(2);
  expect(shown).not.toContain("tpr@fpr=0.001");
  expect(shown).not.toContain("–");
});
