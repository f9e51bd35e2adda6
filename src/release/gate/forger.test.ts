import { copyFile, cp, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import type { AuditFile } from "../../audit/audit-file.ts";
import { writeJson } from "../../core/files.ts";
import { sha256 } from "../../core/hash.ts";
import { listFiles } from "../../core/list-files.ts";
import { sealJson } from "../../core/sealed-json.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { datasetHash, decodePng, encodePng, pixelHash, readDataset } from "../../data/index.ts";
import type { MetricsFile } from "../../evaluate/metrics-file.ts";
import { smuggleIntoGenerator, writeMemorisedGenerator } from "../../model/testing/forge-generator.ts";
import { generateDataset, openRun } from "../../sample/index.ts";
import type { ReleaseConfig } from "../config.ts";
import { strangeChunks } from "../png-chunks.ts";
import { type ReleaseOptions, release } from "../release.ts";
import { edit, writeMetrics } from "../testing/case.ts";
import { auditForReal, FORGER_CONFIG, patientOf, realName, writeForgerCase } from "../testing/forger-case.ts";

/*
 * What somebody tries who has the source and may write every file that the gate reads, but not the gate itself. Each forgery
 * is as good as it can be made: whatever other rule would refuse it for its hash is satisfied.
 */

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const VICTIMS = [1, 2, 3].map((i) => `images/nevus/00000${i}.png`);
const [VICTIM] = VICTIMS as [string, ...string[]];
const HOOK = 240_000;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeForgerCase(at("true"));
  // A run that does not say where its images are: drawing again is then all that is done with it.
  await cp(at("true/run"), at("true/bare"), { recursive: true });
  await edit(at("true/bare/config.json"), (json) => json.replace(/"path":\s*"[^"]*",/, ""));
}, HOOK);

let copies = 0;
async function plant(spoil: (set: string, whole: string) => Promise<unknown>): Promise<string> {
  const whole = at(`forged-${++copies}`);
  for (const part of ["set", "audit", "run", "bare"])
    await cp(at("true", part), join(whole, part), { recursive: true });
  await spoil(join(whole, "set"), whole);
  return whole;
}

const without: ReleaseConfig = { ...FORGER_CONFIG, gate: { ...FORGER_CONFIG.gate, withoutTraining: true } };

/** By the run alone: images are drawn again, the audit is believed. */
const byRun = (whole: string, change: Partial<ReleaseOptions> = {}) =>
  release({
    ...{ dataset: join(whole, "set"), audit: join(whole, "audit"), run: join(whole, "bare") },
    ...{ out: null, format: "imagefolder" as const, config: without, version: "0.0.0" },
    ...change,
  });
/** With all that the gate can do. */
const whole = (path: string, change: Partial<ReleaseOptions> = {}) =>
  byRun(path, { run: join(path, "run"), config: FORGER_CONFIG, ...change });

async function codes(made: Promise<unknown>): Promise<string[]> {
  const error = await failure(made);
  expect([error.code, error.exitCode], error.message).toEqual(["refused", 3]);
  return error.problems.map(({ code }) => code).sort();
}

/** Makes the audit one of the set as it lies there, and says what the forger wants it to. */
async function forgeAudit(root: string, change: (audit: AuditFile) => Partial<AuditFile> = () => ({})): Promise<void> {
  const path = join(root, "audit/audit.json");
  const audit: AuditFile = JSON.parse(await readFile(path, "utf8"));
  const set = await readDataset(join(root, "set"));
  const synthetic = { n: set.samples.length, hash: await datasetHash(set) };
  await writeJson(path, sealJson({ ...audit, synthetic, ...change(audit) }));
}

async function forgeMetrics(root: string, change: (metrics: MetricsFile) => Partial<MetricsFile>): Promise<void> {
  const path = join(root, "metrics/metrics.json");
  const metrics: MetricsFile = JSON.parse(await readFile(path, "utf8"));
  await writeJson(path, sealJson({ ...metrics, ...change(metrics) }));
}

const real = (image: number) => readFile(at("true/real", realName(image)));
const setColumn = (name: string, value: (row: number) => string) => (csv: string) =>
  csv
    .trimEnd()
    .split("\n")
    .map((line, i) => `${line},${i === 0 ? name : value(i)}\n`)
    .join("");

