import { randomBytes } from "node:crypto";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { readInside } from "../../core/inside-folder.ts";
import { type ProgressListener, silent } from "../../core/progress.ts";
import { redactServerText, shownAddress } from "../../core/redact.ts";
import { multipartBody } from "./multipart.ts";
import { type Answer, post } from "./post.ts";
import { parseStowAnswer, type StowAnswer } from "./stow-response.ts";

/** An object to send: a file of the release and its SOP Instance UID. */
export interface StowObject {
  /** Path within the folder of the release. */
  readonly fileName: string;
  readonly sopInstanceUid: string;
}

/** Where {@link sendStow} sends to, and how. */
export interface StowOptions {
  /** Root of the DICOMweb service, e.g. `https://pacs.example/dicom-web`; `/studies` is appended. */
  readonly url: string;
  /** Value of the `Authorization` header, e.g. `Bearer ...` or `Basic ...`. Defaults to none. */
  readonly authorization?: string | undefined;
  /**
   * Most bytes of objects in a request; one object at least is sent. Defaults to
   * 1,000,000, under what proxies allow without being told otherwise (nginx: 1 MiB).
   */
  readonly requestBytes?: number;
  /** Seconds after which a request without an answer is given up. Defaults to 60. */
  readonly timeoutSeconds?: number | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Ends the work between two requests, and the one under way. Defaults to never. */
  readonly signal?: AbortSignal | undefined;
}

/** What a PACS took. */
export interface SentObjects {
  /** Address that was sent to, without a password. */
  readonly url: string;
  readonly stored: number;
  readonly requests: number;
}

const REQUEST_BYTES = 1_000_000;
const TIMEOUT_SECONDS = 60;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Address of the store transaction of a DICOMweb root.
 * @throws GanglionError `usage` for what is no http or https address, holds a password, or would send a token in the clear
 */
