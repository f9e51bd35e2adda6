import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { AllowedPaths } from "./allowed-paths.ts";
import { buildWords, freeName } from "./build-words.ts";

let root: string;
let paths: AllowedPaths;

beforeAll(async () => {
  root = await realpath(await temporaryFolder());
  for (const name of ["project/skin", "project/-odd", "home/photos/a", "home/.ssh", "outside/secret"]) {
    await mkdir(join(root, name), { recursive: true });
  }
  await writeFile(join(root, "home/.ssh/key"), "key");
  await writeFile(join(root, "home/photos/a/net.onnx"), "network");
  await symlink(join(root, "outside"), join(root, "home/link"));
  paths = await AllowedPaths.open(join(root, "project"), [join(root, "home")]);
});

const train = { dataset: "skin", out: "run", resolution: "32", minutes: 0.5 };

test("words are those a terminal would be given: arguments first, paths as the project sees them", async () => {
  expect(await buildWords("train", { ...train, model: "dermgan", preset: "tiny", seed: 0 }, paths)).toEqual(
    "train skin --out run --resolution 32 --minutes 0.5 --model dermgan --preset tiny --seed 0".split(" "),
  );
  const source = join(root, "home/photos");
  expect(await buildWords("import", { source, out: "images", skipDamaged: true }, paths)).toEqual([
    ...["import", source, "images", "--skip-damaged"],
  ]);
  expect(await buildWords("inspect", { source, parts: true }, paths)).toEqual(["inspect", source, "--parts"]);
  const grown = await buildWords(
    "train",
    { ...train, grow: true, frozen: join(root, "home/photos/a/net.onnx") },
    paths,
  );
  expect(grown.slice(-3)).toEqual(["--grow", "--frozen", `onnx:${join(root, "home/photos/a/net.onnx")}`]);
  const accept = ["no-patients", "grade"];
  const release = { set: "skin", audit: "skin", run: "skin", out: "für andere", accept };
  expect(await buildWords("release", release, paths)).toEqual([
    ...["release", "skin", "--audit", "skin", "--run", "skin", "--out", "für andere"],
    ...["--accept", "no-patients", "--accept", "grade"],
  ]);
});

test("any number of images is left out by a file of their names", async () => {
  const source = join(root, "home/photos");
  const dataset = "0123456789ab";
  const leaveOut = Array.from({ length: 20_000 }, (_, i) => `${dataset}/${i}`);
  let kept: readonly string[] = [];
  const keepNames = (names: readonly string[]) => {
    kept = names;
    return "jobs/x.left-out.txt";
  };
  const leavingOut = { nameOf: (id: string, i: number) => (id === dataset ? `images/${i}.png` : null), keepNames };
  const values = { source, out: "images", leaveOut };
  expect(await buildWords("import", values, paths, leavingOut)).toEqual([
    ...["import", source, "images", "--leave-out", "jobs/x.left-out.txt"],
  ]);
  expect([kept.length, kept[19_999]]).toEqual([20_000, "images/19999.png"]);
  const refused = async (given: string, nameOf: (id: string, i: number) => string | null) =>
    (await failure(buildWords("import", { ...values, leaveOut: [given] }, paths, { nameOf, keepNames }))).message;
  expect(await refused("ffffffffffff/1", leavingOut.nameOf)).toContain("not open any more");
  expect(await refused(`${dataset}/../1`, leavingOut.nameOf)).toContain("leaveOut");
  expect(await refused(`${dataset}/1`, () => "a\nb.png")).toContain("more than one line");
});

test("a folder whose name begins with a dash is no option, and what is left empty is left out", async () => {
  const words = await buildWords("train", { ...train, dataset: "-odd", label: "", threads: null }, paths);
  expect(words).toEqual("train ./-odd --out run --resolution 32 --minutes 0.5".split(" "));
});

describe("what does not fit is refused, with the field", () => {
  test.each<[values: Record<string, unknown>, said: RegExp]>([
    [{ ...train, out: "../run" }, /out/],
    [{ ...train, out: "/tmp/run" }, /out/],
    [{ ...train, out: "--resume" }, /out/],
    [{ ...train, out: "jobs" }, /out/],
    [{ ...train, out: ".hidden" }, /out/],
    [{ ...train, resolution: "33" }, /resolution/],
    [{ ...train, model: "--config" }, /model/],
    [{ ...train, minutes: -1 }, /minutes/],
    [{ ...train, minutes: "1; rm -rf /" }, /minutes/],
    [{ ...train, minutes: Number.NaN }, /minutes/],
    [{ ...train, label: "--config" }, /label/],
    [{ ...train, label: "a\nb" }, /label/],
    [{ ...train, from: "/etc/passwd" }, /from/],
    [{ ...train, frozen: "/etc/passwd" }, /frozen/],
    [{ ...train, frozen: "onnx:skin" }, /frozen/],
    [{ ...train, config: "/etc/passwd" }, /config/],
    [{ ...train, __proto__: null, set: ["gamma=2"] }, /set/],
    [{ out: "run" }, /dataset/],
  ])("%j", async (values, said) => {
    const error = await failure(buildWords("train", values, paths));
    expect(error.code).toBe("usage");
    expect(error.message).toMatch(said);
  });

  test.each(["../outside/secret", "/etc", "link", "a\0b"])("a path outside: %j", async (dataset) => {
    expect((await failure(buildWords("train", { ...train, dataset }, paths))).code).toBe("usage");
  });

  test("a link that leads out, and hidden folders of a root", async () => {
    for (const way of ["home/link/secret", "home/.ssh", "home/.ssh/key", "home/missing", "outside"]) {
      const error = await failure(buildWords("inspect", { source: join(root, way) }, paths));
      expect([error.code, error.message], way).toEqual([
        "usage",
        expect.stringContaining("is not there, or not inside"),
      ]);
    }
  });

  test("all fields that do not fit are named at once", async () => {
    const error = await failure(buildWords("train", { dataset: "skin", out: "..", minutes: 0, threads: 1.5 }, paths));
    for (const name of ["out", "minutes", "threads"]) expect(error.message).toContain(name);
  });
});

test("a free name counts on from what is there", async () => {
  expect(freeName(paths.project, "run")).toBe("run");
  expect(freeName(paths.project, "skin")).toBe("skin-2");
});
