import { rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GanglionError } from "../../core/errors.ts";
import { fileError } from "../../core/file-error.ts";
import { listInside, makeFolderInside, openInside } from "../../core/inside-folder.ts";
import { OWNER, ownerEnded } from "../../core/process-owner.ts";
import { quoted } from "../../core/quoted.ts";
import { FOLDER_NAME, freeName } from "../jobs/build-words.ts";
import { checkProjectThere } from "../jobs/project-there.ts";
import { placeInUpload } from "../place-in-upload.ts";
import type { KeptUpload, UploadRequest, UploadState } from "../project-api.ts";
import { settledFolder } from "./settled-folder.ts";
import { unpackUpload } from "./unpack-upload.ts";
import { UPLOAD_LIMITS, UPLOADS_FOLDER, type UploadLimits } from "./upload-limits.ts";

/** Folders that an upload or a removal is at work with: hidden, so that nothing reads them, and named by the process. */
const AT_WORK = /^\.(.+)\.([0-9a-f]+\.\d+(?:-\d+)?)\.(part|removed)$/;
const DAY = 24 * 3_600_000;
/** States of ended uploads that are remembered for the page. */
const REMEMBERED = 100;

/** An upload while it is received or unpacked. */
interface Upload {
  readonly request: UploadRequest;
  /** Hidden folder below `uploads`. */
  readonly folder: string;
  readonly stop: AbortController;
  /** Files that are being written. */
  readonly writing: Set<Promise<unknown>>;
  readonly taken: Set<string>;
  heard: number;
  state: UploadState;
  /** Set when it is given up, until all of it is removed. */
  ending?: Promise<void>;
}

/** What the page sends of images: kept whole as a folder of the project, or not at all. */
export class Uploads {
  readonly #project: string;
  readonly #limits: UploadLimits;
  readonly #uploads = new Map<string, Upload>();

  /** @param project Real path. */
  private constructor(project: string, limits: UploadLimits) {
    this.#project = project;
    this.#limits = limits;
  }

  /** Opens the uploads of a project, and removes what a studio that was killed left of unfinished ones. */
  static async open(project: string, limits: UploadLimits = UPLOAD_LIMITS): Promise<Uploads> {
    for (const name of await listInside(project, UPLOADS_FOLDER)) {
      const owner = AT_WORK.exec(name)?.[2];
      if (owner === undefined) continue;
      const path = join(project, UPLOADS_FOLDER, name);
      // Of another boot or machine it cannot be seen whether the process lives.
      const touched = (await stat(path).catch(() => null))?.mtimeMs ?? 0;
      if (ownerEnded(owner) || Date.now() - touched > DAY) await rm(path, { recursive: true, force: true });
    }
    return new Uploads(project, limits);
  }

  get limits(): UploadLimits {
    return this.#limits;
  }

