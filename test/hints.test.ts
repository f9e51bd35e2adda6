// What a new user does: pastes the command that the last one printed, until a release is verified.

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openSmallPacs } from "../src/cli/testing/small-pacs.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { encodePng } from "../src/data/image.ts";
import { formatCsvRow, readDataset } from "../src/data/index.ts";
import { phantomPlan, renderPhantom } from "../src/phantom/index.ts";
import { CONFIG, writeCase } from "../src/release/testing/case.ts";
import { followHints, hintsOf, type Pasted, pasteStudio, shellWithGanglion } from "./testing/follow-hints.ts";

const folderOfData = resolve(process.env.GANGLION_SHARED ?? "../shared");
const shared = join(folderOfData, "data");
const cases = join(folderOfData, "cases");
/** Layouts that are handed: several labels an image, of which one image is held out. */
const LAYOUTS = ["b24-"];

/** Milliseconds for one way to a release, on a busy machine. */
const LONG = 900_000;

let root: string;
let paste: (command: string, cwd?: string) => Promise<Pasted>;
beforeAll(async () => {
  root = await temporaryFolder();
  paste = await shellWithGanglion(root);
});

/** What each step was and how it ended; the text of the last one where the way did not end as it should. */
const shown = (steps: readonly Pasted[]) =>
  steps.map(
    ({ command, code, text }, i) => `${code} ${command}${i === steps.length - 1 ? `\n${text.slice(-2000)}` : ""}`,
  );

/** Lesions of two classes in the layout of a Kaggle download: parts in folders, a table beside them, a space in the path. */
async function kaggleLayout(folder: string, count: number): Promise<void> {
  const rows = [["image_id", "dx", "lesion_id", "sex"]];
  for (const [i, spec] of phantomPlan(count, 5).entries()) {
    const part = join(folder, `images part ${1 + (i % 2)}`);
    await mkdir(part, { recursive: true });
    await writeFile(join(part, `L_${i}.png`), await encodePng(renderPhantom(spec, 32).image));
    rows.push([`L_${i}`, spec.label === "nevus" ? "nv" : "other", spec.patient, i % 2 ? "f" : "m"]);
  }
  await writeFile(join(folder, "metadata table.csv"), rows.map(formatCsvRow).join(""));
}

/** A part of a collection, as a folder with its table. */
async function someOf(name: string, folder: string, count: number): Promise<void> {
  const source = join(shared, name);
  const [header, ...lines] = (await readFile(join(source, "metadata.csv"), "utf8")).trimEnd().split("\n");
  const step = Math.floor(lines.length / count);
  const kept = lines.filter((_, i) => i % step === 0).slice(0, count);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "metadata.csv"), `${[header, ...kept].join("\n")}\n`);
  const dataset = await readDataset(source);
  const names = new Set(kept.map((line) => line.split(",")[0]!));
  for (const { fileName, mask } of dataset.samples.filter((sample) => names.has(sample.fileName))) {
    await cp(join(source, fileName), join(folder, fileName), { recursive: true });
    if (mask !== undefined) await cp(join(source, mask), join(folder, mask), { recursive: true });
  }
}

/** Follows the hints from a command to a verified release, and says what was on the way. */
async function reachRelease(first: string, cwd: string): Promise<Pasted[]> {
  const steps = await followHints((command) => paste(command, cwd), first);
  expect(shown(steps).at(-1), shown(steps).join("\n")).toMatch(/^0 ganglion verify /);
  for (const { command, code } of steps) {
    // The gate may refuse once for what an audit of so few images cannot show, and says how that is accepted.
    if (!command.startsWith("ganglion release ")) expect([command, code]).toEqual([command, 0]);
  }
  return steps;
}

describe("from a dataset to a verified release by pasting hints", () => {
  test(
    "a download in parts with a table beside: split, training, release; from a folder elsewhere",
    async () => {
      await kaggleLayout(join(root, "my photos"), 120);
      const cwd = join(root, "else where");
      await mkdir(cwd);
      const steps = await reachRelease(`ganglion inspect '${join(root, "my photos")}'`, cwd);
      const names = steps.map(({ command }) => command.split(" ")[1]);
      expect(names.slice(0, 6)).toEqual(["inspect", "split", "train", "generate", "evaluate", "audit"]);
      const card = await readFile(join(cwd, "shared/README.md"), "utf8");
      const refused = steps.filter(({ code }) => code === 3);
      if (refused.length > 0) expect(card).toMatch(/Accepted/);
      // From another folder the run still finds its dataset, which is named as it lies from there.
      const { text } = await paste(`ganglion generate '${join(cwd, "run")}' --per-class 2 --out again`, root);
      expect(hintsOf(text).next).toMatch(/^ganglion evaluate --real 'my photos' --synthetic again --run '.*\/run'/);
      const verified = await paste(`ganglion verify '${join(cwd, "shared")}'`);
      expect((await paste(hintsOf(verified.text).next!)).code).toBe(0);
    },
    LONG,
  );

  test.skipIf(!existsSync(shared)).each([
    ["ham10000", 120],
    ["isic2017", 60],
    ["sarcoma-mr", 60],
  ])(
    "a part of %s",
    async (name, count) => {
      await someOf(name, join(root, name), count);
      const steps = await reachRelease(`ganglion inspect ${join(root, name)}`, root);
      const hasSplit = name === "isic2017";
      expect(steps.some(({ command }) => command === `ganglion split ${join(root, name)}`)).toBe(!hasSplit);
    },
    LONG,
  );

  test.skipIf(!existsSync(shared))(
    "DICOM files without labels, some of them damaged",
    async () => {
      const cwd = join(root, "scans");
      await mkdir(cwd);
      await reachRelease(`ganglion import '${join(shared, "dicom")}' set --skip-damaged`, cwd);
    },
    LONG,
  );

  test.skipIf(!existsSync(cases))(
    "layouts as people have them",
    async () => {
      const names = (await readdir(cases)).filter((name) => LAYOUTS.some((start) => name.startsWith(start)));
      expect(names).toHaveLength(LAYOUTS.length);
      for (const name of names) {
        const cwd = join(root, "layouts", name);
        await cp(join(cases, name), cwd, { recursive: true });
        await reachRelease("ganglion inspect data", cwd);
      }
    },
    LONG,
  );
});

