import { expect, test } from "vitest";
import { table } from "../card/tables.ts";
import { isPlainName } from "./text-rules.ts";

test("names of classes: labels that are joined are one, what could be markup is none", () => {
  for (const name of ["nevus", "Effusion|Mass", "melanoma (0.76 mm)", "ca. in situ", "母斑"])
    expect([name, isPlainName(name)]).toEqual([name, true]);
  for (const name of ["|a", "<b>", "[a](b)", "a\nb", "a\\b", "`a`", "a".repeat(65)])
    expect([name, isPlainName(name)]).toEqual([name, false]);
  expect(table(["class"], [["Effusion|Mass"]])).toContain("Effusion\\|Mass");
});
