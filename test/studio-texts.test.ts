import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fieldsOf, JOB_COMMANDS } from "../src/studio/job-forms.ts";
import { JOB_STATES } from "../src/studio/jobs/job-record.ts";
import { STEPS } from "../src/studio/project-api.ts";
import { CATALOGUE, LANGUAGES, wordsOf } from "../src/studio/web/texts/texts.ts";

const { en } = CATALOGUE;
const placesOf = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe.each(Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[])("the texts in %s", (language) => {
  const texts = CATALOGUE[language];

  test("have the keys and places of English, and none is empty", () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(texts)) {
      expect(text.trim(), key).not.toBe("");
      expect(placesOf(text), key).toEqual(placesOf(en[key as keyof typeof en]));
    }
  });

  test("name every command, field, state, step and choice of a release", () => {
    const commands = JOB_COMMANDS.flatMap((name) => [`command.${name}`, `about.${name}`]);
    const fields = JOB_COMMANDS.flatMap((name) => fieldsOf(name)).map(({ name }) => `field.${name}`);
    const release = fieldsOf("release").find(({ name }) => name === "accept")!;
    const accepted = "options" in release ? release.options.map((name) => `accept.${name}`) : [];
    const states = [...JOB_STATES.map((name) => `job.${name}`), ...STEPS.map((name) => `step.${name}`)];
    for (const key of [...commands, ...fields, ...accepted, ...states]) expect(Object.keys(texts)).toContain(key);
  });

  test("are made once", () => expect(wordsOf(language)).toBe(wordsOf(language)));

  test("say numbers and times as the language does", () => {
    const words = wordsOf(language);
    expect(words.number(12345)).toBe("12,345");
    expect(words.duration(3725)).toMatch(/^1.*2/);
    expect(words.count("folder.images", 1)).toContain("1");
    if (language === "en") expect(words.count("release.leftOut", 1)).toBe("1 image is left out by choice.");
    expect(words.t("job.progress", { stage: "s", done: 1, total: 2000, unit: "u" })).toContain("2,000");
  });
});

test("Chinese is Chinese: no text is left in English", () => {
  const left = Object.entries(CATALOGUE["zh-CN"]).filter(([key, text]) => {
    const own = text.replaceAll(/\{\w+\}/g, "");
    return /\p{L}/u.test(own) && !/\p{Script=Han}/u.test(own) && !key.startsWith("hint.");
  });
  expect(left).toEqual([]);
});

test("no text is left that no page shows", () => {
  const folder = fileURLToPath(new URL("../src/studio/web/", import.meta.url));
  const names = (readdirSync(folder, { recursive: true }) as string[]).filter(
    (name) => /\.tsx?$/.test(name) && !name.startsWith("texts"),
  );
  const source = names.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  // Keys that are put together: `state.${state}`.
  const begun = [...source.matchAll(/`([a-z.]+\.)\$\{/g)].map(([, start]) => start!);
  const shown = (key: string) =>
    source.includes(`"${key}"`) ||
    source.includes(`"${key.replace(/\.(one|other)$/, "")}"`) ||
    begun.some((start) => key.startsWith(start)) ||
    // Of a field that several options are chosen of.
    key.startsWith("accept.");
  expect(Object.keys(en).filter((key) => !shown(key))).toEqual([]);
});

/** Folders of pages. */
const PAGES = ["project", "draw", "run", "study", "reader-study", "dataset"];
const inFolder = (folder: string): string[] =>
  readdirSync(fileURLToPath(new URL(`../src/studio/web/${folder}/`, import.meta.url)))
    .filter((file) => file.endsWith(".tsx"))
    .map((file) => `${folder}/${file}`);

test("the pages have no text of their own", () => {
  const folder = fileURLToPath(new URL("../src/studio/web/", import.meta.url));
  const files = ["app.tsx", "top-bar.tsx", ...PAGES.flatMap((page) => inFolder(`pages/${page}`))];
  for (const name of files) {
    const source = readFileSync(join(folder, name), "utf8").replaceAll(/\/\*\*?[\s\S]*?\*\/|\/\/.*/g, "");
    // Text between tags, and labels that are read out.
    const between = [...source.matchAll(/<\/?[\w.]+[^<>{}=]*>\s*([A-Za-z][a-z]+ ?[a-z]*)\s*[<{]/g)].map(
      ([, text]) => text!,
    );
    const labels = [...source.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]+)"/g)].map(([, text]) => text);
    // The product's name is no text.
    expect([...between.filter((text) => text.trim() !== "Ganglion"), ...labels], name).toEqual([]);
  }
});
