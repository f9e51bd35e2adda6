import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { writeFirstHourData } from "./testing/first-hour-data.ts";
import { type Pasted, shellWithGanglion } from "./testing/follow-hints.ts";

// Every command of docs/first-hour.md, in order, in one folder, as a person would paste it. Only budgets are smaller.

const root = await temporaryFolder();
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const document = await readFile(at("docs/first-hour.md"), "utf8");
const commands = [...document.matchAll(/^ {4}((?:ganglion|echo) .*)$/gm)].map(([, command]) => command!);
/** Folder for the pictures of the document; they are made only where it is named. */
const pictures = process.env.GANGLION_PICTURES;

const BUDGETS: readonly (readonly [RegExp, string])[] = [
  [/--minutes 45$/, "--images 600"],
  [/--per-class 200\b/, "--per-class 40"],
];

/** Commands that may refuse: what is asked of so short a training is not to be released. */
const mayRefuse = (command: string) => command.startsWith("ganglion release ");

const ran = new Map<string, Pasted>();
const saidBy = (start: string) => {
  const [, found] = [...ran].find(([command]) => command.startsWith(start)) ?? [];
  return found === undefined ? `nothing was run that starts with ${start}` : found.text;
};

let paste: (command: string) => Promise<Pasted>;
beforeAll(async () => {
  await writeFirstHourData(root, 280);
  paste = await shellWithGanglion(root);
}, 300_000);

describe("the first hour", () => {
  test("has the commands of three people", () => {
    expect(commands.length).toBeGreaterThanOrEqual(15);
    for (const source of ["photos", "export", "lesionmnist.npz"])
      expect(
        commands.some((command) => command.split(" ").includes(source)),
        source,
      ).toBe(true);
  });

  test.each(commands)("%s", { timeout: 400_000 }, async (command) => {
    const shorter = BUDGETS.reduce((text, [from, to]) => text.replace(from, to), command);
    // In the order of a terminal.
    const found = await paste(`${shorter} 2>&1`);
    ran.set(command, found);
    expect(mayRefuse(command) ? [0, 3] : [0], found.text).toContain(found.code);
  });

  test("and what the document says of their answers is so", () => {
    expect(saidBy("ganglion inspect photos")).toMatch(/near duplicates: +1\n +\S*IMG_1002\.JPG ~ \S*IMG_1003\.JPG/);
    expect(saidBy("ganglion split photos")).toMatch(/15 % held out[\s\S]+photos\/ganglion-split\.csv/);
    expect(saidBy("ganglion train photos --out run --resolution 32 --preset tiny --minutes 45 --dry-run")).toMatch(
      /images\/s[\s\S]+memory[\s\S]+quality/,
    );
    expect(ran.get("ganglion train photos --out run --resolution 32 --preset tiny --minutes 45")?.text).toMatch(
      /as far from the real images as images without content are\.[\s\S]+Next: +ganglion train photos/,
    );
    expect(saidBy("ganglion release")).toMatch(/not released[\s\S]*\[grade\]/);
    expect(saidBy("ganglion release")).not.toContain("no-patients:");
    expect(saidBy("ganglion import export")).toMatch(/range of values of the series[\s\S]+knees\.salt: keep it secret/);
    expect(saidBy("ganglion split knees")).toContain('no patient is divided (column "patient_id")');
    expect(saidBy("ganglion inspect lesionmnist.npz")).toMatch(/splits +train \d+, val \d+, test \d+/);
  });

  test("its pictures are there, and small", async () => {
    if (pictures !== undefined) {
      const samples = (await readdir(join(root, "run", "samples"))).filter((name) => /^\d+\.png$/.test(name)).sort();
      for (const [name, from] of [
        ["photos", "look/montage.png"],
        ["training", `run/samples/${samples.at(-1)}`],
        ["dicom", "knees-look/montage.png"],
        ["medmnist", "mnist-look/montage.png"],
      ] as const) {
        const picture = sharp(join(root, from)).resize({
          width: 720,
          height: 480,
          fit: "inside",
          withoutEnlargement: true,
        });
        await picture.webp({ quality: 80 }).toFile(join(pictures, `first-hour-${name}.webp`));
      }
    }
    const named = [...document.matchAll(/\]\((images\/[^)]+)\)/g)].map(([, path]) => at(`docs/${path}`));
    expect(named).toHaveLength(4);
    for (const path of named) expect((await readFile(path)).length).toBeLessThan(100_000);
  });
});
