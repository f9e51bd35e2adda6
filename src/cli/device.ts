import { InvalidArgumentError } from "commander";
import { DEVICES, type Device } from "../graph/device.ts";

export const DEVICE_HELP = `where to compute: ${DEVICES.join(", ")}`;

/** Parser of `--device`. */
export function parseDevice(text: string): Device {
  const device = DEVICES.find((name) => name === text);
  if (device === undefined) throw new InvalidArgumentError(`Use one of ${DEVICES.join(", ")}.`);
  return device;
}
