import { writeFileSync } from "node:fs";
import { cp, mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { listFiles } from "../../core/list-files.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { decodePng, readDataset } from "../../data/index.ts";
import { pngOf } from "../../data/testing/fixtures.ts";
import { writeTestRun } from "../../model/testing/run.ts";
import type { ReleaseOptions } from "../release.ts";
import {
  CONFIG,
  edit,
  PER_CLASS,
  releaseCase,
  writeAudit,
  writeCase,
  writeMapCase,
  writeMetrics,
} from "../testing/case.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const VICTIM = "images/nevus/000003.png";

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeCase(at("noise"));
  await writeMapCase(at("maps"));
  await writeTestRun(at("other-run"), ["melanoma", "nevus"], { seed: 9 });
});

let copies = 0;
/** A copy of a case to plant something in. */
async function plant(of: "noise" | "maps", spoil: (set: string, whole: string) => Promise<unknown>): Promise<string> {
  const whole = at(`planted-${++copies}`);
  await cp(at(of), whole, { recursive: true });
  await spoil(join(whole, "set"), whole);
  return whole;
}

/** Audits a spoilt set anew, so that no other rule than the one under test stands in its way. */
const audited = async (whole: string) => writeAudit(join(whole, "audit"), join(whole, "set"));

const codes = async (whole: string, change: Partial<ReleaseOptions> = {}) => {
  const error = await failure(releaseCase(whole, change));
  expect([error.code, error.exitCode]).toEqual(["refused", 3]);
  for (const { message, code } of error.problems) expect(error.message).toContain(`${message} [${code}]`);
  return error.problems.map(({ code }) => code).sort();
};

const table = (set: string, change: (csv: string) => string) => edit(join(set, "metadata.csv"), change);
const records = (set: string, change: (lines: string) => string) => edit(join(set, "provenance.jsonl"), change);
/** Adds a column with a value for each row. */
const column = (name: string, value: (row: number) => string) => (csv: string) =>
  csv
    .trimEnd()
    .split("\n")
    .map((line, i) => `${line},${i === 0 ? name : value(i)}\n`)
    .join("");

test("an untouched set passes, of both models, drawn again too", async () => {
  for (const of of ["noise", "maps"]) {
    const made = await releaseCase(at(of), { run: at(of, "run") });
    expect([made.images, made.folder]).toEqual([2 * PER_CLASS, null]);
  }
});

describe("the run that drew the images", () => {
  test("is asked for: without it nothing leaves, unless its absence is stated", async () => {
    expect(await codes(at("noise"), { withoutRun: false })).toEqual(["no-run"]);
    const error = await failure(releaseCase(at("noise"), { withoutRun: false }));
    expect(error.message).toMatch(/give --run RUN, .* or --without-run/);
    expect((await releaseCase(at("noise"), { withoutRun: true })).images).toBe(2 * PER_CLASS);
  });

  test("and its absence exclude each other", async () => {
    for (const name of ["run", "withGenerator"] as const) {
      const error = await failure(releaseCase(at("noise"), { withoutRun: true, [name]: at("noise/run") }));
      expect([error.code, error.exitCode]).toEqual(["usage", 2]);
    }
  });
});

