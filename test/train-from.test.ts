import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { Rng } from "../src/core/rng.ts";
import { encodePng, type RawImage } from "../src/data/index.ts";
import { type Checkpoint, readCheckpoint, readGeneratorFile, splitFlat, stateLayouts } from "../src/model/index.ts";
import { weightsHash } from "../src/train/start/start.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const ganglion = (...argv: string[]) => callProgram(argv);
const small = ["--batch", "8", "--threads", "1"];

/** A set of spots whose grey level is the class; of two images a class there are as many classes as asked for. */
async function writeSpots(path: string, classes: readonly string[], channels: 1 | 3, perClass = 6): Promise<void> {
  const images = classes.flatMap((label, c) =>
    Array.from({ length: perClass }, (_, i) => {
      const rng = new Rng(11, label, i);
      const data = new Uint8Array(16 * 16 * channels).map(() => 40 + 60 * c + Math.floor(40 * rng.uniform()));
      const image: RawImage = { width: 16, height: 16, channels, data };
      return { label, image };
    }),
  );
  await writeFilesOf(path, images);
}

async function writeFilesOf(path: string, images: readonly { label: string; image: RawImage }[]): Promise<void> {
  for (const [i, { label, image }] of images.entries()) {
    mkdirSync(join(path, label), { recursive: true });
    writeFileSync(join(path, label, `${i}.png`), await encodePng(image));
  }
}

