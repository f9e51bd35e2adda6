import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { fromHalf, readCheckpoint, toHalf } from "../src/model/index.ts";
import { writePhantom } from "../src/phantom/index.ts";
import { openStart } from "../src/train/start/open-start.ts";
import { weightsHash } from "../src/train/start/start.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const ganglion = (...argv: string[]) => callProgram(argv);
const small = ["--batch", "8", "--threads", "1", "--quiet"];

/** Packs a run with the script, as a person does. */
const pack = (run: string, name: string, ...more: string[]) =>
  promisify(execFile)(
    process.execPath,
    [
      ...["scripts/pack-start.mjs", run, name, "--out", at("starts", name), "--about", "Drawn spots."],
      ...["--title", "Phantom, CC0", "--attribution", "Nobody.", "--command", "ganglion train set", ...more],
    ],
    { cwd: root },
  );
const startFile = (name: string) => JSON.parse(readFileSync(at("starts", name, "start.json"), "utf8"));

/** Images that the run was trained on. */
const trained = (): number => {
  const { counts } = JSON.parse(readFileSync(at("run/config.json"), "utf8")).dataset;
  return counts.reduce((a: number, b: number) => a + b, 0);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganglion-starts-"));
  await writePhantom(at("set"), { count: 24, size: 16 });
  const words = ["--preset", "tiny", "--resolution", "8", "--license", "CC0-1.0", "--images", "16"];
  const made = await ganglion("train", at("set"), "--out", at("run"), ...small, ...words);
  expect([made.code, made.err]).toEqual([0, ""]);
  await pack(at("run"), "spots-8");
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a packed start", () => {
  test("holds averaged weights and discriminator in half precision, a picture, and what is known of it", async () => {
    const best = await readCheckpoint(at("run/checkpoints/best.safetensors"));
    const file = startFile("spots-8");
    const rounded = fromHalf(toHalf(best.state.average));
    expect(file.origins[0]).toMatchObject({
      ...{ name: "spots-8", license: "CC0-1.0", resolution: 8, weights: weightsHash(rounded) },
      data: { title: "Phantom, CC0", images: trained() },
    });
    expect(file.rounding.most).toBeLessThanOrEqual(2);
    const weights = 2 * (best.state.average.length + best.state.discriminator.length);
    const { size } = statSync(at("starts/spots-8/weights.safetensors"));
    expect(size).toBeGreaterThan(weights);
    expect(size).toBeLessThan(weights + 10_000);
    expect(readFileSync(at("starts/spots-8/grid.png")).subarray(1, 4).toString()).toBe("PNG");
  });

  test("is listed and described", async () => {
    const list = await ganglion("starts", "--in", at("starts"));
    expect(list).toMatchObject({ code: 0, err: "" });
    expect(list.out).toMatch(
      /^spots-8 +Drawn spots\. \(r3gan, 8 px, colour, \d+ images seen, CC0-1\.0\)\nNext: +ganglion starts spots-8 --in \S+\n$/,
    );
    const one = await ganglion("starts", "spots-8", "--in", at("starts"));
    for (const text of [
      "Credit:    Nobody.",
      "no audit was made",
      `Phantom, CC0, ${trained()} images, CC0-1.0`,
      "grid.png",
    ])
      expect(one.out).toContain(text);
    const { out } = await ganglion("starts", "spots-8", "--in", at("starts"), "--json");
    expect(JSON.parse(out)).toMatchObject(startFile("spots-8"));
    const none = await ganglion("starts", "spots", "--in", at("starts"));
    expect([none.code, none.err]).toEqual([2, expect.stringMatching(/spots: there is no such start .*; use spots-8/)]);
    const empty = await ganglion("starts", "--in", at("set"));
    expect([empty.code, empty.out]).toEqual([0, expect.stringMatching(/^there are no starts in /)]);
  });

  test("is listed beside damaged ones, which are named", async () => {
    const folder = at("some damaged");
    for (const name of ["whole", "no json", "other words", "of a later version"])
      cpSync(at("starts/spots-8"), join(folder, name), { recursive: true });
    mkdirSync(join(folder, "no start at all"));
    writeFileSync(join(folder, "no json/start.json"), "<html>");
    writeFileSync(join(folder, "other words/start.json"), JSON.stringify({ name: 5 }));
    const { rounding, ...rest } = startFile("spots-8");
    writeFileSync(join(folder, "of a later version/start.json"), JSON.stringify(rest));
    const { code, out, err } = await ganglion("starts", "--in", folder);
    expect([code, out.trimEnd().split("\n")]).toEqual([
      0,
      [expect.stringMatching(/^spots-8 /), expect.stringMatching(/^Next: +ganglion starts spots-8 --in '/)],
    ]);
    const lines = err.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    for (const [i, name] of ["no json", "of a later version", "other words"].entries())
      expect(lines[i]).toMatch(new RegExp(`${name}/start\\.json.*this start is left out`));
    const one = await ganglion("starts", "other words", "--in", folder);
    expect([one.code, one.err]).toEqual([1, expect.stringMatching(/describes no start of this version \(/)]);
  });

  test("is begun from, with its discriminator or without", async () => {
    const from = (start: string, out: string) =>
      ganglion("train", at("set"), "--out", at(out), "--from", at("starts", start), ...small, "--images", "8");
    expect(await from("spots-8", "with")).toMatchObject({ code: 0, err: "" });
    const best = await readCheckpoint(at("run/checkpoints/best.safetensors"));
    const first = await readCheckpoint(at("with/checkpoints/000000000.safetensors"));
    for (const name of ["average", "discriminator"])
      expect(first.state[name], name).toEqual(fromHalf(toHalf(best.state[name]!)));
    expect(first.state.generator).toEqual(first.state.average);
    const config = JSON.parse(readFileSync(at("with/config.json"), "utf8"));
    expect(config.start.origins).toEqual(startFile("spots-8").origins);
    expect(config.recipe.fineTune.holdImages).toBe(0);
    await pack(at("run"), "alone", "--without-discriminator");
    expect(await from("alone", "without")).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(readFileSync(at("without/config.json"), "utf8")).recipe.fineTune.holdImages).toBe(2000);
  }, 180_000);

  const spoilt: [string, RegExp, (path: string) => void][] = [
    [
      "other weights",
      /weights\.safetensors is not as it was made/,
      (path) => {
        const bytes = readFileSync(join(path, "weights.safetensors"));
        bytes[bytes.length - 9]! ^= 1;
        writeFileSync(join(path, "weights.safetensors"), bytes);
      },
    ],
    [
      "other words",
      /describes no start of this version \(origins/,
      (path) =>
        writeFileSync(join(path, "start.json"), JSON.stringify({ ...startFile("spots-8"), origins: [{ name: 5 }] })),
    ],
    [
      "other networks",
      /its weights are of other networks/,
      (path) => {
        const file = startFile("spots-8");
        writeFileSync(join(path, "start.json"), JSON.stringify({ ...file, networks: { ...file.networks, code: 7 } }));
      },
    ],
    ["nothing in it", /ENOENT|no such file|not there/, (path) => rmSync(join(path, "weights.safetensors"))],
  ];
  test.each(spoilt)("with %s is refused in one line", async (kind, message, spoil) => {
    const path = at(`spoilt ${kind}`);
    cpSync(at("starts/spots-8"), path, { recursive: true });
    spoil(path);
    const { code, err } = await ganglion("train", at("set"), "--out", at("none"), "--from", path, ...small);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(existsSync(at("none"))).toBe(false);
  });

  test("of an audit of another run is not packed", async () => {
    mkdirSync(at("audit"));
    writeFileSync(at("audit/audit.json"), JSON.stringify({ run: { generator: "0" }, train: { hash: "1" } }));
    await expect(pack(at("run"), "wrong", "--audit", at("audit"))).rejects.toThrow(/the audit is not of/);
    expect(existsSync(at("starts/wrong"))).toBe(false);
  });
});

describe("the starts of the package", () => {
  const shipped = readdirSync(join(root, "starts"));

  test("are whole, audited, credited, and 25 MB at most together", async () => {
    const { code, out, err } = await ganglion("starts", "--json");
    expect([code, err]).toEqual([0, ""]);
    const { starts } = JSON.parse(out);
    expect(starts.map(({ name }: { name: string }) => name)).toEqual(shipped);
    for (const { name, audit, quality, attribution, origins } of starts) {
      expect(
        [audit?.train, audit?.holdout, audit?.synthetic].every((n) => n > 0),
        name,
      ).toBe(true);
      expect(quality?.sentence, name).toContain("synthetic images");
      expect(attribution, name).not.toBe("");
      for (const { license, data } of origins) expect([license, data.title].includes(""), name).toBe(false);
      expect(origins[0].name).toBe(name);
      expect((await openStart(name)).discriminator, name).not.toBeNull();
    }
    const files = shipped.flatMap((name) => readdirSync(join(root, "starts", name)).map((file) => join(name, file)));
    const bytes = files.reduce((sum, file) => sum + statSync(join(root, "starts", file)).size, 0);
    expect(bytes).toBeLessThan(25e6);
    expect(bytes).toBeGreaterThan(1e6);
  });

  test("hold one for the demo, which begins from it", async () => {
    const words = ["--out", at("demo"), "--count", "200", "--minutes", "0.02", "--json"];
    const { code, out } = await ganglion("demo", ...words);
    expect(code).toBe(0);
    expect(JSON.parse(out).training.outcome).toBe("complete");
    const { start } = JSON.parse(readFileSync(at("demo/run/config.json"), "utf8"));
    expect(start.origins[0]).toMatchObject({ name: "phantom-32", license: "MIT" });
    expect(start.classes).toHaveLength(7);
    expect(start.classes).not.toContain(null);
  }, 300_000);
});