test(
  "what is true passes, drawn again, audited again, with its generator",
  async () => {
    const made = await whole(at("true"), { withGenerator: at("true/run"), out: at("released") });
    expect([made.images, made.residual, made.removed]).toEqual([24, { max: 0, share: 0 }, []]);
    const card = await readFile(at("released/README.md"), "utf8");
    expect(card).toContain("was compared with the training images again");
    expect(card).toContain("the set agreed with it in every pixel");
    for (const { name } of await listFiles(at("released"))) {
      const bytes = await readFile(at("released", name));
      if (name.endsWith(".png")) expect(strangeChunks(bytes)).toEqual([]);
      for (const secret of [patientOf(3), "SKIN_00003", folder]) expect(bytes.includes(secret), name).toBe(false);
    }
  },
  HOOK,
);

test(
  "a run trained on a part of its dataset is compared with that part, and its metrics may be against the whole",
  async () => {
    const where = ["site=a"];
    const root = await plant(async (set, at) => {
      await cp(join(folder, "true/real"), join(at, "real"), { recursive: true });
      await edit(
        join(at, "real/metadata.csv"),
        setColumn("site", (row) => (((row - 1) >> 1) % 6 === 0 ? "b" : "a")),
      );
      const audit = await auditForReal(at, where);
      expect([audit.train.n, audit.holdout.n, audit.protocol?.where]).toEqual([50, 50, where]);
      const dataset = { path: join(at, "real"), label: "label", where, hash: audit.train.hash };
      await writeJson(join(at, "run/config.json"), { model: "r3gan", dataset });
      await writeMetrics(join(at, "metrics"), set);
      const everyone = await readDataset(join(at, "real"), { label: "label", where: ["split=train"] });
      const real = { n: everyone.samples.length, hash: await datasetHash(everyone) };
      await forgeMetrics(at, () => ({ real }));
    });
    expect((await whole(root, { metrics: join(root, "metrics") })).removed).toEqual([]);
    await edit(join(root, "run/config.json"), (json) => json.replace("site=a", "site=b"));
    expect(await codes(whole(root))).toContain("other-dataset");
  },
  HOOK,
);

describe("real images among the synthetic ones", () => {
  /** Real training images over generated ones: as they are, as JPEG 70, turned, with an audit that knows nothing of it. */
  const planted = () =>
    plant(async (set, root) => {
      const jpeg = await sharp(await real(4))
        .jpeg({ quality: 70 })
        .toBuffer();
      await writeFile(join(set, VICTIMS[0]!), await real(2));
      await writeFile(join(set, VICTIMS[1]!), await encodePng(await decodePng(await sharp(jpeg).png().toBuffer())));
      await writeFile(
        join(set, VICTIMS[2]!),
        await encodePng(
          await decodePng(
            await sharp(await real(6))
              .rotate(90)
              .png()
              .toBuffer(),
          ),
        ),
      );
      await forgeAudit(root);
    });

  test(
    "without the run: the audit's search is made again, whatever audit.json says",
    async () => {
      const root = await planted();
      const options = { run: undefined, withoutRun: true, train: at("true/real") };
      const error = await failure(whole(root, options));
      const found = error.problems.find(({ code }) => code === "training-image");
      expect(found?.message).toMatch(/^3: "images\/nevus\/000001.png".*audit.json does not name them/);
      // Neither the run nor the training images: nothing is proven, and that is a reason.
      const nothing = { run: undefined, config: FORGER_CONFIG };
      expect(await codes(byRun(root, nothing))).toEqual(["no-run", "no-training"]);
    },
    HOOK,
  );

  test("with the run: another image is drawn", async () => {
    expect(await codes(byRun(await planted()))).toEqual(["not-drawn"]);
  });

  test("put there after the audit: its hash is of other images", async () => {
    const root = await plant(async (set) => writeFile(join(set, VICTIM), await real(2)));
    expect(await codes(byRun(root))).toEqual(["not-drawn", "other-dataset"]);
  });

  test(
    "drawn by a generator that remembers one",
    async () => {
      const root = await plant(async (_, at) => {
        const { data } = await decodePng(await real(2));
        const side = 32;
        const planes = Float32Array.from({ length: 3 * side * side }, (_, i) => {
          const [c, p] = [Math.floor(i / side ** 2), i % side ** 2];
          return data[3 * p + c]! / 127.5 - 1;
        });
        await writeMemorisedGenerator(join(at, "run/generator.onnx"), ["melanoma", "nevus"], { side, planes });
        const run = await openRun(join(at, "run"), { threads: 1 });
        const counts = ["melanoma", "nevus"].map((name) => ({ name, count: 12 }));
        await rename(join(at, "set"), join(at, "old"));
        await generateDataset(run, join(at, "set"), { counts, sampler: { kind: "random" }, seed: 5 });
        await run.close();
        await forgeAudit(at, () => ({ run: { generator: run.generator.hash, differentialPrivacy: null } }));
      });
      const found = await codes(whole(root, { withGenerator: join(root, "run") }));
      expect(found).toContain("training-image");
      expect(found).toContain("generator-file");
      expect(found).not.toContain("not-drawn");
    },
    HOOK,
  );
});

