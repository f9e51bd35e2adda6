import { type IncomingHttpHeaders, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sends the body in pieces of unknown length. */
  readonly chunked?: boolean;
  readonly address?: string;
}

/** One HTTP request, its path and `Host` sent as they are, which `fetch` would not do. */
export function ask(port: number, path: string, options: AskOptions = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, chunked, address = "127.0.0.1" } = options;
  const length = body === undefined || chunked ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: address, port, path, method, agent: false, headers: { ...length, ...headers } },
      (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () => {
          const bytes = Buffer.concat(pieces);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            text: bytes.toString("utf8"),
          });
        });
      },
    );
    sent.on("error", reject);
    if (body !== undefined) sent.write(body);
    sent.end();
  });
}
