import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { callProgram } from "../src/cli/testing/call-program.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { writePhantom } from "../src/phantom/index.ts";

const root = await temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const small = ["--preset", "tiny", "--resolution", "8", "--threads", "1", "--images", "8", "--quiet"];
const out = at("runs", "run");

const train = (set: string, ...more: string[]) => callProgram(["train", set, "--out", out, ...small, ...more]);

/** Text of a metadata file without all but the first rows of split `train`. */
function fewRows(csv: string, count: number): string {
  const [head, ...rows] = csv.trim().split("\n");
  return `${[head, ...rows.filter((row) => row.includes(",train,")).slice(0, count)].join("\n")}\n`;
}

beforeAll(() => writePhantom(at("set"), { count: 40, size: 16 }));

/** Ways in which a training does not begin: what is done to a copy of the set, or said, and what is answered. */
const FAILURES: [string, { spoil?: (set: string) => void; words?: string[]; says: RegExp; code: number }][] = [
  [
    "a damaged image",
    {
      spoil: (set) => {
        const { name, bytes } = trainedImage(set);
        writeFileSync(join(set, name), bytes.subarray(0, bytes.length - 40));
      },
      says: /images?/,
      code: 1,
    },
  ],
  ["a missing image", { spoil: (set) => rmSync(join(set, trainedImage(set).name)), says: /images\//, code: 1 }],
  ["an unknown label", { words: ["--label", "nowhere"], says: /nowhere/, code: 1 }],
  ["a filter that nothing passes", { words: ["--where", "split=none"], says: /split/, code: 1 }],
  [
    "too few images",
    {
      spoil: (set) =>
        writeFileSync(join(set, "metadata.csv"), fewRows(readFileSync(join(set, "metadata.csv"), "utf8"), 1)),
      says: /too few/,
      code: 1,
    },
  ],
  ["an unknown setting", { words: ["--set", "gama=1"], says: /there is no such option/, code: 2 }],
  [
    "a setting of the wrong kind",
    { words: ["--set", "gamma=much"], says: /--set gamma: found "much"; write a number/, code: 2 },
  ],
  [
    "a batch said twice",
    { words: ["--set", "batch=4", "--batch", "8"], says: /--batch 8 and --set batch=4 differ/, code: 2 },
  ],
  [
    "a batch beyond every bound",
    {
      words: ["--batch", "100000"],
      says: /--set batch or --batch: found 100000; give a number at most 1,024/,
      code: 2,
    },
  ],
  ["a resolution that networks cannot have", { words: ["--resolution", "12"], says: /resolution/, code: 2 }],
];

function trainedImage(set: string): { name: string; bytes: Buffer } {
  const row = readFileSync(join(set, "metadata.csv"), "utf8")
    .split("\n")
    .find((line) => line.includes(",train,"));
  const name = row!.split(",")[0]!;
  return { name, bytes: readFileSync(join(set, name)) };
}

test.each(FAILURES)("%s leaves nothing behind", async (name, { spoil, words = [], says, code }) => {
  const set = at(`set of ${name}`);
  await cp(at("set"), set, { recursive: true });
  spoil?.(set);
  const failed = await train(set, ...words);
  expect(failed.err).toMatch(says);
  expect([failed.code, failed.out]).toEqual([code, ""]);
  expect(existsSync(at("runs"))).toBe(false);
});

test("a cache that cannot be written leaves the folder as it was, and the same command runs once it can", async () => {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "cache"), "a file where a folder belongs");
  const failed = await train(at("set"));
  expect(failed.code).toBe(1);
  expect(failed.err).toContain(join(out, "cache"));
  expect(readdirSync(out)).toEqual(["cache"]);
  rmSync(join(out, "cache"));
  expect(await train(at("set"))).toMatchObject({ code: 0, err: "" });
  expect(existsSync(join(out, "generator.onnx"))).toBe(true);
  rmSync(at("runs"), { recursive: true });
});
