import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { sha256 } from "../../core/hash.ts";

const readOr = (read: () => string) => {
  try {
    return read();
  } catch {
    return "";
  }
};

/** Processes of the same machine in this sense see each other's numbers: one host, one boot, one container. */
const MACHINE = sha256(
  JSON.stringify([
    hostname(),
    readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    readOr(() => readlinkSync("/proc/self/ns/pid")),
  ]),
).slice(0, 12);

/** This process in the name of a folder that it works in: `MACHINE.PID`. */
export const OWNER = `${MACHINE}.${process.pid}`;

/** Whether a process is known to have ended; false where that cannot be seen from here. @param owner `MACHINE.PID` */
export function ownerEnded(owner: string): boolean {
  const [machine, pid] = owner.split(".");
  if (machine !== MACHINE) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== "EPERM";
  }
}
