import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCheckpoint, STATE_NAMES } from "../src/model/index.ts";
import { writePhantom } from "../src/phantom/index.ts";
import { initialState } from "../src/train/initial-state.ts";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const DRIVER = process.env.VK_ICD_FILENAMES ?? "";
const missing = !existsSync(DRIVER) && process.env.CI !== "true";
if (missing) console.warn("skipped: no Vulkan in software on this machine, so no training on WebGPU is tried");

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ganglion-webgpu-"));
  await writePhantom(join(folder, "set"), { count: 24, size: 16, seed: 1 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ganglion(args: readonly string[], driver: string) {
  const env = { ...process.env, VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8", env });
  return { status, said: stdout + stderr };
}

const train = (out: string, images: number, driver: string, ...more: string[]) =>
  ganglion(
    [
      "train",
      join(folder, "set"),
      "--out",
      join(folder, out),
      "--resolution",
      "8",
      "--batch",
      "4",
      "--threads",
      "1",
      "--images",
      `${images}`,
      // Adam follows gradients, not their signs, which rounding may turn; and at full rate from the start.
      ...["--set", "epsilon=1", "--set", "warmUpImages=0"],
      "--json",
      ...more,
    ],
    driver,
  );

const greatestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
const lastState = async (out: string, images: number) =>
  readCheckpoint(join(folder, out, "checkpoints", `${String(images).padStart(9, "0")}.safetensors`));

describe.skipIf(missing)("--device webgpu", () => {
  test("trains as the CPU does, goes on with a run, and draws what the CPU draws", async () => {
    const first = train("gpu", 8, DRIVER, "--device", "webgpu");
    expect(first.said).toContain("steps are computed on webgpu, convolutions in float32");
    expect(first.status).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, "gpu", "config.json"), "utf8"))).toMatchObject({
      device: "webgpu",
      precision: "float32",
    });
    // Goes on where it was, on the same device without being told.
    const more = train("gpu", 16, DRIVER, "--resume");
    expect(more.said).toContain("steps are computed on webgpu");
    expect(more.status).toBe(0);
    expect(train("straight", 16, DRIVER, "--device", "webgpu").status).toBe(0);
    expect(train("cpu", 16, DRIVER).status).toBe(0);
    const [gpu, straight, cpu] = [
      await lastState("gpu", 16),
      await lastState("straight", 16),
      await lastState("cpu", 16),
    ];
    const initial = initialState(cpu.architecture, 0);
    for (const name of STATE_NAMES) {
      expect(gpu.state[name], name).toEqual(straight.state[name]);
      const moved = greatestDifference(cpu.state[name]!, initial[name]!);
      expect(moved, name).toBeGreaterThan(0);
      expect(greatestDifference(cpu.state[name]!, gpu.state[name]!) / moved, name).toBeLessThan(1e-3);
    }

    const elsewhere = train("gpu", 24, join(folder, "no-driver.json"), "--resume");
    expect(elsewhere.said).toContain("a run continues only on the device it was trained on");
    expect(elsewhere.status).toBe(2);

    const draw = (out: string, ...device: string[]) =>
      ganglion(["generate", join(folder, "cpu"), "--per-class", "1", "--out", join(folder, out), ...device], DRIVER);
    expect(draw("drawn", "--device", "webgpu").status).toBe(0);
    const again = ganglion(
      [
        "generate",
        join(folder, "cpu"),
        "--provenance",
        join(folder, "drawn", "provenance.jsonl"),
        "--out",
        join(folder, "x"),
      ],
      DRIVER,
    );
    expect(again.said).toContain("was drawn on webgpu, and cpu would draw other pixels; use --device webgpu");
    expect(again.status).toBe(1);
  }, 600_000);

  test("without a GPU says so and trains on the CPU; half precision where there is none is refused", async () => {
    const { status, said } = train("none", 8, join(folder, "no-driver.json"), "--device", "webgpu", "--quiet");
    expect(said).toContain("--device webgpu does not answer, so the CPU is used instead");
    expect(status).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, "none", "config.json"), "utf8"))).toMatchObject({ device: "cpu" });
    const half = train("half", 8, DRIVER, "--device", "webgpu", "--precision", "half");
    expect(half.said).toContain("webgpu here has no float16 convolution; omit it");
    expect(half.status).toBe(2);
  }, 120_000);
});
