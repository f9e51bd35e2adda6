import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { CONFIG, releaseCase, writeAudit, writeCase } from "../testing/case.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
/** Of the training images of the invented audit. */
const OWN = "0".repeat(64);

const origin = (change: object = {}, data: object = {}) => ({
  ...{ name: null, weights: "ab".repeat(32), model: "r3gan", resolution: 8, channels: 3, imagesSeen: 5000 },
  license: "CC-BY-4.0",
  data: { title: null, hash: "f".repeat(64), images: 1234, classes: ["melanoma", "nevus"], ...data },
  ...change,
});
const begunFrom = (...origins: object[]) =>
  writeFile(at("run/config.json"), JSON.stringify({ dataset: { hash: OWN }, start: { origins } }));

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeCase(folder);
});

const options = () => ({ run: at("run"), license: "CC0-1.0" });
const refusal = async () => {
  const error = await failure(releaseCase(folder, options()));
  return error.problems.map(({ code, message }) => `${code}: ${message}`);
};

test("a start that learned from images which nobody compared is refused, with what is known of it", async () => {
  await begunFrom(origin());
  expect(await refusal()).toEqual([
    expect.stringMatching(/^start-data: .*\(abababababab…, licence CC-BY-4\.0\).* 1,234 images .*"start-data" in/),
  ]);
  await begunFrom(origin({}, { hash: null, images: null }));
  expect(await refusal()).toEqual([expect.stringMatching(/an unknown number of images that nothing here/)]);
});

test("so is the start of a start", async () => {
  await begunFrom(origin({}, { hash: OWN }), origin({ weights: "cd".repeat(32) }));
  expect(await refusal()).toEqual([expect.stringMatching(/^start-data: .*cdcdcdcdcdcd/)]);
});

test("and one that only the audit names", async () => {
  await writeFile(at("run/config.json"), JSON.stringify({ dataset: { hash: OWN } }));
  const run = { generator: "a".repeat(64), differentialPrivacy: null, startedFrom: [origin()] };
  await writeAudit(at("audit"), at("set"), { run } as object);
  expect(await refusal()).toEqual([expect.stringMatching(/^generators/), expect.stringMatching(/^start-data/)]);
  await writeAudit(at("audit"), at("set"));
});

test("words of a person in its licence are refused", async () => {
  await begunFrom(origin({ license: "ask Jane Doe, born 1970-01-01" }, { hash: "e".repeat(64) }));
  expect((await refusal()).map((text) => text.split(":")[0])).toEqual(["start-data", "identifier"]);
});

test("one that learned from the run's own images passes, and the card shows the chain", async () => {
  await begunFrom(origin({}, { hash: OWN }));
  await releaseCase(folder, { ...options(), out: at("released") });
  const card = await readFile(at("released/README.md"), "utf8");
  expect(card).toContain("## Starting point");
  expect(card).toMatch(/abababababab… \| 8 px, 5,000 images seen \| 1,234 images of melanoma, nevus \| CC-BY-4\.0/);
});

test("an accepted one is stated on the card", async () => {
  await begunFrom(origin());
  const config = { ...CONFIG, gate: { ...CONFIG.gate, acceptWarnings: ["start-data" as const] } };
  await releaseCase(folder, { ...options(), config, out: at("accepted") });
  const card = await readFile(at("accepted/README.md"), "utf8");
  expect(card).toMatch(/\*\*Accepted: The generator began from other networks \(abababababab…/);
});
