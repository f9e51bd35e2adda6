import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { createAdaptorServer } from "@hono/node-server";
import { GanglionError } from "../../core/errors.ts";
import { VERSION } from "../../core/version.ts";
import { openProject } from "../project/open-project.ts";
import { newToken } from "./access-token.ts";
import { studioApp } from "./app.ts";
import { isLoopback, urlHost } from "./request-rules.ts";
import { openWorkspace } from "./workspace.ts";

export interface StudioOptions {
  /** A run, a study, a dataset, or a folder with some of these; an empty or new folder becomes a project. */
  readonly path: string;
  /** Folders that images may be imported from. Defaults to the user's home. */
  readonly roots?: readonly string[] | undefined;
  /** Address that is listened on. Defaults to `127.0.0.1`. */
  readonly host?: string;
  /** Port that is listened on; 0 takes a free one. Defaults to {@link STUDIO_PORT}. */
  readonly port?: number | undefined;
  /** Lets other machines in: a host that is not of the loopback. Defaults to false. */
  readonly allowRemote?: boolean | undefined;
  /** Sends columns that name patients. Defaults to false. */
  readonly showPatients?: boolean | undefined;
  /** Folder of the built page. Defaults to `dist/studio/web` of this package. */
  readonly pageFolder?: string;
  /** Told of guesses, and of failures that the page is not told of. */
  note(message: string): void;
}

/** A studio that listens. */
export interface Studio {
  /** Where the page is, with the token of this start. */
  readonly url: string;
  readonly token: string;
  readonly host: string;
  readonly port: number;
  /** What was opened. */
  readonly opened: { readonly runs: number; readonly studies: number; readonly datasets: number };
  /** Ends every connection. */
  close(): Promise<void>;
}

const STUDIO_PORT = 4747;

const PAGE = new URL("../../../dist/studio/web/", import.meta.url);

/**
 * Opens a folder and serves the studio's page over it, to this machine only.
 * @throws GanglionError `usage` for a host that others reach without `allowRemote`, a port that is taken, or when there is
 * nothing to open
 */
export async function startStudio(options: StudioOptions): Promise<Studio> {
  const { path, host = "127.0.0.1", port: asked = STUDIO_PORT, note } = options;
  if (!isLoopback(host) && !options.allowRemote) {
    throw new GanglionError(
      "usage",
      `--host ${host} would let other machines see your images, without encryption; use 127.0.0.1 (and \`ssh -L\` from elsewhere), or add --allow-remote`,
    );
  }
  const project = await openProject({ path, roots: options.roots, note });
  const inProject = project !== null;
  const workspace = await openWorkspace({
    path,
    version: VERSION,
    showPatients: options.showPatients,
    inProject,
    note,
  });
  const token = newToken();
  const closing = new AbortController();
  let port = asked;
  const app = studioApp({
    workspace,
    project,
    host,
    port: () => port,
    token,
    pageFolder: options.pageFolder ?? fileURLToPath(PAGE),
    note,
    closing: closing.signal,
  });
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  // An upload may take hours; one of which nothing is heard is ended by `Uploads`.
  server.requestTimeout = 0;
  port = await listen(server, host, asked);
  project?.jobs.watch(closing.signal);
  project?.uploads.watch(closing.signal);
  const { runs, datasets, watched } = await workspace.list();
  return {
    url: `http://${urlHost(host)}:${port}/?token=${token}`,
    token,
    host,
    port,
    opened: { runs: runs.length, studies: watched.length, datasets: datasets.length },
    async close() {
      const closed = new Promise<void>((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      project?.dryRuns.close();
      // A folder that is gone is no reason not to end.
      const gone = (error: Error) => note(`studio: ${error.message}`);
      await project?.jobs.studioStops().catch(gone);
      await closed;
      await project?.uploads.close().catch(gone);
    },
  };
}

/** @returns the port that is listened on */
function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port)));
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): GanglionError {
  const remedies: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${host} is in use, perhaps by another studio; choose another one with --port N`,
    EACCES: `port ${port} is not open to you; choose one above 1023 with --port N`,
    EADDRNOTAVAIL: `${host} is no address of this machine; leave --host out`,
    ENOTFOUND: `${host} is not a known host; leave --host out`,
  };
  return new GanglionError("usage", remedies[cause.code ?? ""] ?? `cannot listen: ${cause.message}`, { cause });
}