describe("a hidden image in the difference that rounding may make", () => {
  const shifted = (levels: number) =>
    plant(async (set, root) => {
      const [cover, hidden] = await Promise.all([
        decodePng(await readFile(join(set, VICTIM))),
        real(2).then(decodePng),
      ]);
      const data = cover.data.map((value, i) => {
        const up = hidden.data[i]! > 127 ? levels : -levels;
        return value + up < 0 || value + up > 255 ? value - up : value + up;
      });
      await writeFile(join(set, VICTIM), await encodePng({ ...cover, data }));
      await forgeAudit(root);
    });

  test("of two levels is refused, and how far it is is said", async () => {
    const error = await failure(byRun(await shifted(2)));
    expect(error.problems.map(({ code, message }) => [code, message])).toEqual([
      ["not-drawn", expect.stringMatching(/up to 2 levels away, 1 is allowed/)],
    ]);
  });

  test("of one level does not leave: what was drawn again is released", async () => {
    const root = await shifted(1);
    const made = await byRun(root, { out: join(root, "out") });
    expect(made.residual!.max).toBe(1);
    expect(made.residual!.share).toBeCloseTo(1 / 24, 5);
    const pixels = async (path: string) => pixelHash(await decodePng(await readFile(path)));
    expect(await pixels(join(root, "out/data", VICTIM))).toBe(await pixels(at("true/set", VICTIM)));
    expect(await readFile(join(root, "out/README.md"), "utf8")).toMatch(/by one grey level in 4.2 % of the values/);
  });
});

