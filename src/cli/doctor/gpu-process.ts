// A process that tries the GPU and prints what it can do as JSON. It is one of its own because drivers write to standard error as
// they like, and a broken one ends the process that loads it.
import { checkDevice, type DeviceAbility } from "../../graph/index.ts";

const ability = await checkDevice("webgpu").catch(
  (cause: Error): DeviceAbility => ({ usable: false, failure: cause.message }),
);
process.stdout.write(JSON.stringify(ability), () => process.exit(0));
