import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { familyNames } from "../src/model/index.ts";

const src = fileURLToPath(new URL("../src", import.meta.url));
const LISTS = ["model/families.ts", "train/families.ts"];

/** Files besides its folders and the lists that may name a family, none of which a new one has to touch. */
const MAY_NAME: Readonly<Record<string, string>> = {
  "model/known-families.ts": "the default family",
  "model/index.ts": "what the library exports of single networks",
  "train/index.ts": "the same of their training",
  "train/dp/": "private training, which is of r3gan",
  "evaluate/ablation/": "an experiment on dermgan",
  "cli/command/ablate.ts": "its command",
  "study/presets.ts": "configurations of studies",
  "study/report/limits.ts": "a paper's title",
  "cli/command/": "examples in help texts",
  "studio/web/pages/draw/class-desk.tsx": "a hint",
  "studio/web/texts/": "the words of that hint",
};

/** Code without comments, by path below src; no tests. */
const sources = new Map(
  readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.ts$|(^|\/)testing\//.test(name))
    .map((name) => [name, readFileSync(join(src, name), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "")]),
);
const naming = (name: string): string[] =>
  [...sources].filter(([, text]) => text.toLowerCase().includes(name)).map(([path]) => path);

describe("what a new family of models touches: its folders and two lines", () => {
  test.each(familyNames())("%s is named in its folders, once in each list, and where nothing needs it", (name) => {
    const elsewhere = naming(name).filter((path) => !new RegExp(`^(model|train)/${name}/`).test(path));
    for (const list of LISTS) {
      const lines = sources.get(list)!.split("\n");
      expect(
        lines.filter((line) => line.includes(name)),
        list,
      ).toHaveLength(1);
    }
    const unexpected = elsewhere.filter(
      (path) => !LISTS.includes(path) && !Object.keys(MAY_NAME).some((allowed) => path.startsWith(allowed)),
    );
    expect(unexpected).toEqual([]);
  });

  test("every exception is one", () => {
    const all = familyNames().flatMap(naming);
    expect(Object.keys(MAY_NAME).filter((allowed) => !all.some((path) => path.startsWith(allowed)))).toEqual([]);
  });

  test("no code asks whether a model is this or that one", () => {
    const asking = new RegExp(
      `[!=]==\\s*["'](${familyNames().join("|")})["']|["'](${familyNames().join("|")})["']\\s*[!=]==`,
    );
    expect([...sources].filter(([, text]) => asking.test(text)).map(([path]) => path)).toEqual([]);
  });
});
