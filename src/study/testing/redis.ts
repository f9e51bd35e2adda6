import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "../../core/testing/free-port.ts";

/** True where there is no Redis to test with; said aloud, and an error under CI=true, where nothing is skipped. */
export function missingRedis(what: string): boolean {
  const missing = spawnSync("redis-server", ["--version"], { stdio: "ignore" }).error !== undefined;
  if (missing && process.env.CI !== "true") console.warn(`skipped: no redis-server on this machine, so ${what}`);
  return missing && process.env.CI !== "true";
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

/** A Redis of the test's own, with its append-only file on. */
export interface TestRedis {
  readonly address: string;
  readonly port: number;
  /** Kills it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on what its file holds. */
  start(): Promise<void>;
}

/** @param password Wanted of whoever connects. Defaults to none. */
export async function startRedis(folder: string, password = ""): Promise<TestRedis> {
  const port = await freePort();
  const data = join(folder, "redis");
  mkdirSync(data, { recursive: true });
  let server: ChildProcess;
  const start = async () => {
    const settings = ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--dir", data];
    if (password !== "") settings.push("--requirepass", password);
    server = spawn("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", ...settings], { stdio: "ignore" });
    while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await start();
  return {
    address: `redis://${password === "" ? "" : `:${password}@`}127.0.0.1:${port}`,
    port,
    start,
    async kill() {
      const exit = once(server, "exit");
      server.kill("SIGKILL");
      await exit;
    },
  };
}
