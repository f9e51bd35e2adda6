// CONTRIBUTING.md says which files one more metric, attack, extractor, command or page touches: counted with one that exists.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const guide = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.ts$|\/testing\//.test(name))
  .map((name) => `src/${name}`)
  .concat("test/quiet.test.ts");
const text = new Map(sources.map((name) => [name, readFileSync(join(ROOT, name), "utf8")]));

/** Files that the row of the table names under "touch", sorted. */
function touched(row: string): string[] {
  const line = guide.split("\n").find((one) => one.startsWith(`| ${row} |`));
  const cell = line?.split("|").at(-2) ?? "";
  return [...cell.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path]) => path!).sort();
}

test.each<[row: string, entry: string, own: string, mention: RegExp]>([
  ["metric", "frd", "src/evaluate/quality/frd.ts", /\bfrd\b/],
  ["attack", "domias", "src/audit/membership/domias.ts", /(?<!\.)\bdomias\b(?!`)/],
  ["extractor", "radiomics", "src/features/radiomics/", /radiomics-extractor\.ts"/],
  ["command", "ablate", "src/cli/command/ablate.ts", /\/ablate\.ts"|\["ablate"|\bablate: \[/],
  [
    "page of the studio",
    "reader study",
    "src/studio/web/pages/reader-study/",
    /reader-study-page|"reader-study"[\],:]/,
  ],
])("one more %s touches the files that CONTRIBUTING.md names: %s", (row, _, own, mention) => {
  const mentioning = sources.filter(
    (name) => mention.test(text.get(name) ?? "") && (own === "" || !name.startsWith(own)),
  );
  expect(mentioning.sort()).toEqual(touched(row));
});