const config = (run: string) => JSON.parse(readFileSync(at(run, "config.json"), "utf8"));
const state = (run: string, name: string) => readCheckpoint(at(run, "checkpoints", `${name}.safetensors`));
const weightsOf = ({ architecture, state: vectors }: Checkpoint, name: string) =>
  splitFlat(stateLayouts(architecture)[name]!, vectors[name]!);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ganglion-from-"));
  await writeSpots(at("colour"), ["melanoma", "nevus"], 3);
  await writeSpots(at("other"), ["nv", "melanoma", "vasc"], 3);
  await writeSpots(at("grey"), ["melanoma", "nevus"], 1);
  const shared = [...small, "--preset", "tiny", "--quiet"];
  const size = ["--resolution", "8"];
  const made = await ganglion(
    ...["train", at("colour"), "--out", at("start"), ...shared, ...size, "--images", "24", "--license", "CC0-1.0"],
  );
  expect([made.code, made.err]).toEqual([0, ""]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const from = (set: string, out: string, ...more: string[]) =>
  ganglion("train", at(set), "--out", at(out), "--from", at("start"), ...small, ...more);

describe("a training from a run", () => {
  test("begins with its weights, says what was taken over, and keeps what the start learned from", async () => {
    const { code, err } = await from("other", "finer", "--images", "16", "--from-class", "nv=nevus");
    expect([code, err]).toEqual([0, err]);
    expect(err).toMatch(/begins from .*start: 8 px, \d+ images seen, licence CC0-1\.0/);
    expect(err).toMatch(/generator: 1\d weights copied, 1 fitted \(embedding\)\n/);
    expect(err).toMatch(/discriminator: 1\d weights copied, 1 fitted \(projection\)\n/);
    expect(err).toMatch(/classes: melanoma, nv \(as nevus\), vasc \(new: the mean of 2\)/);
    const [begun, best] = [await state("finer", "000000000"), await state("start", "best")];
    for (const name of ["generator", "average", "discriminator"]) {
      const [now, before] = [weightsOf(begun, name), weightsOf(best, name)];
      for (const key of Object.keys(before).filter((each) => !/embedding|projection/.test(each)))
        expect(now[key], `${name} ${key}`).toEqual(before[key]);
    }
    expect(begun.state.generatorSecond!.every((x) => x === 0)).toBe(true);
    const { start, networks, dataset } = config("finer");
    expect(networks).toEqual(config("start").networks);
    expect(start.classes).toEqual(
      dataset.classes.map((c: string) => ({ nv: "nevus", melanoma: "melanoma" })[c] ?? null),
    );
    expect(start.origins).toEqual([
      expect.objectContaining({
        license: "CC0-1.0",
        resolution: 8,
        // Of 12 images two are held out.
        data: { title: null, hash: config("start").dataset.hash, images: 10, classes: ["melanoma", "nevus"] },
      }),
    ]);
    expect(start.origins[0].weights).toMatch(/^[0-9a-f]{64}$/);
  }, 180_000);

  test("goes on bit for bit, and can be begun from in turn: the chain grows", async () => {
    const whole = await from("other", "whole", "--images", "32", "--quiet");
    const half = await from("other", "half", "--images", "16", "--quiet");
    expect([whole.code, half.code]).toEqual([0, 0]);
    const resumed = await ganglion("train", at("other"), "--out", at("half"), "--resume", "--images", "32", "--quiet");
    expect([resumed.code, resumed.err]).toEqual([0, ""]);
    expect((await state("half", "000000032")).state).toEqual((await state("whole", "000000032")).state);
    const third = await ganglion(
      ...["train", at("colour"), "--out", at("third"), "--from", at("half"), "--from-license", "CC-BY-4.0", ...small],
      ...["--images", "8", "--quiet"],
    );
    expect([third.code, third.err]).toEqual([0, ""]);
    const licenses = config("third").start.origins.map(({ license }: { license: string }) => license);
    expect(licenses).toEqual(["CC-BY-4.0", "CC0-1.0"]);
  }, 180_000);

  test("can be stopped before its first state", async () => {
    expect((await from("other", "early", "--images", "8", "--quiet")).code).toBe(0);
    const first = await state("early", "000000000");
    rmSync(at("early", "checkpoints"), { recursive: true });
    const again = await ganglion("train", at("other"), "--out", at("early"), "--resume", "--images", "8", "--quiet");
    expect([again.code, again.err]).toEqual([0, ""]);
    expect((await state("early", "000000000")).state).toEqual(first.state);
  }, 180_000);

  test.each([
    ["grey images", ["grey"], /generator: 1\d weights copied, 2 fitted \(image\)/],
    ["twice the resolution", ["colour", "--resolution", "16"], /new \(stage2\.noise, stage2\.block0\.first/],
    ["a longer code", ["colour", "--set", "networks.code=80"], /1 fitted \(seed\)/],
    ["D's first layers frozen", ["colour", "--set", "fineTune.freeze=1"], /discriminator: .*, [2-9] frozen/],
  ])(
    "to %s",
    async (kind, [set, ...more], said) => {
      const { code, err } = await from(set!, `to ${kind}`, "--images", "16", ...more);
      expect([code, err]).toEqual([0, err]);
      expect(err).toMatch(said);
      const [begun, end] = [await state(`to ${kind}`, "000000000"), await state(`to ${kind}`, "000000016")];
      const [first, last] = [weightsOf(begun, "discriminator"), weightsOf(end, "discriminator")];
      const still = Object.keys(first).filter((name) => first[name]!.every((x, i) => x === last[name]![i]));
      const names = ["image.weight", "image.bias", "stage1.block0.first.weight", "stage1.shortcut.weight"];
      for (const name of names)
        if (name in first) expect([name, still.includes(name)]).toEqual([name, kind.includes("frozen")]);
      expect(still).not.toContain("features.weight");
    },
    60_000,
  );
});

describe("a training from a generator file", () => {
  test("begins with its weights, holds G while a new D learns, and leaves a file that names the chain", async () => {
    const file = at("start", "generator.onnx");
    const words = ["--out", at("from-file"), "--from", file, ...small, "--set", "fineTune.holdImages=16"];
    const { code, err } = await ganglion("train", at("colour"), ...words, "--images", "16");
    expect([code, err]).toEqual([0, err]);
    expect(err).toMatch(/discriminator: the start has none, a new one learns first/);
    const [begun, held, best] = [
      await state("from-file", "000000000"),
      await state("from-file", "000000016"),
      await state("start", "best"),
    ];
    expect(begun.state.average).toEqual(best.state.average);
    expect(begun.state.generator).toEqual(best.state.average);
    expect(held.state.generator).toEqual(begun.state.generator);
    expect(held.state.discriminator).not.toEqual(begun.state.discriminator);
    const more = ["--out", at("from-file"), "--resume", "--images", "24", "--quiet"];
    expect((await ganglion("train", at("colour"), ...more)).code).toBe(0);
    expect((await state("from-file", "000000024")).state.generator).not.toEqual(begun.state.generator);
    const [origin] = config("from-file").start.origins;
    expect(origin).toMatchObject({ license: "CC0-1.0", data: { hash: null, images: null } });
    expect(origin.weights).toBe(weightsHash(best.state.average));
    expect((await readGeneratorFile(at("from-file", "generator.onnx"))).description.startedFrom).toEqual([origin]);
    // The file of a run that began from none says nothing of a start.
    expect((await readGeneratorFile(file)).description.startedFrom).toBeUndefined();
  }, 180_000);

  test("of networks of no preset is refused, and so is a damaged file and one of another kind", async () => {
    const made = await ganglion(
      ...["train", at("colour"), "--out", at("odd"), ...small, "--preset", "tiny", "--resolution", "8", "--quiet"],
      ...["--images", "8", "--license", "CC0-1.0", "--set", "networks.embedding=5"],
    );
    expect([made.code, made.err]).toEqual([0, ""]);
    const bytes = readFileSync(at("start", "generator.onnx"));
    bytes[5000]! ^= 1;
    writeFileSync(at("damaged.onnx"), bytes);
    writeFileSync(at("text.onnx"), "these are no networks");
    const cases: [string, number, RegExp][] = [
      [at("odd", "generator.onnx"), 2, /its networks are those of no preset/],
      [at("damaged.onnx"), 1, /damaged\.onnx is damaged: its content does not match its checksum/],
      [at("text.onnx"), 1, /ONNX model/],
    ];
    for (const [file, exit, message] of cases) {
      const words = ["--out", at("none"), "--from", file, ...small, "--quiet"];
      const { code, err } = await ganglion("train", at("colour"), ...words);
      expect([code, err]).toEqual([exit, expect.stringMatching(message)]);
      expect(err.trimEnd().split("\n")).toHaveLength(1);
      expect(existsSync(at("none"))).toBe(false);
    }
  }, 180_000);
});

describe("what cannot be begun from is refused in one line, and nothing is written", () => {
  const damaged = (name: string, spoil: (path: string) => void) => {
    cpSync(at("start"), at(name), { recursive: true });
    spoil(at(name));
    return name;
  };
  const cases: [string, number, RegExp, () => string[]][] = [
    ["a place where nothing is", 2, /--from .*nowhere: there is no such file/, () => ["--from", at("nowhere")]],
    ["a folder of images", 2, /--from .*colour: the folder holds no run/, () => ["--from", at("colour")]],
    [
      "a damaged state",
      1,
      /best\.safetensors is damaged/,
      () => ["--from", at(damaged("cut", (path) => truncateSync(join(path, "checkpoints/best.safetensors"), 5000)))],
    ],
    [
      "a start without licence",
      2,
      /--from .*bare: it names no licence .* --from-license ID/,
      () => {
        const name = damaged("bare", (path) => {
          const file = join(path, "config.json");
          writeFileSync(file, readFileSync(file, "utf8").replace("CC0-1.0", ""));
        });
        return ["--from", at(name)];
      },
    ],
    [
      "another family",
      2,
      /it is of r3gan, the training of dermgan/,
      () => ["--from", at("start"), "--model", "dermgan"],
    ],
    [
      "another width",
      2,
      /its generator has another width.*omit --preset/,
      () => ["--from", at("start"), "--preset", "base", "--resolution", "8"],
    ],
    [
      "a class that the images lack",
      2,
      /the images have no class "nv"/,
      () => ["--from", at("start"), "--from-class", "nv=nevus"],
    ],
    [
      "a class that the start lacks",
      2,
      /has no class "nevi"; use nevus/,
      () => ["--from", at("start"), "--from-class", "nevus=nevi"],
    ],
    [
      "a class that is to begin as two",
      2,
      /--from-class nevus=nevus: nevus begins as melanoma already; name each class once/,
      () => ["--from", at("start"), "--from-class", "nevus=melanoma", "--from-class", "nevus=nevus"],
    ],
    [
      "an image",
      1,
      /--from .*6\.png: ONNX model: .* give the folder of a run/,
      () => ["--from", at("colour", "nevus", "6.png")],
    ],
    [
      "a state away from its run",
      2,
      /--from .*lone\.safetensors: the file is not in the checkpoints folder of its run/,
      () => {
        cpSync(at("start", "checkpoints", "best.safetensors"), at("lone.safetensors"));
        return ["--from", at("lone.safetensors")];
      },
    ],
    ["classes of nothing", 2, /add --from START/, () => ["--from-class", "nevus=nevus"]],
  ];
  test.each(cases)("%s", async (_, exit, message, words) => {
    const { code, err, out } = await ganglion(
      "train",
      at("colour"),
      "--out",
      at("none"),
      ...small,
      ...words(),
      "--quiet",
    );
    expect([code, out]).toEqual([exit, ""]);
    expect(err).toMatch(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(existsSync(at("none"))).toBe(false);
  });

  test("more classes than images", async () => {
    const rows = Array.from({ length: 6 }, (_, i) => `${i}.png,p${i},${i < 3 ? "train" : "test"}`);
    const png = await encodePng({ width: 16, height: 16, channels: 3, data: new Uint8Array(768).fill(90) });
    await writeFilesOf(at("people"), []);
    cpSync(at("colour"), at("people"), { recursive: true });
    rmSync(at("people", "melanoma"), { recursive: true });
    rmSync(at("people", "nevus"), { recursive: true });
    for (let i = 0; i < 6; i++) writeFileSync(at("people", `${i}.png`), png);
    writeFileSync(at("people", "metadata.csv"), ["file_name,person,split", ...rows, ""].join("\n"));
    const { code, err } = await ganglion(
      ...["train", at("people"), "--label", "person", "--out", at("none"), "--from", at("start"), "--quiet"],
    );
    expect([code, err]).toEqual([1, expect.stringMatching(/6 classes are more than the 3 training images/)]);
    expect(existsSync(at("none"))).toBe(false);
  });
});
