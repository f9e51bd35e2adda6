import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../core/hash.ts";
import { failure } from "../../core/testing/fixtures.ts";
import { smuggleIntoGenerator } from "../../model/testing/forge-generator.ts";
import { edit } from "../testing/case.ts";
import { patientOf } from "../testing/forger-case.ts";
import { at, byRun, codes, forgeAudit, plant, real, setColumn, useForgerCase, without } from "../testing/forgery.ts";

useForgerCase();

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
