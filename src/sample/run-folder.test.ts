import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { writeTestRun } from "../model/testing/run.ts";
import { readProvenance, regenerate } from "./provenance.ts";
import { openRun } from "./run-folder.ts";

let folder: string;
const best = (run: string) => join(folder, run, "checkpoints", "best.safetensors");

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTestRun(join(folder, "run"), ["a", "b"]);
  await writeTestRun(join(folder, "other"), ["a", "b"], { seed: 2 });
});

/** A copy of the good run to spoil. */
async function copyOfRun(name: string): Promise<string> {
  await mkdir(join(folder, name, "checkpoints"), { recursive: true });
  await copyFile(join(folder, "run", "generator.onnx"), join(folder, name, "generator.onnx"));
  await copyFile(best("run"), best(name));
  return join(folder, name);
}

describe("a run folder", () => {
  test("that is not there, a file, or without a generator is one clear error", async () => {
    expect((await failure(openRun(join(folder, "nowhere")))).message).toMatch(
      /cannot open the run .*nowhere: there is no such/,
    );
    expect((await failure(openRun(join(folder, "run", "generator.onnx")))).message).toMatch(
      /is a file; give the run folder/,
    );
    await mkdir(join(folder, "empty"));
    expect((await failure(openRun(join(folder, "empty")))).message).toMatch(/empty holds no generator.onnx;.*--resume/);
  });

  test("with a generator cut short, empty or of other bytes names the file and the remedy", async () => {
    const whole = await readFile(join(folder, "run", "generator.onnx"));
    const spoilt = {
      short: whole.subarray(0, whole.length / 2),
      none: Buffer.alloc(0),
      text: Buffer.from("not an onnx file, whatever its name says"),
    };
    for (const [name, bytes] of Object.entries(spoilt)) {
      await writeFile(join(await copyOfRun(name), "generator.onnx"), bytes);
      const error = await failure(openRun(join(folder, name)));
      expect(error.code).toBe("run");
      expect(error.message).toContain(join(folder, name, "generator.onnx"));
      expect(error.message).toMatch(/train/);
    }
  });

  test("whose discriminator is damaged, missing or of another run draws, but does not score", async () => {
    const damaged = await copyOfRun("damaged");
    const bytes = await readFile(best("run"));
    bytes[bytes.length - 100]! ^= 1;
    await writeFile(best("damaged"), bytes);
    const missing = await copyOfRun("missing");
    await rm(best("missing"));
    const mixed = await copyOfRun("mixed");
    await copyFile(best("other"), best("mixed"));
    for (const [path, words] of [
      [damaged, /checksum/],
      [missing, /there is no checkpoints\/best.safetensors/],
      [mixed, /best.safetensors is of another moment of the training, or of another run/],
    ] as const) {
      const run = await openRun(path, { threads: 1 });
      expect((await run.generator.draw(new Float32Array(run.generator.description.latent), [0])).length).toBe(192);
      const error = await failure(run.scorer());
      expect(error.code).toBe("run");
      expect(error.message).toMatch(words);
      expect(error.message).toMatch(/--sampler random/);
      await run.close();
    }
  });

  test("finds the generator's discriminator among other checkpoints", async () => {
    const path = await copyOfRun("several");
    await copyFile(best("other"), best("several"));
    await copyFile(best("run"), join(path, "checkpoints", "latest-000100.safetensors"));
    const run = await openRun(path, { threads: 1 });
    const straight = await openRun(join(folder, "run"), { threads: 1 });
    const image = await run.generator.draw(new Float32Array(run.generator.description.latent), [0]);
    const [found, wanted] = [await run.scorer(), await straight.scorer()];
    expect(await found.logits(image, [0])).toEqual(await wanted.logits(image, [0]));
    await run.close();
    await straight.close();
  });
});

describe("provenance", () => {
  const line = { file_name: "images/a/1.png", generator: "0".repeat(64), seed: 1, class: "a", sampler: "random" };

  test("lists every line that is no record", async () => {
    const path = join(folder, "bad.jsonl");
    const lines = [JSON.stringify(line), "{", "[]", JSON.stringify({ ...line, seed: 1.5 }), "", JSON.stringify(line)];
    await writeFile(path, lines.join("\n"));
    const error = await failure(readProvenance(path));
    expect(error.problems.map((problem) => problem.path)).toEqual([2, 3, 4].map((n) => `${path}:${n}`));
    await writeFile(path, "\n");
    expect((await failure(readProvenance(path))).message).toMatch(/there is no line/);
  });

  test("of another generator, or of a class there is not, is refused", async () => {
    const run = await openRun(join(folder, "run"), { threads: 1 });
    expect((await failure(regenerate(run, line))).message).toMatch(
      /made by the generator 000000000000…, this run's is/,
    );
    const other = { ...line, generator: run.generator.hash, class: "c" };
    expect((await failure(regenerate(run, other))).message).toMatch(/has no class c; its classes are a, b/);
    await run.close();
  });
});
