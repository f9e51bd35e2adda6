import { checkDevice } from "./check-device.ts";
import type { Device } from "./device.ts";

/** What to say to someone whose device does not answer. */
const REMEDIES: Readonly<Record<Device, string>> = {
  cpu: "reinstall Ganglion",
  webgpu: "check that the GPU's driver has Vulkan (on Linux: libvulkan1 and the driver's ICD)",
  cuda: "check that the NVIDIA driver answers nvidia-smi and that ONNX Runtime's CUDA provider is installed too",
};

/**
 * The device asked for and whether it convolves in float16; where it does not answer, that is said and the CPU taken.
 * @param warn Told why the CPU is taken.
 */
export async function chooseDevice(
  asked: Device,
  warn: (text: string) => void,
): Promise<{ device: Device; halfConvolutions: boolean }> {
  if (asked === "cpu") return { device: "cpu", halfConvolutions: false };
  const ability = await checkDevice(asked);
  if (ability.usable) return { device: asked, halfConvolutions: ability.halfConvolutions };
  warn(`--device ${asked} does not answer, so the CPU is used instead: ${ability.failure}; ${REMEDIES[asked]}`);
  return { device: "cpu", halfConvolutions: false };
}