describe("nothing real gets in", () => {
  test("rows that say they are real, or say nothing", async () => {
    for (const said of ["0", "", "no"]) {
      const whole = await plant("noise", (set) =>
        table(set, (csv) => csv.replace("000003.png,nevus,1", `000003.png,nevus,${said}`)),
      );
      expect(await codes(whole)).toEqual(["real-image"]);
    }
    const silent = await plant("noise", (set) => table(set, (csv) => csv.replaceAll(/,(synthetic|1)$/gm, "")));
    expect(await codes(silent)).toEqual(["real-image"]);
  });

  test("an image in the place of another: the audit is of another set", async () => {
    const whole = await plant("noise", async (set) => writeFile(join(set, VICTIM), await pngOf(3)));
    expect(await codes(whole)).toEqual(["other-dataset"]);
  });

  test("the same, audited: drawn again it is another picture", async () => {
    for (const of of ["noise", "maps"] as const) {
      const whole = await plant(of, async (set) => {
        const size = of === "noise" ? 8 : 16;
        await writeFile(join(set, VICTIM), await pngOf(3, size, size));
      });
      await audited(whole);
      expect((await releaseCase(whole)).notes[0]).toMatch(/were not drawn again/);
      expect(await codes(whole, { run: join(whole, "run") })).toEqual(["not-drawn"]);
      // The painter of maps has no weights and so no checkpoint: it cannot be shown to be a generator and nothing else.
      const released = of === "noise" ? ["not-drawn"] : ["generator-file", "not-drawn"];
      expect(await codes(whole, { withGenerator: join(whole, "run") })).toEqual(released);
    }
  });

  test("a row with an image that no record names", async () => {
    const whole = await plant("noise", async (set) => {
      await writeFile(join(set, "images/nevus/000009.png"), await pngOf(3));
      await table(set, (csv) => `${csv}images/nevus/000009.png,nevus,1\n`);
    });
    await audited(whole);
    expect(await codes(whole)).toEqual(["no-provenance"]);
  });

  test("no provenance, a damaged one, or one that names an image twice", async () => {
    const none = await plant("noise", (set) => rename(join(set, "provenance.jsonl"), join(set, "coco.json")));
    expect(await codes(none)).toEqual(["no-provenance"]);
    const damaged = await plant("noise", (set) =>
      records(set, (lines) => lines.replace(/"generator":"[0-9a-f]+"/, '"generator":"me"')),
    );
    expect(await codes(damaged)).toEqual(["provenance"]);
    const twice = await plant("noise", (set) => records(set, (lines) => `${lines}${lines.split("\n")[0]}\n`));
    expect(await codes(twice)).toEqual(["provenance-twice"]);
  });

  test("links to images elsewhere", async () => {
    const whole = await plant("noise", async (set, root) => {
      await rename(join(set, VICTIM), join(root, "elsewhere.png"));
      await symlink(join(root, "elsewhere.png"), join(set, VICTIM));
    });
    expect(await codes(whole)).toEqual(["link"]);
  });

  test("files that nobody lists, hidden ones, and networks", async () => {
    const whole = await plant("noise", async (set) => {
      await writeFile(join(set, "images/nevus/000099.png"), await pngOf(3));
      await writeFile(join(set, ".notes"), "patient 7");
      await mkdir(join(set, ".cache"));
      await writeFile(join(set, ".cache/packed"), "x");
      await writeFile(join(set, "best.safetensors"), "weights");
      await writeFile(join(set, "generator.onnx"), "weights");
    });
    expect(await codes(whole)).toEqual(["hidden-file", "network-file", "unlisted-file"]);
  });

  test("what hides in the file of an image", async () => {
    const whole = await plant("noise", async (set) => {
      const pixels = await decodePng(await readFile(join(set, VICTIM)));
      const png = sharp(pixels.data, { raw: { width: 8, height: 8, channels: 3 } })
        .withExif({ IFD0: { ImageDescription: "Jane Doe, born 1970-01-01" } })
        .png();
      await writeFile(join(set, VICTIM), Buffer.concat([await png.toBuffer(), Buffer.from("trailing Jane Doe")]));
    });
    await audited(whole);
    expect(await codes(whole)).toEqual(["image-file"]);
    expect((await failure(releaseCase(whole))).message).toMatch(/000003.png \(eXIf, bytes after the image\)/);
  });

  test("a photograph as a mask, a mask of another image, a mask changed", async () => {
    const mask = "masks/nevus/000003.png";
    const grey = await plant("maps", async (set) => writeFile(join(set, mask), await pngOf(3, 16, 16, 1)));
    expect(await codes(grey)).toEqual(["mask"]);
    const other = await plant("maps", (set) => cp(join(set, "masks/nevus/000001.png"), join(set, mask)));
    expect(await codes(other)).toEqual(["mask"]);
    const twice = await plant("maps", (set) => table(set, (csv) => csv.replace(mask, "masks/nevus/000001.png")));
    expect(await codes(twice)).toEqual(["file-name", "mask", "unlisted-file"]);
  });
});