describe("each command's hint is a command that works", () => {
  test(
    "phantom, import, dry runs, balance and plans",
    async () => {
      const folder = join(root, "hints");
      await mkdir(folder);
      const here = (command: string) => paste(command, folder);
      for (const first of [
        "ganglion phantom 'a b' --count 40 --size 16",
        "ganglion import 'a b' --dry-run imported",
        "ganglion split 'a b' --column mine --dry-run",
        "ganglion split 'a b' --column ours --dry-run --progress json",
        "ganglion train 'a b' --out r1 --images 16 --resolution 8 --preset tiny --batch 4 --threads 1 --dry-run",
        "ganglion generate r1 --per-class 2 --dry-run",
        "ganglion balance 'a b' --run r1 --plan",
      ]) {
        const step = await here(first);
        const { next, other } = hintsOf(step.text);
        expect([first, step.code, next], step.text).toEqual([first, 0, expect.stringMatching(/^ganglion /)]);
        expect(next).not.toContain("--progress");
        const pasted = await here(next!);
        expect([next, pasted.code], pasted.text).toEqual([next, 0]);
        if (other !== undefined) expect((await here(other)).code).toBe(0);
      }
    },
    LONG,
  );

  test(
    "split and export",
    async () => {
      const folder = join(root, "plain");
      await mkdir(folder);
      const here = (command: string) => paste(command, folder);
      expect((await here("ganglion phantom 'my skin' --count 60 --size 16")).code).toBe(0);
      for (const [first, hint] of [
        ["ganglion split 'my skin' --column other", /^ganglion train 'my skin' --out run$/],
        ["ganglion export 'my skin' 'my coco' --format coco", /^ganglion inspect 'my coco'$/],
        ["ganglion export 'my skin' yolo --format yolo --label label", /^ganglion inspect yolo$/],
      ] as const) {
        const step = await here(first);
        const { next } = hintsOf(step.text);
        expect([first, step.code, next], step.text).toEqual([first, 0, expect.stringMatching(hint)]);
        const short = next!.startsWith("ganglion train ")
          ? `${next} --images 16 --resolution 8 --preset tiny --batch 4 --threads 1`
          : next!;
        const pasted = await here(short);
        expect([next, pasted.code], pasted.text).toEqual([next, 0]);
      }
    },
    LONG,
  );

  test(
    "demo, ablate and study end with a studio that opens what they wrote",
    async () => {
      const folder = join(root, "shown");
      await mkdir(folder);
      const here = (command: string) => paste(command, folder);
      expect((await here("ganglion phantom set --count 90 --size 16")).code).toBe(0);
      const config = {
        format: "ganglion.study/1",
        preset: "quick",
        data: { dataset: "set", resolution: 8, positive: "melanoma", heldOut: 0.3 },
        testSets: [{ name: "held-out", distribution: "in" }],
        generators: { gan: { from: "train", preset: "tiny", images: 32 } },
        arms: { synthetic: [{ generators: ["gan"], ratios: [1] }] },
        classifier: { kind: "network", epochs: 1, patience: 1, views: 1 },
        resamples: 100,
        seeds: [0],
      };
      await writeFile(join(folder, "study.json"), JSON.stringify(config));
      const plan = await here("ganglion study study.json --dry-run");
      expect(hintsOf(plan.text).next, plan.text).toBe("ganglion study study.json --out study");
      for (const [first, out] of [
        ["ganglion demo --out 'a demo' --minutes 0.01 --count 140", "'a demo'"],
        ["ganglion ablate set --out ablation --resolution 16 --images 4 --set batch=4 --threads 1", "ablation/runs"],
        [hintsOf(plan.text).next!, "study"],
      ] as const) {
        const step = await here(first);
        const { next } = hintsOf(step.text);
        expect([first, step.code, next], step.text).toEqual([first, 0, `ganglion studio ${out}`]);
        expect(await pasteStudio(folder, next!)).toMatchObject({ command: next, code: 130, page: 200 });
      }
    },
    LONG,
  );

  test(
    "send",
    async () => {
      const folder = join(root, "pacs");
      await mkdir(folder);
      await writeCase(folder);
      await writeFile(join(folder, "config.json"), JSON.stringify({ gate: CONFIG.gate }));
      const pacs = await openSmallPacs();
      try {
        const here = (command: string) => paste(command, folder);
        const words = "--audit audit --config config.json --run run --out 'for pacs' --format dicom";
        const released = await here(`ganglion release set ${words}`);
        expect([released.code, hintsOf(released.text).next], released.text).toEqual([0, "ganglion verify 'for pacs'"]);
        const sent = await here(`ganglion send 'for pacs' --stow ${pacs.url} --progress json`);
        expect([sent.code, hintsOf(sent.text).next], sent.text).toEqual([0, "ganglion verify 'for pacs'"]);
        expect(pacs.requests).toHaveLength(1);
        expect((await here(hintsOf(sent.text).next!)).code).toBe(0);
      } finally {
        pacs.close();
      }
    },
    LONG,
  );
});
