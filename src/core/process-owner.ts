import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { sha256 } from "./hash.ts";

const readOr = (read: () => string) => {
  try {
    return read();
  } catch {
    return "";
  }
};

/** Processes of the same machine in this sense see each other's numbers: one host, one boot, one container. */
export const MACHINE = sha256(
  JSON.stringify([
    hostname(),
    readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    readOr(() => readlinkSync("/proc/self/ns/pid")),
  ]),
).slice(0, 12);

/** Fields of /proc/PID/stat behind the name, which may hold spaces and brackets; empty where there is no such file. */
const statOf = (pid: number): string[] => {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
};

/** Start time of a process in the system's own count, which tells it from a later one of the same number; empty if unknown. */
export const processStart = (pid: number): string => statOf(pid)[19] ?? "";

/** Whether a process of this machine has ended. @param start What {@link processStart} said of it; empty if unknown */
export function processEnded(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EPERM") return true;
  }
  // proc(5): the 3rd field is the state, the 22nd the start time. A zombie has ended, its parent has not asked yet.
  const { 0: state, 19: now = "" } = statOf(pid);
  return state === "Z" || state === "X" || (start !== "" && now !== "" && now !== start);
}

const START = processStart(process.pid);

/** This process in the name of a folder that it works in: `MACHINE.PID-START`, or `MACHINE.PID` where no start is known. */
export const OWNER = `${MACHINE}.${process.pid}${START === "" ? "" : `-${START}`}`;

/** Whether a process is known to have ended; false where that cannot be seen from here. @param owner As {@link OWNER} */
export function ownerEnded(owner: string): boolean {
  const [, machine, pid, start = ""] = /^([0-9a-f]+)\.(\d+)(?:-(\d+))?$/.exec(owner) ?? [];
  return machine === MACHINE && processEnded(Number(pid), start);
}