describe("nothing of a person gets in", () => {
  test.each([
    ["patient_id", "patient-column"],
    ["split", "split-column"],
    ["StudyDate", "identity-column"],
    ["Accession Number", "identity-column"],
    ["source", "identity-column"],
    ["age", "unknown-column"],
  ])("column %s", async (name, code) => {
    const whole = await plant("noise", (set) =>
      table(
        set,
        column(name, (row) => `v${row % 2}`),
      ),
    );
    expect(await codes(whole)).toEqual([code]);
    const config = { ...CONFIG, gate: { ...CONFIG.gate, columns: [name] } };
    if (code !== "unknown-column") expect(await codes(whole, { config })).toEqual([code]);
    else expect((await releaseCase(whole, { config })).images).toBe(2 * PER_CLASS);
  });

  test("a column that the config allows and that tells every image from all others", async () => {
    const whole = await plant("noise", (set) =>
      table(
        set,
        column("remark", (row) => `v${row}`),
      ),
    );
    const config = { ...CONFIG, gate: { ...CONFIG.gate, columns: ["remark"] } };
    expect(await codes(whole, { config })).toEqual(["identity-column"]);
  });

  test("a patient in the place of the class, and a class column that is called otherwise", async () => {
    const label = await plant("noise", (set) =>
      table(set, (csv) => csv.replace("000003.png,nevus", "000003.png,Jane Doe")),
    );
    await audited(label);
    expect(await codes(label)).toEqual(["few-images", "file-name", "identifier", "label"]);
    const called = await plant("noise", async (set) => {
      await table(set, (csv) => csv.replace("label", "patient"));
      await edit(join(set, "dataset.json"), (json) => json.replace('"label": "label"', '"label": "patient"'));
    });
    expect(await codes(called)).toEqual(["identity-column"]);
  });

  test("a file called after a patient", async () => {
    const whole = await plant("noise", async (set) => {
      await rename(join(set, VICTIM), join(set, "images/nevus/jane-doe.png"));
      await table(set, (csv) => csv.replace(VICTIM, "images/nevus/jane-doe.png"));
      await records(set, (lines) => lines.replace(VICTIM, "images/nevus/jane-doe.png"));
    });
    await audited(whole);
    expect(await codes(whole)).toEqual(["file-name"]);
  });

  test("words in the cells of a map, and in the notes of the set", async () => {
    const cells = await plant("maps", (set) => table(set, (csv) => csv.replace(/(000003\.png,nevus,1,)\d/, "$1Jane")));
    expect(await codes(cells)).toEqual(["cell", "identifier"]);
    const notes = await plant("noise", (set) =>
      edit(join(set, "dataset.json"), (json) => json.replace("Every image", "Jane Doe. Every image")),
    );
    await releaseCase(notes, { out: join(notes, "out") });
    for (const { name } of await listFiles(join(notes, "out"))) {
      expect((await readFile(join(notes, "out", name))).includes("Jane Doe"), name).toBe(false);
    }
  });
});

test("words in the records of images", async () => {
  const sampler = await plant("noise", (set) => records(set, (lines) => lines.replace('"random"', '"of Jane Doe"')));
  expect(await codes(sampler)).toEqual(["record"]);
  const as = (sampler: string, name: string) =>
    plant("noise", (set) =>
      records(set, (lines) => lines.replace('"sampler":"random"', `"drawn_as":"${name}","sampler":"${sampler}"`)),
    );
  expect(await codes(await as("relabel", "Jane Doe"))).toContain("record");
  expect(await codes(await as("random", "nevus"))).toContain("record");
  const told = await as("relabel", "nevus");
  await releaseCase(told, { out: join(told, "out") });
  const written = async (name: string) => readFile(join(told, "out", name), "utf8");
  expect(JSON.parse(await written("provenance.json")).images[0]).toMatchObject({
    sampler: "relabel",
    drawn_as: "nevus",
  });
  expect(await written("README.md")).toContain("takes the image for");
  const cells = await plant("maps", async (set) => {
    await records(set, (lines) => lines.replace('"map":', '"columns":{"remark":"Jane Doe"},"map":'));
    await table(
      set,
      column("remark", (row) => (row === 1 ? "Jane Doe" : "")),
    );
  });
  expect(await codes(cells)).toEqual(["identifier", "record"]);
});