describe("an audit that was edited", () => {
  test(
    "hides that the split leaks: held-out images repeat training images",
    async () => {
      const root = await plant(async (_, at) => {
        await cp(join(folder, "true/real"), join(at, "real"), { recursive: true });
        for (const [from, to] of [
          [2, 70],
          [8, 81],
        ] as const)
          await copyFile(join(at, "real", realName(from)), join(at, "real", realName(to)));
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
      await edit(join(at, "metrics/metrics.json"), (json) => json.replace('"unlike"', '"close"'));
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

describe("what hides in the files of images", () => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(type, 4, "latin1");
    // No reader of ours looks at the sum of a chunk that it does not read.
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };
  /** Puts a chunk behind the header of a PNG. */
  const withChunk = (png: Buffer, type: string, data: Buffer) =>
    Buffer.concat([png.subarray(0, 33), chunk(type, data), png.subarray(33)]);
  const image = (bytes: Buffer) => sharp(bytes);

  test.each<[string, (png: Buffer) => Buffer | Promise<Buffer>]>([
    [
      "EXIF",
      (png) =>
        image(png)
          .withExif({ IFD0: { Artist: "Jane Doe" } })
          .png()
          .toBuffer(),
    ],
    ["a colour profile", (png) => image(png).withIccProfile("srgb").png().toBuffer()],
    ["text", (png) => withChunk(png, "tEXt", Buffer.from("Comment\0Jane Doe"))],
    ["a time", (png) => withChunk(png, "tIME", Buffer.from([7, 178, 1, 2, 3, 4, 5]))],
    ["frames of an animation", (png) => withChunk(png, "acTL", Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))],
    ["bytes after the end", async (png) => Buffer.concat([png, await real(2)])],
    ["transparency", (png) => image(png).ensureAlpha().png().toBuffer()],
    ["a palette", (png) => image(png).png({ palette: true }).toBuffer()],
    ["16 bits", (png) => image(png).toColourspace("rgb16").png().toBuffer()],
    ["another format", (png) => image(png).jpeg({ quality: 100 }).toBuffer()],
  ])("%s", async (_, spoil) => {
    const root = await plant(async (set, at) => {
      await writeFile(join(set, VICTIM), await spoil(await readFile(join(set, VICTIM))));
      await forgeAudit(at);
    });
    expect(await codes(byRun(root))).toContain("image-file");
  });

  test("an image of another size", async () => {
    const root = await plant(async (set, at) => {
      const larger = sharp(await readFile(join(set, VICTIM))).resize(48, 48);
      await writeFile(join(set, VICTIM), await encodePng(await decodePng(await larger.png().toBuffer())));
      await forgeAudit(at);
    });
    expect(await codes(byRun(root))).toEqual(["image-size", "not-drawn"]);
  });
});

test("files beside the images: thumbnails, other letters, copies, parts of the training", async () => {
  const root = await plant(async (set) => {
    await writeFile(join(set, "images/nevus/Thumbs.db"), await real(2));
    await copyFile(join(set, VICTIM), join(set, "images/nevus/000001.PNG"));
    await mkdir(join(set, ".thumbnails"));
    await writeFile(join(set, ".thumbnails/1.png"), await real(2));
    await writeFile(join(set, "cache.npz"), "PK");
  });
  expect(await codes(byRun(root))).toEqual(["hidden-file", "network-file", "unlisted-file"]);
});

describe("people in the table", () => {
  test.each([
    ["a name", "remark", "Jane Doe", /a person's name \(such as J\*\*\* D\*\*\)/],
    ["a name as in DICOM", "operator", "DOE^JANE", /a person's name/],
    ["a number", "remark", "MRN 0012345", /a record number/],
    ["a telephone number", "remark", "+43 1 404 0012", /a telephone number/],
    ["a date of birth", "remark", "2.1.1970", /a date/],
    ["an address", "remark", "12 Main Street", /a postal address/],
    ["an e-mail address", "remark", "jane@example.org", /an e-mail address/],
    ["a report", "remark", "a lesion that grew since last summer on the left arm", /free text/],
  ])("%s, the same in every row", async (_, name, value, words) => {
    const root = await plant((set) =>
      edit(
        join(set, "metadata.csv"),
        setColumn(name, () => `"${value}"`),
      ),
    );
    const config = { ...without, gate: { ...without.gate, columns: [name] } };
    const error = await failure(byRun(root, { config }));
    expect(error.problems).toEqual([
      { code: "identifier", path: `metadata.csv: ${name}`, message: expect.stringMatching(words) },
    ]);
    expect(error.problems[0]!.message).toMatch(/^24 cells hold/);
    expect(error.message).not.toContain(value);
  });

  test("a patient of the training images, which looks like nothing", async () => {
    const root = await plant((set) =>
      edit(
        join(set, "metadata.csv"),
        setColumn("remark", () => `see ${patientOf(5)}`),
      ),
    );
    const gate = { ...without.gate, columns: ["remark"], notIdentifiers: [`see ${patientOf(5)}`] };
    const error = await failure(byRun(root, { config: { ...without, gate }, holdout: at("true/real") }));
    expect(error.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/24 cells hold an identifier of the training images/),
    ]);
  });

  test("usual columns pass", async () => {
    const root = await plant(async (set) => {
      await edit(
        join(set, "metadata.csv"),
        setColumn("sex", (row) => (row % 2 ? "female" : "male")),
      );
      await edit(
        join(set, "metadata.csv"),
        setColumn("age", (row) => String(40 + 5 * (row % 3))),
      );
      await edit(
        join(set, "metadata.csv"),
        setColumn("localization", () => "lower extremity"),
      );
      await edit(
        join(set, "metadata.csv"),
        setColumn("model", () => "r3gan"),
      );
    });
    const gate = { ...without.gate, columns: ["sex", "age", "localization", "model"] };
    expect((await byRun(root, { config: { ...without, gate } })).images).toBe(24);
  });

  test("a class that is a person, and one that is markup", async () => {
    for (const [name, code] of [
      ["Jane Doe", "identifier"],
      ["nevus](https:x) [y", "name"],
    ] as const) {
      const root = await plant(async (set, at) => {
        const folderName = name.replaceAll(" ", "_");
        if (!folderName.includes("/")) await rename(join(set, "images/nevus"), join(set, "images", folderName));
        const renamed = (text: string) => text.replaceAll("images/nevus/", `images/${folderName}/`);
        await edit(join(set, "metadata.csv"), (csv) => renamed(csv).replaceAll(",nevus,", `,${name},`));
        await edit(join(set, "provenance.jsonl"), (lines) =>
          renamed(lines).replaceAll('"class":"nevus"', `"class":"${name}"`),
        );
        await forgeAudit(at);
      });
      expect(await codes(byRun(root, { run: undefined, withoutRun: true })), name).toEqual([code]);
    }
  });

  test("a patient in the config: description, name, concept of DICOM", async () => {
    const code = { value: "1", scheme: "99X", meaning: "Jane Doe" };
    const config = {
      ...without,
      ...{ name: patientOf(5), description: `Images after ${patientOf(7)}.` },
      dicom: { ...without.dicom, classes: { nevus: code } },
    };
    const error = await failure(byRun(at("true"), { config, holdout: at("true/real") }));
    expect(error.problems.map(({ path }) => path)).toEqual([
      "--config: name",
      "--config: description",
      "--config: dicom: nevus",
    ]);
  });
});

describe("a generator that carries something", () => {
  test.each([
    ["weights that nothing reads", async (path: string) => smuggleIntoGenerator(path, { weights: await real(2) })],
    ["words", (path: string) => smuggleIntoGenerator(path, { words: "Jane Doe" })],
  ])("%s", async (_, spoil) => {
    const root = await plant(async (set, at) => {
      const path = join(at, "bare/generator.onnx");
      const before = sha256(await readFile(path));
      await spoil(path);
      const after = sha256(await readFile(path));
      await edit(join(set, "provenance.jsonl"), (lines) => lines.replaceAll(before, after));
      await forgeAudit(at, () => ({ run: { generator: after, differentialPrivacy: null } }));
    });
    // It draws as before: without its release nothing of it leaves.
    expect((await byRun(root)).images).toBe(24);
    expect(await codes(byRun(root, { withGenerator: join(root, "bare") }))).toEqual(["generator-file"]);
  });

  test("a run without its checkpoints cannot show what its generator is", async () => {
    const root = await plant((_, at) => rename(join(at, "bare/checkpoints"), join(at, "gone")));
    expect(await codes(byRun(root, { withGenerator: join(root, "bare") }))).toEqual(["generator-file"]);
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
  const graded = (grade: "noise" | "unlike" | "unknown") =>
    plant(async (set, at) => {
      await writeMetrics(join(at, "metrics"), set);
      await forgeMetrics(at, (metrics) => ({ verdict: { ...metrics.verdict, grade } }));
    });
  const gate = (minGrade: "partial" | null) => ({ ...without, gate: { ...without.gate, minGrade } });

  test("are refused by their grade, with the picture that shows it", async () => {
    const root = await graded("noise");
    const error = await failure(byRun(root, { metrics: join(root, "metrics") }));
    expect(error.problems).toEqual([
      {
        code: "grade",
        path: "metrics.json",
        message: expect.stringMatching(/grade noise, at least unlike .*report.html shows/),
      },
    ]);
    const fog = await graded("unlike");
    expect((await byRun(fog, { metrics: join(fog, "metrics") })).images).toBe(24);
    expect(await codes(byRun(fog, { metrics: join(fog, "metrics"), config: gate("partial") }))).toEqual(["grade"]);
    expect(await codes(byRun(fog, { config: gate("partial") }))).toEqual(["no-metrics"]);
  });

  test("figures of other images do not help", async () => {
    const root = await graded("unlike");
    await forgeMetrics(root, ({ synthetic }) => ({ synthetic: { ...synthetic, hash: "0".repeat(64) } }));
    expect(await codes(byRun(root, { metrics: join(root, "metrics") }))).toEqual(["other-dataset"]);
  });
});