  /** Gives up uploads of which nothing is heard any more, until the studio ends. */
  watch(closing: AbortSignal): void {
    const look = () => {
      for (const upload of this.#open()) {
        if (upload.state.state === "receiving" && Date.now() - upload.heard > this.#limits.silence) {
          void this.#fail(upload, "failed", "nothing was received for a while; choose the files again");
        }
      }
    };
    const timer = setInterval(look, Math.min(5000, this.#limits.silence));
    timer.unref();
    closing.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  /** Gives up what is under way, and removes for good what was removed. */
  async close(): Promise<void> {
    await Promise.all(this.#open().map((upload) => this.#fail(upload, "failed", "the studio was closed")));
    for (const name of await listInside(this.#project, UPLOADS_FOLDER)) {
      if (AT_WORK.exec(name)?.[2] !== OWNER) continue;
      await rm(join(this.#project, UPLOADS_FOLDER, name), { recursive: true, force: true });
    }
  }

  /** Begins an upload, unless there is one of this id: then that one is given. @throws GanglionError `refused` */
  async begin(request: UploadRequest): Promise<UploadState> {
    await checkProjectThere(this.#project);
    const known = this.#uploads.get(request.id);
    if (known !== undefined) return known.state;
    const { bytes, files, atOnce } = this.#limits;
    if (request.bytes > bytes) throw refused(`it has ${request.bytes} bytes, at most ${bytes} are taken`, SMALLER);
    if (request.files > files) throw refused(`it has ${request.files} files, at most ${files} are taken`, SMALLER);
    if (this.#open().length >= atOnce) {
      throw refused(`${atOnce} uploads are under way already`, "wait for them, or cancel one");
    }
    const state: UploadState = {
      id: request.id,
      state: "receiving",
      files: 0,
      bytes: 0,
      leftOut: 0,
      unpacked: null,
      path: null,
      message: null,
    };
    const folder = `${UPLOADS_FOLDER}/.${request.id}.${OWNER}.part`;
    const upload: Upload = {
      request,
      folder,
      stop: new AbortController(),
      writing: new Set(),
      taken: new Set(),
      heard: Date.now(),
      state,
    };
    // Counts from now on, before anything is waited for.
    this.#uploads.set(request.id, upload);
    this.#forget();
    try {
      await makeFolderInside(this.#project, `${folder}/files`);
      const { bavail, bsize } = await statfs(this.#project);
      if (bavail * bsize < request.bytes) {
        throw refused(`it has ${request.bytes} bytes, and the disk has ${bavail * bsize} left`, "free some space");
      }
    } catch (cause) {
      throw await this.#fail(upload, "failed", wordsOf(cause));
    }
    return state;
  }

  /**
   * Writes one file of an upload as it comes in. Whatever fails ends the whole upload, of which nothing is kept.
   * @param length As the request states it; null where it does not.
   * @returns null where there is no such upload
   * @throws GanglionError `refused`
   */
  async receive(
    id: string,
    name: string,
    length: number | null,
    body: ReadableStream<Uint8Array> | null,
  ): Promise<UploadState | null> {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return null;
    if (upload.state.state !== "receiving" || upload.ending !== undefined)
      throw refused(upload.state.message ?? "it has ended", "choose the files again");
    const writing = this.#write(upload, name, length, body);
    const settled = writing.catch(() => undefined);
    upload.writing.add(settled);
    try {
      await writing;
    } catch (cause) {
      upload.writing.delete(settled);
      throw await this.#fail(upload, "failed", wordsOf(cause, name));
    }
    upload.writing.delete(settled);
    return upload.state;
  }

  async #write(upload: Upload, name: string, length: number | null, body: ReadableStream<Uint8Array> | null) {
    const { request, folder, stop, taken } = upload;
    upload.heard = Date.now();
    const place = placeInUpload(name);
    if ("problem" in place) throw refused(`${quoted(name)}: ${place.problem}`, "rename it");
    const most = () => request.bytes - upload.state.bytes;
    if (length !== null && length > most()) throw refused(TOO_MUCH, SMALLER);
    if (taken.size >= request.files) throw refused("more files came than were announced", "choose them again");
    if ("leftOut" in place) {
      await body?.cancel();
      upload.state = { ...upload.state, leftOut: upload.state.leftOut + 1 };
      return;
    }
    if (taken.has(place.path)) throw refused(`${quoted(name)} came twice`, "choose the files again");
    taken.add(place.path);
    const path = `${folder}/files/${place.path}`;
    await makeFolderInside(this.#project, dirname(path));
    const file = await openInside(this.#project, path, "create");
    try {
      for await (const piece of piecesOf(body, stop.signal)) {
        upload.heard = Date.now();
        // Two files that come at once count together.
        upload.state = { ...upload.state, bytes: upload.state.bytes + piece.length };
        if (most() < 0) throw refused(TOO_MUCH, SMALLER);
        await file.writeFile(piece);
      }
    } finally {
      await file.close();
    }
    stop.signal.throwIfAborted();
    upload.state = { ...upload.state, files: upload.state.files + 1 };
  }

  /** Ends the sending: a single zip archive is unpacked, and the folder gets its name. @returns null where there is none */
  async finish(id: string): Promise<UploadState | null> {
    const upload = this.#uploads.get(id);
    if (upload === undefined || upload.state.state !== "receiving" || upload.ending !== undefined) {
      await upload?.ending;
      return upload?.state ?? null;
    }
    const { request, taken, state } = upload;
    if (upload.writing.size > 0 || taken.size + state.leftOut !== request.files) {
      const came = `${taken.size + state.leftOut} of ${request.files} files came`;
      throw await this.#fail(upload, "failed", `${came}; choose them again`);
    }
    upload.state = { ...state, state: "unpacking" };
    const settling = this.#settle(upload);
    upload.writing.add(settling.catch(() => undefined));
    settling.catch((cause) => this.#fail(upload, "failed", wordsOf(cause)));
    return upload.state;
  }

  /** Unpacks, and moves the whole to where it stays. */
  async #settle(upload: Upload): Promise<void> {
    const { folder, request, taken, stop } = upload;
    const whole = join(this.#project, folder);
    const zips = [...taken].filter((path) => /\.zip$/i.test(path));
    let from = join(whole, "files");
    if (taken.size === 0) throw refused("no file is left of it", "choose other files");
    if (zips.length > 0 && taken.size > 1) {
      throw refused("zip archives came among other files", "unpack them first, or send one archive by itself");
    }
    if (zips.length === 1) {
      const zip = join(from, zips[0]!);
      const into = await makeFolderInside(this.#project, `${folder}/unpacked`);
      const { leftOut } = await unpackUpload(zip, into, {
        called: basename(zip),
        limits: this.#limits,
        signal: stop.signal,
        onFile: (done, total) => {
          upload.state = { ...upload.state, unpacked: { done, total } };
        },
      });
      upload.state = { ...upload.state, leftOut: upload.state.leftOut + leftOut };
      from = into;
    }
    stop.signal.throwIfAborted();
    const there = join(this.#project, UPLOADS_FOLDER);
    const kept = await moveToFree(from, there, plainName(request.name));
    const path = await settledFolder(kept);
    upload.state = { ...upload.state, state: "done", path };
    await rm(whole, { recursive: true, force: true });
  }

  /** Gives an upload up. @returns null where there is none */
  async cancel(id: string): Promise<UploadState | null> {
    const upload = this.#uploads.get(id);
    if (upload !== undefined) await this.#fail(upload, "cancelled", "it was cancelled");
    return upload?.state ?? null;
  }

  state(id: string): UploadState | null {
    return this.#uploads.get(id)?.state ?? null;
  }

  /** Uploads that are kept, newest first. */
  async list(): Promise<KeptUpload[]> {
    const found: KeptUpload[] = [];
    for (const name of await listInside(this.#project, UPLOADS_FOLDER)) {
      if (name.startsWith(".")) continue;
      const folder = join(this.#project, UPLOADS_FOLDER, name);
      const at = await stat(folder).catch(() => null);
      if (at?.isDirectory()) found.push({ name, path: await settledFolder(folder), at: at.mtime.toISOString() });
    }
    return found.sort((a, b) => (a.at < b.at ? 1 : -1));
  }

  /** Puts an upload aside until the studio ends, see {@link restore}. @returns false where there is none of this name */
  async remove(name: string): Promise<boolean> {
    return this.#move(name, removedName(name));
  }

  /** Takes a removal back. @returns false where there is none, or another upload has the name now */
  async restore(name: string): Promise<boolean> {
    return this.#move(removedName(name), name);
  }

  async #move(from: string, to: string): Promise<boolean> {
    const names = await listInside(this.#project, UPLOADS_FOLDER);
    if (!names.includes(from)) return false;
    const [old, next] = [from, to].map((name) => join(this.#project, UPLOADS_FOLDER, name));
    if (to.startsWith(".")) await rm(next!, { recursive: true, force: true });
    else if (names.includes(to)) return false;
    await rename(old!, next!).catch((cause) => {
      throw fileError("move", old!, cause);
    });
    return true;
  }

  /**
   * Ends an upload and removes all of it, once the files that are being written are closed; it is shown as ended when nothing
   * of it is left.
   * @returns what to throw
   */
  async #fail(upload: Upload, state: "failed" | "cancelled", message: string): Promise<GanglionError> {
    if (isOpen(upload)) {
      upload.ending ??= this.#end(upload, state, message);
      await upload.ending;
    }
    return refused(upload.state.message ?? message, "nothing of it was kept");
  }

  async #end(upload: Upload, state: "failed" | "cancelled", message: string): Promise<void> {
    upload.stop.abort();
    await Promise.all(upload.writing);
    await rm(join(this.#project, upload.folder), { recursive: true, force: true });
    upload.state = { ...upload.state, state, message };
  }

  #open(): Upload[] {
    return [...this.#uploads.values()].filter(isOpen);
  }

  #forget(): void {
    const ended = [...this.#uploads.values()].filter((upload) => !isOpen(upload));
    for (const { request } of ended.slice(0, -REMEMBERED)) this.#uploads.delete(request.id);
  }
}

const isOpen = ({ state: { state } }: Upload): boolean => state === "receiving" || state === "unpacking";

const SMALLER = "send fewer files, or choose their folder on this machine";
const TOO_MUCH = "more came than was announced";

const refused = (what: string, remedy: string): GanglionError =>
  new GanglionError(
    "refused",
    `the upload was not taken: ${what.replace(/^the upload was not taken: /, "")}; ${remedy}`,
  );

/** What the page is told of a failure. */
function wordsOf(cause: unknown, name?: string): string {
  const system =
    cause instanceof GanglionError
      ? (cause.cause as NodeJS.ErrnoException | undefined)?.code
      : (cause as NodeJS.ErrnoException).code;
  if (system === "ENOSPC" || system === "EDQUOT")
    return "the disk of the project is full; free some space and upload again";
  if (cause instanceof GanglionError && cause.code !== "internal")
    return cause.message.replace(/; nothing of it was kept$/, "");
  return `${name === undefined ? "it" : quoted(name)} did not come whole (${(cause as Error).message}); choose the files again`;
}

const removedName = (name: string): string => `.${name}.${OWNER}.removed`;

const plainName = (name: string): string => {
  const plain = name
    .normalize("NFC")
    .replace(/\.zip$/i, "")
    .replaceAll(/[^\p{L}\p{M}\p{N} ._-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .slice(0, 60)
    .replace(/[ .-]+$/, "");
  return FOLDER_NAME.test(plain) ? plain : "upload";
};

/** Moves a folder to a name that is free below another; of several that try one takes it. @returns its path */
async function moveToFree(from: string, parent: string, wanted: string): Promise<string> {
  for (;;) {
    const to = join(parent, freeName(parent, wanted));
    try {
      await rename(from, to);
      return to;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw fileError("move", from, cause);
    }
  }
}

/** Pieces of a body; ends with an error when it is given up. */
async function* piecesOf(body: ReadableStream<Uint8Array> | null, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await reader.cancel().catch(() => undefined);
  }
}
