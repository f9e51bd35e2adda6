import { compile } from "./compile.ts";
import type { Device } from "./device.ts";
import { exactConvolution } from "./exact-convolution.ts";

/** What a device can do: `failure` says why it cannot be used. */
export type DeviceAbility =
  | { readonly usable: true; readonly halfConvolutions: boolean }
  | { readonly usable: false; readonly failure: string };

/** Greatest error of the convolution below, whose sums are whole numbers up to 2304: exact in float32, not in float16. */
const TOLERANCE = { float32: 0, half: 2 };

/**
 * Tries a small convolution on a device, in float32 and in float16, and compares it with the interpreter: a driver that
 * answers wrongly is as useless as one that is missing.
 */
export async function checkDevice(device: Device): Promise<DeviceAbility> {
  const error = await convolutionError(device, false).catch((cause: Error) => cause.message);
  if (typeof error === "string") return { usable: false, failure: error };
  if (!(error <= TOLERANCE.float32)) return { usable: false, failure: `its convolution is wrong by ${error}` };
  if (device === "cpu") return { usable: true, halfConvolutions: false };
  const halfError = await convolutionError(device, true).catch(() => Number.POSITIVE_INFINITY);
  return { usable: true, halfConvolutions: halfError <= TOLERANCE.half };
}

async function convolutionError(device: Device, halfConvolutions: boolean): Promise<number> {
  const { y, feeds, expected } = exactConvolution();
  const program = await compile({ y }, { device, halfConvolutions });
  try {
    const found = (await program.run(feeds)).y!;
    return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - found[i]!)), 0);
  } finally {
    await program.close();
  }
}
