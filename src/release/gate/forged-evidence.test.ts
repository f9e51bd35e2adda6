import { copyFile, cp, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AuditFile } from "../../audit/audit-file.ts";
import { writeJson } from "../../core/files.ts";
import { listFiles } from "../../core/list-files.ts";
import { failure } from "../../core/testing/fixtures.ts";
import { datasetHash, readDataset } from "../../data/index.ts";
import { edit, writeMetrics } from "../testing/case.ts";
import { auditForReal, patientOf, realName } from "../testing/forger-case.ts";
import {
  at,
  byRun,
  codes,
  forgeAudit,
  forgeMetrics,
  HOOK,
  plant,
  setColumn,
  useForgerCase,
  whole,
  without,
} from "../testing/forgery.ts";

useForgerCase();

test(
  "a run trained on a part of its dataset is compared with that part, and its metrics may be against the whole",
  async () => {
    const where = ["site=a"];
    const root = await plant(async (set, into) => {
      await cp(at("true/real"), join(into, "real"), { recursive: true });
      await edit(
        join(into, "real/metadata.csv"),
        setColumn("site", (row) => (((row - 1) >> 1) % 6 === 0 ? "b" : "a")),
      );
      const audit = await auditForReal(into, where);
      expect([audit.train.n, audit.holdout.n, audit.protocol?.where]).toEqual([50, 50, where]);
      const dataset = { path: join(into, "real"), label: "label", where, hash: audit.train.hash };
      await writeJson(join(into, "run/config.json"), { model: "r3gan", dataset });
      await writeMetrics(join(into, "metrics"), set);
      const everyone = await readDataset(join(into, "real"), { label: "label", where: ["split=train"] });
      const real = { n: everyone.samples.length, hash: await datasetHash(everyone) };
      await forgeMetrics(into, () => ({ real }));
    });
    expect((await whole(root, { metrics: join(root, "metrics") })).removed).toEqual([]);
    await edit(join(root, "run/config.json"), (json) => json.replace("site=a", "site=b"));
    expect(await codes(whole(root))).toContain("other-dataset");
  },
  HOOK,
);

describe("an audit that was edited", () => {
  test(
    "hides that the split leaks: held-out images repeat training images",
    async () => {
      const root = await plant(async (_, into) => {
        await cp(at("true/real"), join(into, "real"), { recursive: true });
        for (const [from, to] of [
          [2, 70],
          [8, 81],
        ] as const)
          await copyFile(join(into, "real", realName(from)), join(into, "real", realName(to)));
      });
      const found = await codes(whole(root, { train: join(root, "real") }));
      expect(found).toContain("split-leak");
      expect(found).toContain("other-dataset");
    },
    HOOK,
  );

  test(
    "says that nobody can tell members from others, and that the search was made on more images",
    async () => {
      const better = (test: AuditFile["tests"][number]) => {
        if (!test.id.startsWith("membership.")) return test;
        const auc = test.figures.auc;
        return {
          ...test,
          n: test.n,
          figures: { ...test.figures, ...(auc && { auc: { value: 0.3, low: 0.2, high: 0.4 } }) },
        };
      };
      const root = await plant((_, at) => forgeAudit(at, ({ tests }) => ({ tests: tests.map(better) })));
      expect(await codes(whole(root))).toEqual(["edited-audit"]);
    },
    HOOK,
  );

  test("is of another set of the same size, of other training images, or has lost its warnings", async () => {
    const other = await plant((_, at) =>
      forgeAudit(at, ({ synthetic }) => ({ synthetic: { ...synthetic, hash: "0".repeat(64) } })),
    );
    expect(await codes(byRun(other))).toEqual(["other-dataset"]);
    const training = await plant((_, at) =>
      forgeAudit(at, ({ train }) => ({ train: { ...train, hash: "0".repeat(64) } })),
    );
    expect(await codes(byRun(training))).toEqual(["other-training"]);
    const silent = await plant((_, at) => forgeAudit(at, () => ({ splitLeaks: undefined })));
    expect(await codes(byRun(silent))).toEqual(["split-leak"]);
  });

  test("by hand, in any place, as metrics are: the seal does not match", async () => {
    const root = await plant(async (set, at) => {
      await edit(join(at, "audit/audit.json"), (json) => json.replace('"severity": "none"', '"severity": "notice"'));
      await writeMetrics(join(at, "metrics"), set);
      await edit(join(at, "metrics/metrics.json"), (json) => json.replace('"partial"', '"close"'));
    });
    const error = await failure(byRun(root, { metrics: join(root, "metrics") }));
    expect(error.problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
      "edited audit.json",
      "edited metrics.json",
    ]);
  });

  test("warns, and the warning is a reason", async () => {
    const caution = { code: "no-patients" as const, message: "No patient is named." };
    const root = await plant((_, at) => forgeAudit(at, () => ({ cautions: [caution], warnings: [caution.message] })));
    expect(await codes(byRun(root))).toEqual(["audit-warning"]);
    const config = { ...without, gate: { ...without.gate, acceptWarnings: ["no-patients" as const] } };
    await byRun(root, { config, out: join(root, "out") });
    expect(await readFile(join(root, "out/README.md"), "utf8")).toContain(
      "Accepted warning of the audit: No patient is named.",
    );
  });

  test("holds words for the card: markup, a patient", async () => {
    for (const words of [
      "[see here](https://example.org)",
      `seen in ${patientOf(3)}`,
      "<img src=x>",
      "call +43 1 404 0012",
    ]) {
      const root = await plant((_, at) =>
        forgeAudit(at, ({ tests }) => ({ tests: tests.map((test) => ({ ...test, limits: words })) })),
      );
      const found = codes(byRun(root, { train: undefined, run: join(root, "bare"), holdout: at("true/real") }));
      expect(await found, words).toEqual(["text"]);
    }
  });
});

