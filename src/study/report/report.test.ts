import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { harmless } from "../../data/csv.ts";
import { parseCsv } from "../../data/index.ts";
import { STUDY_PRESETS } from "../presets.ts";
import { escapeLatex } from "./latex-table.ts";
import { escapeMarkdown } from "./markdown-table.ts";
import { type StudyResultsFile, studyResultsJsonSchema, studyResultsSchema } from "./results-file.ts";
import type { StudyOutcome } from "./study-outcome.ts";
import { drawnOutcome } from "./testing/study-outcome.ts";
import { writeStudyReport } from "./write-study-report.ts";

const FILES = ["methods.md", "report.html", "results.json", "table.csv", "table.md", "table.tex"];

/** All files of a report as text. */
async function written(outcome: StudyOutcome): Promise<Record<string, string>> {
  const folder = await temporaryFolder();
  await writeStudyReport(outcome, folder);
  const figures = readdirSync(join(folder, "figures")).map((name) => `figures/${name}`);
  expect(readdirSync(folder).sort()).toEqual(["figures", ...FILES]);
  return Object.fromEntries([...FILES, ...figures].map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

const resultsOf = (files: Record<string, string>): StudyResultsFile =>
  studyResultsSchema.parse(JSON.parse(files["results.json"]!));

describe("a report", () => {
  const outcome = drawnOutcome({
    skill: (arm) => (arm.startsWith("balanced") ? 1.8 : arm.startsWith("only") ? 0.2 : 1),
  });
  let files: Record<string, string>;
  beforeAll(async () => {
    files = await written(outcome);
  });

  test("is equal to the byte when it is written again, in whatever order the trials came, wherever files lie", async () => {
    const table = { ...outcome.table, trials: outcome.table.trials.toReversed() };
    const data = { ...outcome.config.data, dataset: "/mnt/other/skin" };
    const testSets = outcome.config.testSets.map((set) => ({ ...set, dataset: set.dataset && "C:\\data\\elsewhere" }));
    expect(await written({ ...outcome, table, config: { ...outcome.config, data, testSets } })).toEqual(files);
    for (const text of Object.values(files)) expect(text.includes("/data/")).toBe(false);
  });

  test("asks no host for anything and runs no script", () => {
    const asked = /<script|<link(?! rel="icon" href="data:,")|https?:|url\(/.exec(files["report.html"]!);
    expect(asked).toBeNull();
    expect(files["report.html"]!.match(/<section class="folded" id="[a-z]+"/g)).toHaveLength(15);
  });

  test("has every arm, test set and metric in results.json, with each seed's value", () => {
    const { results, metrics } = resultsOf(files);
    expect(Object.keys(metrics)).toEqual(["auc", "balancedAccuracy", "f1", "ece", "f1:melanoma", "f1:other"]);
    expect(results).toHaveLength(2 * 6 * outcome.arms.length);
    for (const { testSet, arm, metric, mean, seeds, differences, verdict } of results) {
      expect(seeds.map(({ seed }) => seed)).toEqual(outcome.config.seeds);
      expect(mean).toBeCloseTo(seeds.reduce((sum, { value }) => sum + value, 0) / seeds.length, 12);
      const compared = outcome.comparisons.filter(
        (each) => each.testSet === testSet && each.armName === arm && each.metric === metric,
      );
      if (outcome.config.metrics.includes(metric)) {
        expect(differences.map(({ control, value, low }) => ({ control, value, low }))).toEqual(
          compared.map(({ controlName, value, interval }) => ({ control: controlName, value, low: interval?.low })),
        );
        if (compared.length > 0) expect(mean).toBeCloseTo(compared[0]!.arm, 12);
      }
      expect(verdict !== null).toBe(metric === "auc" && arm !== "real");
    }
  });

  test("has intervals of single classes for the recommended arm, differences for all", () => {
    const { results, recommendation } = resultsOf(files);
    expect(recommendation).toMatchObject({ answer: "use", arm: "balanced by r3gan random" });
    const ofClass = results.filter(({ metric, arm }) => metric === "f1:melanoma" && arm !== "real");
    for (const { arm, mean, differences, testSet } of ofClass) {
      const control = results.find(
        (each) => each.metric === "f1:melanoma" && each.testSet === testSet && each.arm === differences[0]!.control,
      );
      expect(differences[0]!.value).toBeCloseTo(mean - control!.mean, 12);
      expect(differences[0]!.low !== null).toBe(arm === recommendation.arm);
    }
  });

  test("says the same in table.csv", () => {
    const { header, rows, problems } = parseCsv(files["table.csv"]!, "table.csv");
    expect(problems).toEqual([]);
    const cell = (row: readonly string[], name: string) => row[header.indexOf(name)];
    const { results } = resultsOf(files);
    for (const { testSet, arm, metric, mean, differences, verdict } of results) {
      const own = rows.filter(
        (row) => cell(row, "test_set") === testSet && cell(row, "arm") === arm && cell(row, "metric") === metric,
      );
      expect(own.map((row) => cell(row, "control"))).toEqual(
        differences.length === 0 ? [""] : differences.map(({ control }) => control),
      );
      expect(Number(cell(own[0]!, "mean"))).toBeCloseTo(mean, 8);
      expect(cell(own[0]!, "verdict")).toBe(verdict?.verdict ?? "");
      if (differences.length > 0) expect(Number(cell(own[0]!, "difference"))).toBeCloseTo(differences[0]!.value!, 8);
    }
  });

  test("has tables with as many cells in each row as their heads", () => {
    const markdown = files["table.md"]!.split("\n").filter((line) => line.startsWith("|"));
    expect(new Set(markdown.map((line) => line.replaceAll("\\|", "").split("|").length)).size).toBe(1);
    const latex = files["table.tex"]!.split("\n").filter((line) => line.endsWith("\\\\"));
    expect(latex).toHaveLength(2 * (1 + outcome.arms.length));
    expect(new Set(latex.map((line) => line.replaceAll("\\&", "").split("&").length))).toEqual(new Set([10]));
    expect(files["table.tex"]).toContain("balanced by r3gan random & 120 & 40 & ");
  });

  test("names data, seeds, recipe and statistics in the methods", () => {
    for (const words of [
      "d".repeat(64),
      "0".repeat(64),
      "e".repeat(64),
      "(0, 1, 2, 3, 4)",
      "100 resamples",
      "64 × 64",
    ]) {
      expect(files["methods.md"]).toContain(words);
      expect(files["report.html"]!.includes(words)).toBe(true);
    }
  });
});

test("names of any letters stay text in HTML, Markdown, LaTeX and CSV", async () => {
  const evil = ["=1+1|<b>&", "</script><script>x", "50 %_#{}~^\\$"];
  const outcome = drawnOutcome({ classes: evil, patients: 40, config: { seeds: [0, 1, 2], metrics: ["auc"] } });
  const notes = ["<img src=x>"];
  const files = await written({ ...outcome, notes, data: { ...outcome.data, name: "<i>skin</i>" } });
  const { document } = parseHTML(files["report.html"]);
  expect([...document.querySelectorAll("script, [src=x], i, link[href^=http]")]).toEqual([]);
  expect(document.querySelector("#data thead")!.textContent).toContain(evil.join(""));
  expect(document.querySelector("h1")!.textContent).toBe("Do synthetic images help on <i>skin</i>?");
  const { header, rows } = parseCsv(files["table.csv"]!, "table.csv");
  for (const row of rows) expect(header.some((_, i) => /^[=@+]/.test(row[i]!))).toBe(false);
  expect(files["methods.md"]).toContain("\\</script\\>\\<script\\>x");
  expect(["=1+1", "+1", "-1", "@a", "\t=1", "a=1"].map(harmless)).toEqual([
    "'=1+1",
    "'+1",
    "'-1",
    "'@a",
    "'\t=1",
    "a=1",
  ]);
  expect(escapeMarkdown("a|b_c*d\n<e>")).toBe("a\\|b\\_c\\*d \\<e\\>");
  expect(escapeLatex("50 %_#{}~^\\$ & [a] <b> −1")).toBe(
    "50 \\%\\_\\#\\{\\}\\textasciitilde{}\\textasciicircum{}\\textbackslash{}\\$ \\& {[}a] \\textless{}b\\textgreater{} $-$1",
  );
});

test("pictures at the head are of the first four generators, so that the reasons are not far below", async () => {
  const [one] = drawnOutcome({}).generators;
  const many = Array.from({ length: 20 }, (_, i) => ({ ...one!, name: `generator ${i}` }));
  const page = async (generators: StudyOutcome["generators"]) =>
    parseHTML((await written({ ...drawnOutcome({}), generators }))["report.html"]!).document;
  const head = (document: Document) =>
    new Set([...document.querySelectorAll(".strip .kind")].map(({ textContent }) => textContent));
  const of20 = await page(many);
  expect([...head(of20)]).toEqual(many.slice(0, 4).map(({ name }) => name));
  expect(of20.body.textContent).toContain("4 of 20 generators");
  expect(of20.querySelector('a[href="#generators"]')).not.toBeNull();
  expect(of20.querySelectorAll("#generators h3")).toHaveLength(20);
  const of4 = await page(many.slice(0, 4));
  expect(head(of4).size).toBe(4);
  expect(of4.querySelector('a[href="#generators"]')).toBeNull();
}, 60_000);

test("one seed and one test set: no interval, no verdict on one, and that is said", async () => {
  const testSets = [{ name: "inside", distribution: "in" }];
  const files = await written(drawnOutcome({ patients: 40, config: { seeds: [0], testSets } }));
  const { recommendation, results } = resultsOf(files);
  expect(recommendation.sentence).toContain("1 seed per arm allows no interval, which needs 3");
  expect(results.every(({ differences }) => differences.every(({ low }) => low === null))).toBe(true);
  expect(/NaN|undefined|Infinity|id="distribution"|id="power"/.exec(files["report.html"]!)).toBeNull();
});

test("eighty arms, seven classes, two of them not in a test set", async () => {
  const outcome = drawnOutcome({
    classes: ["a", "b", "c", "d", "e", "f", "g"],
    missing: [3, 6],
    patients: 60,
    config: { ...STUDY_PRESETS.bissoto, seeds: [0, 1, 2], metrics: ["auc", "auc:d"], resamples: 100 },
  });
  expect(outcome.arms.length).toBeGreaterThan(80);
  const files = await written(outcome);
  for (const text of Object.values(files)) expect(/NaN|undefined|Infinity/.exec(text)).toBeNull();
  expect(files["report.html"]!.includes("outside has no image of d, g")).toBe(true);
  expect(files["report.html"]!.includes('id="reduced"')).toBe(true);
  const sets = resultsOf(files).results.flatMap(({ metric, testSet }) => (metric === "auc:d" ? testSet : []));
  expect(new Set(sets)).toEqual(new Set(["inside"]));
});

describe("generators from noise and from maps", () => {
  const config = { ...STUDY_PRESETS.bissoto, metrics: ["auc"], resamples: 100 };
  const sectionOf = (files: Record<string, string>) =>
    parseHTML(files["report.html"]!).document.querySelector("#kinds")!.textContent!.replace(/\s+/g, " ");

  test("are compared at counts that are said, by kind, family, sampler and amount, beside what the review found", async () => {
    const better = (arm: string) => (/spade|pix2pixhd/.test(arm) ? 1.6 : 1);
    const files = await written(
      drawnOutcome({ patients: 60, skill: better, config: { ...config, seeds: [0, 1, 2, 3] } }),
    );
    const { kinds } = resultsOf(files);
    const [all] = kinds!.between;
    expect(all).toMatchObject({ testSet: "inside", name: "all amounts" });
    expect(all!.low).toBeGreaterThan(0);
    const section = sectionOf(files);
    expect(section).toContain("at equal counts of synthetic images. real + 0.25: 30 (20 % of the images); ");
    expect(section).toContain("had 16 % synthetic images and those from noise 50 %");
    expect(section).toMatch(/from maps minus from noise: \+0\.\d+ on inside \([^)]*p [^)]*: shown, maps better\)/);
    expect(section).toMatch(
      /shown to help in \d+ of 66 arms on inside \(in distribution\) and \d+ of 66 arms on outside/,
    );
    for (const group of ["pggan", "pix2pixhd", "sampler diverse", "real + 2", "1/16 filled up"])
      expect(
        kinds!.gains.some(({ name }) => name.includes(group)),
        group,
      ).toBe(true);
    for (const name of ["kinds inside", "kinds outside"])
      expect(Object.keys(files)).toContain(`figures/${name.replace(" ", "-")}.csv`);
  });

  test("two seeds have no interval between kinds, and that is said", async () => {
    const files = await written(drawnOutcome({ patients: 40, config: { ...config, seeds: [0, 1] } }));
    expect(resultsOf(files).kinds!.between.every(({ low, adjustedP }) => low === null && adjustedP === 1)).toBe(true);
    expect(sectionOf(files)).toContain("There are no intervals and no p-values: they need three seeds.");
    expect(sectionOf(files)).not.toMatch(/difference shown|NaN/);
  });

  test("of one kind alone have no section", async () => {
    const files = await written(drawnOutcome({ patients: 40 }));
    expect(resultsOf(files).kinds).toBeNull();
    expect(files["report.html"]).not.toContain('id="kinds"');
  });
});

test("docs/study-results.schema.json is the schema of this version", () => {
  expect(JSON.parse(readFileSync("docs/study-results.schema.json", "utf8"))).toEqual(studyResultsJsonSchema());
});