export function storeAddress(url: string, authorization?: string): URL {
  // What stands behind ? may be a token.
  const shown = shownAddress(url).replace(/[?#].*$/s, "");
  const refuse = (message: string) => new GanglionError("usage", `--stow ${shown}: ${message}`);
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    throw refuse("this is no address; give the root of the DICOMweb service, e.g. https://pacs.example/dicom-web");
  }
  if (address.protocol !== "http:" && address.protocol !== "https:") {
    throw refuse(`${address.protocol} is not sent to; the address must start with https:// or http://`);
  }
  if (address.username !== "" || address.password !== "") {
    const message = "a name or password in an address ends up in logs; set GANGLION_STOW_AUTHORIZATION instead";
    throw new GanglionError("usage", `--stow ${address.protocol}//...@${address.host}: ${message}`);
  }
  if (address.search !== "" || address.hash !== "") throw refuse("the address must end with its path; drop ? and #");
  if (authorization !== undefined) {
    if (!/^[\x21-\x7e]+( [\x20-\x7e]+)?$/.test(authorization)) {
      const message =
        "the value of the Authorization header must be one line of printable ASCII, e.g. `Bearer TOKEN` or `Basic BASE64`";
      throw new GanglionError("usage", `GANGLION_STOW_AUTHORIZATION: ${message}`);
    }
    if (address.protocol === "http:" && !LOOPBACK.test(address.hostname)) {
      throw refuse("the token would cross the network in the clear; use https://, plain http is for this machine only");
    }
  }
  address.pathname = address.pathname.replace(/\/*$/, /\/studies\/*$/.test(address.pathname) ? "" : "/studies");
  return address;
}

/**
 * Sends DICOM objects to a PACS by DICOMweb STOW-RS (PS3.18 10.5): `multipart/related` POST requests to `URL/studies`,
 * one after another. Nothing is sent twice and no redirect is followed, which could lead to a host that nobody named: a
 * request that fails ends the work, and the error says how far it came. Certificates are checked against
 * those of Node and of the system.
 * @param folder Folder that holds the objects.
 * @throws GanglionError `usage` for the address, `files` when the server cannot be reached, refuses, or does not store all:
 *   one problem for each object that it did not.
 */
export async function sendStow(
  folder: string,
  objects: readonly StowObject[],
  options: StowOptions,
): Promise<SentObjects> {
  const { authorization, requestBytes = REQUEST_BYTES, onProgress = silent, signal } = options;
  const address = storeAddress(options.url, authorization);
  const problems: Problem[] = [];
  let stored = 0;
  let requests = 0;
  let next = 0;
  while (next < objects.length) {
    const batch: StowObject[] = [];
    const bytes: Uint8Array[] = [];
    let size = 0;
    while (next < objects.length) {
      const content = await readInside(folder, objects[next]!.fileName);
      if (batch.length > 0 && size + content.length > requestBytes) break;
      batch.push(objects[next++]!);
      bytes.push(content);
      size += content.length;
    }
    const sofar = `${stored} of ${objects.length} objects were stored before`;
    const answer = await sendBatch(address, bytes, options, sofar, signal);
    requests++;
    const notStored = problemsOf(batch, answer);
    problems.push(...notStored);
    stored += batch.length - notStored.length;
    onProgress({ stage: "send", done: next, total: objects.length, unit: "objects" });
  }
  const headline = `${address.href} stored ${stored} of ${objects.length} objects`;
  throwIfProblems("files", headline, problems);
  return { url: address.href, stored, requests };
}

/** Objects of a request that are not known to be stored. */
function problemsOf(batch: readonly StowObject[], { answer, status }: Answered): Problem[] {
  const failed = new Map(answer?.failed.map((failure) => [failure.sopInstanceUid, failure.reason]));
  const stored = new Set(answer?.stored);
  const problems: Problem[] = [];
  for (const { fileName, sopInstanceUid } of batch) {
    const reason = failed.get(sopInstanceUid);
    if (reason === undefined && (stored.has(sopInstanceUid) || (answer === null && status === 200))) continue;
    const message = `not stored: ${reason ?? `the server does not name it in its answer ${status}`}`;
    problems.push({ code: "not-stored", path: fileName, message });
  }
  return problems;
}

interface Answered {
  readonly status: number;
  /** Null where the body says nothing of the objects. */
  readonly answer: StowAnswer | null;
}

async function sendBatch(
  address: URL,
  bytes: readonly Uint8Array[],
  { authorization, timeoutSeconds = TIMEOUT_SECONDS }: StowOptions,
  sofar: string,
  signal: AbortSignal | undefined,
): Promise<Answered> {
  // Random, so that no content can hold it; it is not written anywhere.
  const boundary = `ganglion-${randomBytes(16).toString("hex")}`;
  const parts = bytes.map((content) => ({ contentType: "application/dicom", bytes: content }));
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const headers = {
    "Content-Type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
    Accept: "application/dicom+json",
    ...(authorization === undefined ? {} : { Authorization: authorization }),
  };
  const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const secrets = authorization === undefined ? [] : [authorization];
  let said: Answer;
  try {
    said = await post(address, headers, multipartBody(parts, boundary), either);
  } catch (cause) {
    const why = signal?.aborted
      ? "stopped"
      : timeout.aborted
        ? `no answer in ${timeoutSeconds} s`
        : reachError(cause, secrets);
    const message = `cannot send to ${address.href}: ${why}; ${sofar}, those of this request may or may not be`;
    throw new GanglionError("files", message, { cause });
  }
  // The standard has bodies with 200, 202 and 409 (PS3.18 table 10.5.3-1); Orthanc names objects with 400 too.
  const answer = parseStowAnswer(said.text);
  const named = answer !== null && answer.stored.length + answer.failed.length > 0;
  if (named || said.status === 200) return { status: said.status, answer };
  throw new GanglionError("files", `${address.href} answered ${said.status}: ${statusRemedy(said, secrets)}; ${sofar}`);
}

function reachError(cause: unknown, secrets: readonly string[]): string {
  const { code = "", message } = cause as { code?: string; message?: string };
  if (code === "ECONNREFUSED") return "no server answers there; check host and port, and that the server is running";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the host name is not known; check it and your network";
  if (code === "ECONNRESET" || code === "EPROTO" || code === "HPE_INVALID_CONSTANT") {
    return "the server broke off; is it the right port, and does it speak http or https as the address says?";
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ISSUER/.test(code)) {
    return `its certificate is not trusted (${code}); name the file of its authority in NODE_EXTRA_CA_CERTS`;
  }
  return redactServerText(message ?? String(cause), secrets);
}

/**
 * What an answer without a list of objects means; the first words of its body where it has some.
 * @param secrets What of the request a server may repeat and nobody else is to read.
 */
function statusRemedy({ status, location, text }: Answer, secrets: readonly string[]): string {
  if (status === 401) return "it wants to know who you are; set GANGLION_STOW_AUTHORIZATION, e.g. to `Bearer TOKEN`";
  if (status === 403) return "you may not store there; ask who runs it for the right to";
  if (status === 404) return "there is no DICOMweb service at this path; check the address, e.g. .../dicom-web";
  if (status === 413) return "a request of 1 MB, or of one object, is too large for it; have its limit raised";
  if (status === 415) return "it does not take DICOM files in multipart/related; is this the store service?";
  if (status >= 300 && status < 400) {
    // A redirect often carries a token behind ?.
    const place = redactServerText(location ?? "another place", secrets).replace(/[?#].*$/s, "");
    return `it points to ${place}, which is not followed; name that address if you trust it`;
  }
  const words = redactServerText(text, secrets)
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return words === "" ? "it gave no reason" : JSON.stringify(words.slice(0, 200));
}
