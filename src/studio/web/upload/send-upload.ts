import type { ApiError } from "../../api.ts";
import type { UploadState } from "../../project-api.ts";
import { api } from "../api-client.ts";
import { type ChosenFile, nameOf } from "./chosen-files.ts";

/** How far an upload is. */
export interface UploadProgress {
  readonly stage: "sending" | "unpacking";
  /** Files that came whole, or were unpacked. */
  readonly files: number;
  readonly totalFiles: number;
  /** Bytes that were sent; of the sending alone. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Files that are sent at once. */
const AT_ONCE = 4;
/** How often it is asked how far the unpacking is, in milliseconds. */
const LOOK = 300;

/** Why an upload ended without a folder: in the server's words, or one that the page has words for. */
export class UploadError extends Error {
  readonly kind: "said" | "lost" | "unreadable";

  constructor(kind: UploadError["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Sends files to the project and has a zip archive unpacked there. The server keeps all or nothing.
 * @param id See `newJobId`.
 * @returns absolute path of the images
 * @throws UploadError; of an aborted signal its reason
 */
export async function sendUpload(
  id: string,
  chosen: readonly ChosenFile[],
  signal: AbortSignal,
  onProgress: (progress: UploadProgress) => void,
): Promise<string> {
  const totalFiles = chosen.length;
  const totalBytes = chosen.reduce((sum, { file }) => sum + file.size, 0);
  const stopped = () => void api.cancelUpload(id).catch(() => undefined);
  signal.addEventListener("abort", stopped, { once: true });
  try {
    await said(api.beginUpload({ id, name: nameOf(chosen), files: totalFiles, bytes: totalBytes }));
    const sent = new Map<number, number>();
    let files = 0;
    let bytes = 0;
    const tell = () => onProgress({ stage: "sending", files, totalFiles, bytes, totalBytes });
    tell();
    let next = 0;
    const lane = async () => {
      for (let i = next++; i < chosen.length; i = next++) {
        await sendFile(id, chosen[i]!, signal, (now) => {
          bytes += now - (sent.get(i) ?? 0);
          sent.set(i, now);
          tell();
        });
        files++;
        tell();
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, totalFiles) }, lane));
    return await finish(id, signal, onProgress, totalBytes);
  } catch (cause) {
    // The other files of this upload need not come.
    if (!signal.aborted) stopped();
    throw cause;
  } finally {
    signal.removeEventListener("abort", stopped);
  }
}

async function finish(
  id: string,
  signal: AbortSignal,
  onProgress: (progress: UploadProgress) => void,
  totalBytes: number,
): Promise<string> {
  let state: UploadState = await said(api.finishUpload(id));
  while (state.state === "unpacking") {
    const { done, total } = state.unpacked ?? { done: 0, total: 0 };
    onProgress({ stage: "unpacking", files: done, totalFiles: total, bytes: totalBytes, totalBytes });
    await new Promise((resolve) => setTimeout(resolve, LOOK));
    signal.throwIfAborted();
    state = await said(api.upload(id));
  }
  if (state.path === null) throw new UploadError("said", state.message ?? state.state);
  return state.path;
}

const said = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((cause: Error) => {
    throw new UploadError("said", cause.message);
  });

/** Sends one file; `XMLHttpRequest` says how far it is, `fetch` does not. */
function sendFile(id: string, { path, file }: ChosenFile, signal: AbortSignal, onBytes: (bytes: number) => void) {
  return new Promise<void>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const end = (settle: () => void) => () => {
      signal.removeEventListener("abort", abort);
      settle();
    };
    signal.addEventListener("abort", abort, { once: true });
    request.open("POST", api.urls.uploadFile(id, path));
    request.setRequestHeader("content-type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded }) => onBytes(loaded);
    request.onabort = end(() => reject(signal.reason));
    request.onerror = end(() => {
      // A file that was changed or removed since it was chosen, or a studio that is gone.
      file
        .slice(0, 1)
        .arrayBuffer()
        .then(
          () => reject(new UploadError("lost", path)),
          () => reject(new UploadError("unreadable", path)),
        );
    });
    request.onload = end(() => {
      if (request.status < 300) return resolve();
      const body = request.response as ApiError | null;
      reject(new UploadError("said", body?.error?.message ?? `${request.status}`));
    });
    request.send(file);
  });
}
