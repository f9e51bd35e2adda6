import { describe, expect, test } from "vitest";
import { checkDevice, compile, type Device, interpret } from "../graph/index.ts";
import { relativeError } from "../graph/testing/checks.ts";
import { STATE_NAMES } from "../model/index.ts";
import { carryState, nextName, residentOutputs } from "./carried-state.ts";
import { buildStep } from "./r3gan/step-graph.ts";
import { architecture, BATCH, inputs, state } from "./testing/step-case.ts";

const webgpu = await checkDevice("webgpu");
const missing = !webgpu.usable && process.env.CI !== "true";
if (missing) console.warn("skipped: no WebGPU on this machine, not even in software, so no step is computed on it");

const STEPS = 3;
/** With so large an epsilon Adam follows gradients, not their signs: rounding stays as small as it is. */
const outputs = buildStep({
  architecture,
  batch: BATCH,
  penaltyWeight: 0.7,
  updates: "alternating",
  adam: { beta2: 0.9, epsilon: 1 },
});

/** The state after three steps by the float64 interpreter. */
function exact() {
  let current: Record<string, ArrayLike<number>> = { ...state };
  for (let i = 0; i < STEPS; i++) {
    const next = interpret(
      STATE_NAMES.map((name) => outputs[nextName(name)]!),
      { ...current, ...inputs },
    );
    current = Object.fromEntries(STATE_NAMES.map((name, at) => [name, next[at]!]));
  }
  return current;
}

describe.each<Device>(["cpu", "webgpu"])("a state on %s", (device) => {
  const absent = device === "webgpu" && missing;

  test.skipIf(absent)("is carried from step to step as the interpreter does", async () => {
    const program = await compile(outputs, { device, resident: residentOutputs(device, architecture) });
    const carried = await carryState(structuredClone(state), device);
    for (let i = 0; i < STEPS; i++) {
      const seen = await carried.advance(program, inputs);
      expect(Number.isFinite(seen.lossG![0])).toBe(true);
      // Only what the loop watches comes back from a device.
      if (device === "webgpu") expect(Object.keys(seen).some((name) => name.startsWith("next."))).toBe(false);
    }
    const [found, expected] = [await carried.read(), exact()];
    for (const name of STATE_NAMES) expect(relativeError(expected[name]!, found[name]!), name).toBeLessThan(1e-5);
    await carried.close();
    await program.close();
  });

  test.skipIf(absent)("stays where it is when a step is not accepted", async () => {
    const program = await compile(outputs, { device, resident: residentOutputs(device, architecture) });
    const carried = await carryState(structuredClone(state), device);
    await carried.advance(program, inputs);
    const before = structuredClone(await carried.read());
    const refused = await carried.advance(program, inputs, () => false);
    expect(await carried.read()).toEqual(before);
    expect((await carried.advance(program, inputs)).lossG).toEqual(refused.lossG);
    expect(await carried.read()).not.toEqual(before);
    await carried.close();
    await program.close();
  });
});
