/** Sends a signal to the process group that a job's command is the head of; nothing where it has ended. */
export function endGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    // Windows knows no groups.
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}
