// A process that tries the GPU and tells its parent what it can do. It is one of its own because drivers write to standard error as
// they like, and a broken one ends the process that loads it.
import { checkDevice, type DeviceAbility } from "../../graph/index.ts";

const ability = await checkDevice("webgpu").catch(
  (cause: Error): DeviceAbility => ({ usable: false, failure: cause.message }),
);
process.send?.(ability);