describe("records that were edited", () => {
  const records = (change: (lines: string) => string) => plant((set) => edit(join(set, "provenance.jsonl"), change));

  test("another seed, another generator, another sampler", async () => {
    expect(await codes(byRun(await records((lines) => lines.replace(/"seed":\d+/, '"seed":77'))))).toEqual([
      "not-drawn",
    ]);
    const hash = (lines: string) => lines.replaceAll(/"generator":"[0-9a-f]{64}"/g, `"generator":"${"b".repeat(64)}"`);
    expect(await codes(byRun(await records(hash)))).toEqual(["generators", "other-generator"]);
    const sampler = (lines: string) => lines.replace('"random"', '"truncation:0.1"');
    expect(await codes(byRun(await records(sampler)))).toEqual(["not-drawn"]);
  });

  test("a seed that is a patient's number draws another image", async () => {
    expect(await codes(byRun(await records((lines) => lines.replace(/"seed":\d+/, '"seed":19700102'))))).toEqual([
      "not-drawn",
    ]);
  });
});

test("too few images to say anything about", async () => {
  const root = await plant(async (set, at) => {
    const first = (text: string) => `${text.split("\n").slice(0, 2).join("\n")}\n`;
    await edit(join(set, "metadata.csv"), first);
    await edit(join(set, "provenance.jsonl"), (lines) => `${lines.split("\n")[0]}\n`);
    for (const { name } of await listFiles(set)) {
      if (/^images\/.*\.png$/.test(name) && name !== "images/melanoma/000001.png") {
        await rename(join(set, name), join(at, name.replaceAll("/", "-")));
      }
    }
    await forgeAudit(at, ({ tests }) => ({ tests: tests.map((test) => ({ ...test, n: 1 })) }));
  });
  expect(await codes(byRun(root))).toEqual(["few-images", "few-images", "few-images"]);
});

describe("images of noise", () => {
  const graded = (grade: "noise" | "unlike" | "partial" | "unknown") =>
    plant(async (set, at) => {
      await writeMetrics(join(at, "metrics"), set);
      await forgeMetrics(at, (metrics) => ({ verdict: { ...metrics.verdict, grade } }));
    });
  const gate = (minGrade: "partial" | "unlike" | "noise" | null) => ({
    ...without,
    gate: { ...without.gate, minGrade },
  });

  test("are refused by their grade, and so is fog, unless the config lets it through and the card says so", async () => {
    for (const grade of ["noise", "unlike"] as const) {
      const root = await graded(grade);
      const error = await failure(byRun(root, { metrics: join(root, "metrics") }));
      const message = expect.stringContaining(`(grade ${grade}, at least partial is released)`);
      expect(error.problems).toEqual([{ code: "grade", path: "metrics.json", message }]);
    }
    const fog = await graded("unlike");
    const options = { metrics: join(fog, "metrics"), config: gate("unlike"), out: join(fog, "released") };
    expect((await byRun(fog, options)).images).toBe(24);
    expect(await readFile(join(fog, "released/README.md"), "utf8")).toContain(
      "was lowered from “partial” to “unlike”; the grade is “unlike”",
    );
    expect(await codes(byRun(fog, { config: gate("partial") }))).toEqual(["no-metrics"]);
    expect((await byRun(fog, { config: gate("noise") })).images).toBe(24);
    const unknown = await graded("unknown");
    expect((await byRun(unknown, { metrics: join(unknown, "metrics") })).images).toBe(24);
  });

  test("figures of other images do not help", async () => {
    const root = await graded("partial");
    await forgeMetrics(root, ({ synthetic }) => ({ synthetic: { ...synthetic, hash: "0".repeat(64) } }));
    expect(await codes(byRun(root, { metrics: join(root, "metrics") }))).toEqual(["other-dataset"]);
  });
});
