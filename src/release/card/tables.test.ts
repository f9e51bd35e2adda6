import { expect, test } from "vitest";
import type { AuditFile } from "../../audit/audit-file.ts";
import { cleanTests } from "../testing/case.ts";
import { auditTable, cell, table, testLimits } from "./tables.ts";

const audit = (tests: AuditFile["tests"]) => ({ tests }) as AuditFile;

test("a cell of a table cannot break out of it", () => {
  expect(table(["a"], [["x | y\n# <b>"]])).toBe("| a |\n|---|\n| x \\| y # &lt;b> |");
  expect(cell("a\r\nb")).toBe("a b");
});

test("the audit's table has every test that was made, and those that failed on images that took part", () => {
  const [copies, membership] = cleanTests();
  const tests = [
    copies!,
    { ...membership!, severity: null },
    { ...membership!, id: "attribute.sex", title: "Sex", n: 0, severity: null },
  ];
  const rows = auditTable(audit(tests)).split("\n");
  expect(rows).toHaveLength(4);
  expect(rows[3]).toMatch(
    /`membership.domias` \| all \| 12 \| auc 0.5 \(0.45 to 0.55\); tpr@fpr=0.01 .* \| - \| not made \|/,
  );
  expect(testLimits(audit(tests))).not.toContain("Sex");
});

test("the limits of a kind of test are said once", () => {
  const [copies] = cleanTests();
  const lines = testLimits(audit([copies!, { ...copies!, scope: "class:nevus" }]));
  expect(lines).toBe("- **Copy search**: what it takes: the images Limits: what it does not look for");
});
