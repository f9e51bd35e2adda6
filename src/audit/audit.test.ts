import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../core/hash.ts";
import { datasetHash, parseCsv, readDataset } from "../data/index.ts";
import { writeExtractor, writeLesions } from "../features/testing/lesions.ts";
import { type AuditResult, audit } from "./audit.ts";
import { auditJsonSchema, auditSchema } from "./audit-file.ts";

let folder: string;
let features: string[];
let leaked: AuditResult;
const path = (name: string) => join(folder, name);
const run = (synthetic: string, out: string, more: Partial<Parameters<typeof audit>[0]> = {}) =>
  audit({ train: path("train"), holdout: path("held"), synthetic: path(synthetic), features, out: path(out), ...more });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-test-"));
  features = [`onnx:${await writeExtractor(folder)}`];
  const sex = (_: string, i: number) => ({ sex: i % 2 === 0 ? "female" : "male" });
  await writeLesions(path("train"), { dark: 60, red: 24 }, 1, 0, sex);
  await writeLesions(path("held"), { dark: 50, red: 24 }, 2, 0, sex);
  await writeLesions(path("copies"), { dark: 12, red: 6 }, 1);
  leaked = await run("copies", "a");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("audit", () => {
  test("names every exact copy with its training image, and says so in its first line", () => {
    const { copies, verdict, findings, train, holdout, synthetic } = leaked.audit;
    expect([train.n, holdout.n, synthetic.n]).toEqual([84, 74, 18]);
    expect(copies.length).toBe(18);
    for (const copy of copies) expect(copy.train).toBe(copy.synthetic);
    expect(verdict).toMatch(/18 synthetic images repeat training images/);
    expect(findings[0]).toMatchObject({ severity: "critical" });
  });

  test("every test states what an attacker needs and its limits; membership has its control", () => {
    for (const { id, needs, limits, control, figures } of leaked.audit.tests) {
      expect(needs.length, id).toBeGreaterThan(10);
      expect(limits.length, id).toBeGreaterThan(10);
      if (id.startsWith("membership.") && figures.auc !== null) expect(control?.auc, id).not.toBeNull();
    }
    const kinds = new Set(leaked.audit.tests.map(({ id }) => id.split(".")[0]));
    expect([...kinds].sort()).toEqual(["attribute", "authenticity", "copies", "copying", "membership", "split"]);
    const spaces = leaked.audit.tests.filter(({ id }) => id.startsWith("copies.")).map(({ id }) => id);
    expect(spaces).toEqual(["copies.pixel", "copies.onnx:small.onnx"]);
    expect(leaked.audit.tests.find(({ id }) => id === "attribute.sex")).toMatchObject({
      severity: null,
      made: false,
      reason: expect.stringContaining("has no column sex"),
    });
    for (const { id, made, reason, severity } of leaked.audit.tests) {
      expect([made === false, reason !== undefined], id).toEqual([severity === null, severity === null]);
    }
  });

  test("every synthetic image stands in nearest.csv with the training image that the search finds", async () => {
    const { header, rows, problems } = parseCsv(await readFile(path("a/nearest.csv"), "utf8"), "nearest.csv");
    expect([header, problems]).toEqual([["file_name", "train", "transform", "score", "copy"], []]);
    const { samples } = await readDataset(path("copies"));
    expect(rows.map(([name]) => name)).toEqual(samples.map(({ fileName }) => fileName));
    const named = new Map(leaked.audit.copies.map(({ synthetic, train }) => [synthetic, train]));
    for (const [name, train, , score, copy] of rows) {
      expect([train, copy]).toEqual([named.get(name!), "1"]);
      expect(Number(score)).toBeLessThan(0.25);
    }
  });

  test("the report is one file without scripts or links to hosts, and says that it stays inside", async () => {
    const report = await readFile(leaked.reportPath, "utf8");
    expect(report).toContain("Do not share.");
    expect(report).toContain(leaked.audit.verdict);
    expect(report).not.toMatch(/<script|https?:/);
    expect(report.match(/called a copy<\/strong>/g)?.length).toBeGreaterThan(10);
  });

  test("the same call writes the same bytes", async () => {
    const again = await run("copies", "b");
    expect(await readFile(again.auditPath, "utf8")).toBe(await readFile(leaked.auditPath, "utf8"));
    expect(await readFile(again.reportPath, "utf8")).toBe(await readFile(leaked.reportPath, "utf8"));
  });

  test("audit.json fits its schema, and docs/audit.schema.json is the schema of this version", async () => {
    const file = JSON.parse(await readFile(leaked.auditPath, "utf8"));
    expect(auditSchema.parse(file)).toEqual(file);
    expect(JSON.parse(await readFile("docs/audit.schema.json", "utf8"))).toEqual(auditJsonSchema());
  });

  test("a run: images of another generator and another training set are named", async () => {
    await mkdir(path("run"), { recursive: true });
    await writeFile(path("run/generator.onnx"), "a generator");
    await writeFile(path("run/config.json"), JSON.stringify({ dataset: { hash: "other", label: "diagnosis" } }));
    const names = leaked.audit.copies.map(({ synthetic }) => synthetic);
    const line = (name: string, i: number) =>
      JSON.stringify({ file_name: name, generator: i === 0 ? sha256("stranger") : sha256("a generator") });
    await writeFile(path("copies/provenance.jsonl"), names.map(line).join("\n"));
    const { audit: found } = await run("copies", "c", { run: path("run") });
    expect(found.run).toEqual({ generator: sha256("a generator"), differentialPrivacy: null });
    expect(found.tests.find(({ id }) => id === "run.generator")?.severity).toBe("warning");
    expect(found.warnings.join()).toMatch(/1 of 18 synthetic images were not drawn/);
    expect(found.warnings.join()).toMatch(/not the one that the run names/);
    expect(found.objections).toEqual([{ code: "other-training", message: expect.stringMatching(/not the one/) }]);
    expect(found.verdict).toMatch(/; the training set given is not the run's$/);
  });

  test("a run trained on a part of its dataset: the same images are audited, held-out ones too, and it is said", async () => {
    const where = ["sex=female"];
    const trained = await readDataset(path("train"), { label: "diagnosis", where });
    await mkdir(path("part"), { recursive: true });
    await writeFile(path("part/generator.onnx"), "a generator");
    const dataset = { hash: await datasetHash(trained), label: "diagnosis", where };
    await writeFile(path("part/config.json"), JSON.stringify({ dataset }));
    const { audit: found, notes } = await run("copies", "d", { run: path("part") });
    expect(found.objections).toEqual([]);
    expect([found.train.n, found.holdout.n, found.protocol?.where]).toEqual([42, 37, where]);
    expect(notes).toContain("train: 42 of 84 images are used: those of the run's --where sex=female");
    expect(await readFile(path("d/report.html"), "utf8")).toContain("--where sex=female");
  });

  test("the filter of a run is not applied to images without the column, and it is said", async () => {
    await mkdir(path("site"), { recursive: true });
    await writeFile(path("site/generator.onnx"), "a generator");
    const hash = await datasetHash(await readDataset(path("train"), { label: "diagnosis" }));
    const dataset = { hash, label: "diagnosis", where: ["site=a"] };
    await writeFile(path("site/config.json"), JSON.stringify({ dataset }));
    const { audit: found, notes } = await run("copies", "e", { run: path("site") });
    expect([found.objections, found.train.n, found.protocol?.where]).toEqual([[], 84, undefined]);
    expect(notes.join()).toMatch(/train: all images are used, the run's --where site=a is not applied: .*no column/);
  });

  test("the training set as held-out set is refused, unless its split tells them apart", async () => {
    await expect(run("copies", "never", { holdout: path("train") })).rejects.toThrow(/names no split/);
  });
});
