import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../core/testing/free-port.ts";

/** Whether the test of a PACS is skipped, with a line that says so, because there is no Orthanc. */
export function missingOrthanc(what: string): boolean {
  const missing = (process.env.GANGLION_ORTHANC ?? "") === "" && process.env.CI !== "true";
  if (missing) console.warn(`skipped: no Orthanc with DICOMweb on this machine, so ${what}`);
  return missing;
}

/** A PACS of a test. */
export interface Orthanc {
  /** Address of its own interface, e.g. `http://127.0.0.1:1234`. */
  readonly url: string;
  /** Value of the Authorization header that it asks for. */
  readonly authorization: string;
  readonly user: string;
  readonly password: string;
  /** A GET with the right header. */
  get(path: string, accept?: string): Promise<Response>;
  stop(): Promise<void>;
}

/** Starts an empty Orthanc with DICOMweb on this machine alone: with a password, without a DICOM port and scripts. */
export async function startOrthanc(): Promise<Orthanc> {
  const [program, plugin] = (process.env.GANGLION_ORTHANC ?? "").split(":");
  const folder = await mkdtemp(join(tmpdir(), "ganglion-orthanc-"));
  await mkdir(join(folder, "storage"));
  const [user, password] = ["ganglion", "secret"];
  const port = await freePort();
  const settings = {
    Name: "ganglion test",
    StorageDirectory: join(folder, "storage"),
    IndexDirectory: join(folder, "storage"),
    HttpServerEnabled: true,
    HttpPort: port,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: true,
    RegisteredUsers: { [user]: password },
    DicomServerEnabled: false,
    OverwriteInstances: false,
    Plugins: [plugin],
    DicomWeb: { Enable: true, Root: "/dicom-web/" },
  };
  await writeFile(join(folder, "orthanc.json"), JSON.stringify(settings));
  const log: Buffer[] = [];
  const child = spawn(program!, [join(folder, "orthanc.json")], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (piece) => log.push(piece));
  child.stderr.on("data", (piece) => log.push(piece));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let failed: Error | null = null;
  child.once("error", (error) => {
    failed = error;
  });
  const url = `http://127.0.0.1:${port}`;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const get = (path: string, accept = "*/*") =>
    fetch(`${url}${path}`, { headers: { Authorization: authorization, Accept: accept } });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const started = Date.now();
  for (;;) {
    const up = await get("/plugins/dicom-web").catch(() => null);
    if (up?.ok) break;
    if (failed !== null || child.exitCode !== null || Date.now() - started > 60_000) {
      if (failed === null) await stop();
      throw new Error(`Orthanc does not start: ${failed ?? Buffer.concat(log).toString("utf8").slice(-2000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, authorization, user, password, get, stop };
}
