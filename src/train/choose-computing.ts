import { GanglionError } from "../core/errors.ts";
import type { Listeners } from "../core/listeners.ts";
import { chooseDevice, type Device } from "../graph/index.ts";
import type { RunConfig } from "./run-config.ts";
import type { TrainRequest } from "./train-request.ts";

/** Where the steps of a run are computed, and in which element type its convolutions. */
export interface Computing {
  readonly device: Device;
  readonly precision: RunConfig["precision"];
}

/**
 * Device and precision that were asked for, as far as this machine has them.
 * @param stored Of the run that is gone on with, whose device nothing else can take the place of; null for a fresh one.
 * @throws GanglionError `usage`
 */
export async function chooseComputing(
  request: Pick<TrainRequest, "device" | "precision">,
  stored: RunConfig | null,
  { onNote = () => undefined, onWarning = () => undefined }: Listeners,
): Promise<Computing> {
  const asked = request.device ?? stored?.device ?? "cpu";
  const reasons: string[] = [];
  const { device, halfConvolutions } = await chooseDevice(
    asked,
    stored === null ? onWarning : (text) => reasons.push(text),
  );
  if (stored !== null && device !== asked) {
    const message = `--resume: a run continues only on the device it was trained on, because another device computes other bits; ${reasons[0]}`;
    throw new GanglionError("usage", message);
  }
  const precision = request.precision ?? stored?.precision ?? "float32";
  if (precision === "half" && !halfConvolutions) {
    const where =
      asked === "cpu" ? "the CPU computes convolutions only in float32" : `${asked} here has no float16 convolution`;
    const remedy = request.precision === undefined ? "continue where the run was trained" : "omit it";
    throw new GanglionError("usage", `--precision half: ${where}; ${remedy}`);
  }
  if (device !== "cpu") {
    onNote(`steps are computed on ${device}, convolutions in ${precision === "half" ? "float16" : "float32"}`);
  }
  return { device, precision };
}
