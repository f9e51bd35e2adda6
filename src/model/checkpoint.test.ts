import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Rng } from "../core/rng.ts";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { dermganSizes, designDermgan } from "./dermgan/architecture.ts";
import { designArchitecture, presetNetworks } from "./r3gan/architecture.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { STATE_NAMES, stateLayouts, stateNames, type TrainingState } from "./state.ts";

const folder = await temporaryFolder();
const path = join(folder, "000000320.safetensors");
const architecture = designArchitecture(presetNetworks.tiny, { resolution: 8, channels: 3, classes: 2 });
const layouts = stateLayouts(architecture);
const checkpoint: Checkpoint = {
  architecture,
  classNames: ["a", 'b "quoted"'],
  progress: {
    step: 40,
    imagesSeen: 320,
    seconds: 1.25,
    augmentProbability: 0.1 + 0.2,
    signals: { gap: 1 / 3, spreadRatio: null, pendingOrderSigns: -0.125 },
    best: { kid: 0.1, imagesSeen: 160 },
    window: { lossG: { sum: 0.1 * 3, count: 3 } },
  },
  state: Object.fromEntries(
    STATE_NAMES.map((name) => [name, new Rng(name).fillNormal(new Float32Array(layouts[name]!.length))]),
  ) as unknown as TrainingState,
  configHash: "ab".repeat(32),
};
beforeAll(() => writeCheckpoint(path, checkpoint));

test("a checkpoint is read as it was written, every bit of it", async () => {
  const found = await readCheckpoint(path);
  expect(found).toEqual(checkpoint);
  for (const name of STATE_NAMES) {
    expect(Buffer.from(found.state[name]!.buffer).equals(Buffer.from(checkpoint.state[name]!.buffer))).toBe(true);
  }
});

test("of a model with momentum has first moments too", async () => {
  const other = designDermgan(dermganSizes.tiny, { resolution: 16, channels: 3, classes: 2 });
  const shapes = stateLayouts(other);
  const state = Object.fromEntries(
    stateNames(other).map((name) => [name, new Rng(name).fillNormal(new Float32Array(shapes[name]!.length))]),
  ) as unknown as TrainingState;
  const file = join(folder, "dermgan.safetensors");
  await writeCheckpoint(file, { ...checkpoint, architecture: other, state });
  const found = await readCheckpoint(file);
  expect(Object.keys(found.state)).toEqual([...STATE_NAMES, "generatorFirst", "discriminatorFirst"]);
  for (const name of stateNames(other)) {
    expect(Buffer.from(found.state[name]!.buffer).equals(Buffer.from(state[name]!.buffer)), name).toBe(true);
  }
  const { tensors } = decodeSafetensors(await readFile(file), file);
  expect(tensors["generatorFirst/down0.weight"]!.shape).toEqual([32, 3, 4, 4]);
});

test("weights that are no numbers keep their bits, and what a run did not say stays unsaid", async () => {
  const generator = Float32Array.from(checkpoint.state.generator);
  generator.set([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-45]);
  const { configHash: _, ...rest } = checkpoint;
  const other = join(folder, "nan.safetensors");
  await writeCheckpoint(other, { ...rest, state: { ...rest.state, generator } });
  const found = await readCheckpoint(other);
  expect([...found.state.generator.subarray(0, 3)]).toEqual([Number.NaN, Number.POSITIVE_INFINITY, -0]);
  expect(found.state.generator[3]).toBeGreaterThan(0);
  expect(found.configHash).toBeUndefined();
});

/** Writes a well-formed file whose content was changed. */
async function rewritten(name: string, change: (parts: ReturnType<typeof decodeSafetensors>) => void): Promise<string> {
  const parts = decodeSafetensors(await readFile(path), path);
  change(parts);
  const to = join(folder, name);
  await writeFile(to, encodeSafetensors(parts.tensors, parts.metadata));
  return to;
}

test("a file cut anywhere, or with any bit turned, is refused", async () => {
  const bytes = await readFile(path);
  const other = join(folder, "damaged.safetensors");
  const rng = new Rng("damage");
  for (let i = 0; i < 12; i++) {
    const at = i < 6 ? rng.integer(4000) : rng.integer(bytes.length);
    await writeFile(other, bytes.subarray(0, at));
    expect((await failure(readCheckpoint(other))).code).toBe("checkpoint");
    const turned = Uint8Array.from(bytes);
    turned[at]! ^= 1 << rng.integer(8);
    await writeFile(other, turned);
    expect((await failure(readCheckpoint(other))).code).toBe("checkpoint");
  }
});

test("what is no checkpoint of ganglion, or of other networks, is refused with the reason", async () => {
  const message = async (name: string, change: (parts: ReturnType<typeof decodeSafetensors>) => void) => {
    const error = await failure(readCheckpoint(await rewritten(name, change)));
    expect(error.code).toBe("checkpoint");
    return error.message;
  };
  expect(await message("format", ({ metadata }) => Object.assign(metadata, { format: "pt" }))).toContain("(format pt)");
  expect(await message("progress", ({ metadata }) => Object.assign(metadata, { progress: "{}" }))).toContain(
    "damaged description",
  );
  expect(
    await message("missing", ({ tensors }) => {
      delete tensors["average/image.weight"];
    }),
  ).toContain("tensor average/image.weight should be float32");
  expect(
    await message("shape", ({ tensors }) => {
      tensors["generator/image.bias"] = { shape: [1, 3], data: new Float32Array(3) };
    }),
  ).toContain("should be float32 [3], found [1,3]");
  expect((await failure(readCheckpoint(join(folder, "absent")))).code).toBe("files");
});
