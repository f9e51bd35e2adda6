import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Ort from "onnxruntime-node";
import { beforeAll, describe, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { emitOnnx, input, mul, sealOnnx } from "../graph/index.ts";
import { openGenerator, toBytes } from "./generator-file.ts";
import type { R3ganArchitecture } from "./r3gan/architecture.ts";
import { writeTestRun } from "./testing/run.ts";

// What a stranger has who knows the file alone: ONNX Runtime and a protobuf reader, nothing of Ganglion.
const require = createRequire(import.meta.url);
const ort: typeof Ort = require("onnxruntime-node");
const { onnx }: typeof import("onnx-proto") = require("onnx-proto");

const CLASSES = ["nevus", "melanoma", "vascular"];
const folder = await temporaryFolder();
const path = join(folder, "generator.onnx");
let a: R3ganArchitecture;
beforeAll(async () => {
  a = await writeTestRun(folder, CLASSES, { resolution: 16 });
});

/** Standard normal latents and classes in turn. */
function draw(count: number) {
  const latent = new Rng(count, "latents").fillNormal(new Float32Array(count * a.latent));
  const chosen = Array.from({ length: count }, (_, i) => (i * 2) % CLASSES.length);
  const classes = new Float32Array(count * CLASSES.length);
  for (let i = 0; i < count; i++) classes[i * CLASSES.length + chosen[i]!] = 1;
  return { latent, chosen, classes };
}

async function plain(count: number): Promise<{ images: Float32Array; dims: readonly number[] }> {
  const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 });
  const { latent, classes } = draw(count);
  const { images } = await session.run({
    latent: new ort.Tensor("float32", latent, [count, a.latent]),
    classes: new ort.Tensor("float32", classes, [count, CLASSES.length]),
  });
  return { images: images!.data as Float32Array, dims: images!.dims };
}

describe("generator.onnx without any Ganglion code", () => {
  test("says what it is in its metadata", () => {
    const { metadataProps, graph } = onnx.ModelProto.decode(readFileSync(path));
    const said = Object.fromEntries(metadataProps.map(({ key, value }) => [key ?? "", value ?? ""]));
    expect(said.format).toBe("ganglion.generator/1");
    expect(said.inputs).toContain("standard normal");
    expect(said.output).toContain("[-1, 1]");
    expect(said.weights_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(said.sha256_of_all_before).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(said.description!)).toEqual({
      classes: CLASSES,
      resolution: 16,
      channels: 3,
      latent: a.latent,
      imagesSeen: 100,
      seed: 1,
      license: "CC0-1.0",
    });
    // Weights are inside: no tensor points to another file.
    expect(graph?.initializer?.length).toBeGreaterThan(0);
    for (const tensor of graph?.initializer ?? []) expect(tensor.externalData ?? []).toEqual([]);
  });

  test("has the two inputs and the output that it names", async () => {
    const session = await ort.InferenceSession.create(path);
    expect([...session.inputNames].sort()).toEqual(["classes", "latent"]);
    expect(session.outputNames).toEqual(["images"]);
  });

  test.each([1, 3, 16, 40])("draws a batch of %i in [-1, 1], equal to what Ganglion draws", async (count) => {
    const { images, dims } = await plain(count);
    expect(dims).toEqual([count, 3, 16, 16]);
    expect(images.every((x) => x >= -1 && x <= 1)).toBe(true);
    expect(new Set(images).size).toBeGreaterThan(100);
    const generator = await openGenerator(path, { threads: 1 });
    const { latent, chosen } = draw(count);
    const size = 3 * 16 * 16;
    for (let start = 0; start < count; start += 16) {
      const n = Math.min(16, count - start);
      const rows = latent.subarray(start * a.latent, (start + n) * a.latent);
      const bytes = await generator.draw(rows, chosen.slice(start, start + n));
      const expected = toBytes(images.subarray(start * size, (start + n) * size));
      // Sums of other batch sizes may round a level otherwise.
      const apart = bytes.filter((byte, i) => Math.abs(byte - expected[i]!) > 1).length;
      const unequal = bytes.filter((byte, i) => byte !== expected[i]).length;
      expect([apart, unequal < 0.001 * bytes.length]).toEqual([0, true]);
    }
    await generator.close();
  });
});

test("an image depends on its own latent and class, not on its neighbours", async () => {
  const generator = await openGenerator(path, { threads: 1 });
  const { latent, chosen } = draw(16);
  const together = await generator.draw(latent, chosen);
  const size = together.length / 16;
  for (const i of [0, 7, 15]) {
    const alone = await generator.draw(latent.slice(i * a.latent, (i + 1) * a.latent), [chosen[i]!]);
    expect(Buffer.from(alone).equals(Buffer.from(together.slice(i * size, (i + 1) * size)))).toBe(true);
  }
  const other = await generator.draw(latent.slice(0, a.latent), [(chosen[0]! + 1) % CLASSES.length]);
  expect(Buffer.from(other).equals(Buffer.from(together.slice(0, size)))).toBe(false);
  await generator.close();
});

test("values are rounded to the nearest of 256 levels and clipped", () => {
  expect([...toBytes([-1, 1, 0, -2, 7, 1 / 127.5 - 1, 0.49 / 127.5 - 1])]).toEqual([0, 255, 128, 0, 255, 1, 0]);
});

test("a file that is no generator is refused with the remedy", async () => {
  const x = input("x", [1]);
  const other = join(folder, "other.onnx");
  await writeFile(other, emitOnnx({ y: mul(x, 2) }));
  const damaged = join(folder, "damaged.onnx");
  await writeFile(
    damaged,
    sealOnnx(
      emitOnnx({ y: mul(x, 2) }, { metadata: { format: "ganglion.generator/1", description: '{"classes":[]}' } }),
    ),
  );
  expect(await failure(openGenerator(other))).toMatchObject({
    code: "run",
    message: expect.stringContaining("other.onnx is not a generator of ganglion"),
  });
  expect((await failure(openGenerator(damaged))).message).toContain("damaged description in its metadata; use the");
  expect((await failure(openGenerator(join(folder, "none.onnx")))).code).toBe("files");
  const flipped = join(folder, "flipped.onnx");
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 4;
  await writeFile(flipped, bytes);
  expect(await failure(openGenerator(flipped))).toMatchObject({
    code: "run",
    message: expect.stringContaining("flipped.onnx is damaged"),
  });
});
