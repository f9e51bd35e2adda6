import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { trustedCertificates } from "./system-certificates.ts";

/** Longest answer that is read, in bytes. */
const MAX_ANSWER = 64 * 2 ** 20;

/** What a server answered. */
export interface Answer {
  readonly status: number;
  /** Where it points to, with a status of 300 to 399; null where it does not. */
  readonly location: string | null;
  readonly text: string;
}

/**
 * One POST request and its answer. Nothing is followed and nothing is tried again.
 * @throws whatever the connection fails with, with its `code`; the reason of `signal` once that is given
 */
export function post(
  address: URL,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method: "POST", headers: { ...headers, "Content-Length": String(body.length) }, signal };
    const take = (response: IncomingMessage) => {
      const pieces: Buffer[] = [];
      let length = 0;
      response.on("data", (piece: Buffer) => {
        length += piece.length;
        if (length > MAX_ANSWER) response.destroy(new Error("its answer is longer than 64 MiB"));
        else pieces.push(piece);
      });
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode: status = 0, headers: said } = response;
        resolve({ status, location: said.location ?? null, text: Buffer.concat(pieces).toString("utf8") });
      });
    };
    const made =
      address.protocol === "https:"
        ? httpsRequest(address, { ...options, ca: trustedCertificates() }, take)
        : httpRequest(address, options, take);
    made.on("error", reject);
    made.end(body);
  });
}