describe("evidence is of these images", () => {
  test("an audit or figures of another set", async () => {
    const whole = await plant("noise", async (set, root) => {
      await writeAudit(join(root, "audit"), at("maps/set"));
      await writeMetrics(join(root, "metrics"), at("maps/set"));
      await readDataset(set);
    });
    expect(await codes(whole, { metrics: join(whole, "metrics") })).toEqual(["other-dataset", "other-dataset"]);
  });

  test("an audit of another generator, another generator to release, images of two generators", async () => {
    const run = { generator: "a".repeat(64), differentialPrivacy: null };
    const whole = await plant("noise", (set, root) => writeAudit(join(root, "audit"), set, { run }));
    expect(await codes(whole)).toEqual(["generators"]);
    expect(await codes(at("noise"), { withGenerator: at("other-run") })).toEqual(["generators", "other-generator"]);
    const mixed = await plant("noise", (set) =>
      records(set, (lines) => lines.replace(/"generator":"[0-9a-f]{64}"/, `"generator":"${"b".repeat(64)}"`)),
    );
    expect(await codes(mixed)).toEqual(["generators"]);
  });

  test("an audit against other images than the run was trained on", async () => {
    const whole = await plant("noise", (_, root) =>
      writeFile(join(root, "run/config.json"), '{"dataset":{"hash":"f00"}}'),
    );
    expect(await codes(whole, { run: join(whole, "run") })).toEqual(["other-training"]);
    const config = { ...CONFIG, gate: { ...CONFIG.gate, sameTraining: false } };
    expect((await releaseCase(whole, { run: join(whole, "run"), config })).images).toBe(2 * PER_CLASS);
  });

  test("copies that are not in the set", async () => {
    const copy = {
      synthetic: "images/nevus/000077.png",
      train: "x.png",
      space: "pixel",
      transform: "none",
      distance: 0,
      threshold: 1,
    };
    const whole = await plant("noise", (set, root) => writeAudit(join(root, "audit"), set, { copies: [copy] }));
    expect(await codes(whole)).toEqual(["stale-audit"]);
  });

  test("a set that is no folder of generate", async () => {
    const whole = await plant("noise", (set) => rename(join(set, "metadata.csv"), join(set, "..", "gone.csv")));
    const error = await failure(releaseCase(whole));
    expect(error.exitCode).not.toBe(0);
  });
});

test("all reasons are said at once", async () => {
  const whole = await plant("noise", async (set, root) => {
    await table(
      set,
      column("patient_id", (row) => `p${row}`),
    );
    await table(set, (csv) => csv.replace("000003.png,nevus,1", "000003.png,nevus,0"));
    await writeFile(join(set, ".hidden"), "x");
    await writeAudit(join(root, "audit"), set, { tests: [] });
  });
  expect(await codes(whole)).toEqual(["hidden-file", "missing-test", "missing-test", "patient-column", "real-image"]);
});

test("an image that is changed between the look and the writing is not written", async () => {
  const whole = await plant("noise", async () => undefined);
  const other = await pngOf(5);
  const error = await failure(
    releaseCase(whole, {
      out: join(whole, "out"),
      onProgress: ({ stage, done, total }) => {
        if (stage === "look at images" && done === total) writeFileSync(join(whole, "set", VICTIM), other);
      },
    }),
  );
  expect([error.code, error.message]).toEqual(["refused", expect.stringMatching(/000003.png was changed while/)]);
  expect((await listFiles(whole)).filter(({ name }) => /out|tmp/.test(name))).toEqual([]);
});
