import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { sha256 } from "../../core/hash.ts";

/** An S3 of the test's own, in memory: one bucket, signatures of version 4, conditional writes, errors as S3 words them. */
export interface TestS3 {
  readonly endpoint: string;
  /** Contents by key. */
  readonly objects: Map<string, Buffer>;
  /** `METHOD key status` of each request. */
  readonly log: string[];
  /** What befalls the next requests: a status, or `cut` for a connection that breaks in the middle of the answer. */
  readonly faults: (number | "cut")[];
  close(): Promise<void>;
}

export const TEST_KEYS = { AWS_ACCESS_KEY_ID: "AKTEST", AWS_SECRET_ACCESS_KEY: "geheim/+=", AWS_REGION: "eu-test-1" };

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** Signature of a request as the AWS documentation defines it ("Create a signed AWS API request"). */
function signatureOf(request: IncomingMessage, payload: string, date: string, signedHeaders: string[]): string {
  const url = new URL(request.url!, "http://host");
  const time = String(request.headers["x-amz-date"]);
  const headers = signedHeaders.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join("");
  const canonical = [request.method, url.pathname, url.search.slice(1), headers, signedHeaders.join(";"), payload];
  const scope = `${date}/${TEST_KEYS.AWS_REGION}/s3/aws4_request`;
  const hash = createHash("sha256").update(canonical.join("\n")).digest("hex");
  const steps = [date, TEST_KEYS.AWS_REGION, "s3", "aws4_request"];
  const key = steps.reduce<string | Buffer>(hmac, `AWS4${TEST_KEYS.AWS_SECRET_ACCESS_KEY}`);
  return hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash].join("\n")).toString("hex");
}

/** Why a request is refused; null for one that is signed well. */
function refusal(request: IncomingMessage, body: Buffer): string | null {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/;
  const [, key, date, , names, signature] = pattern.exec(request.headers.authorization ?? "") ?? [];
  if (key !== TEST_KEYS.AWS_ACCESS_KEY_ID) return key === undefined ? "AccessDenied" : "InvalidAccessKeyId";
  const payload = String(request.headers["x-amz-content-sha256"]);
  if (payload !== sha256(body)) return "XAmzContentSHA256Mismatch";
  const signed = names!.split(";");
  const wanted = ["host", ...Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"))];
  if (wanted.some((name) => !signed.includes(name))) return "AccessDenied";
  return signatureOf(request, payload, date!, signed) === signature ? null : "SignatureDoesNotMatch";
}

export async function startS3(bucket: string): Promise<TestS3> {
  const objects = new Map<string, Buffer>();
  const log: string[] = [];
  const faults: (number | "cut")[] = [];

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer) {
    const [, name, ...rest] = decodeURIComponent(new URL(request.url!, "http://host").pathname).split("/");
    const key = rest.join("/");
    const say = (status: number, content: Buffer | string = "") => {
      log.push(`${request.method} ${key} ${status}`);
      response.writeHead(status).end(content);
    };
    const refuse = (status: number, code: string) => say(status, `<Error><Code>${code}</Code></Error>`);
    const fault = faults.shift();
    const known = objects.get(key);
    if (fault === "cut") {
      response.writeHead(200, { "content-length": 1_000_000 }).write("half", () => request.socket.destroy());
      return;
    }
    if (fault !== undefined) return refuse(fault, "SlowDown");
    const refused = refusal(request, body);
    if (refused !== null) return refuse(403, refused);
    if (name !== bucket) return refuse(404, "NoSuchBucket");
    if (request.method === "PUT") {
      if (request.headers["content-length"] === undefined) return refuse(411, "MissingContentLength");
      if (request.headers["if-none-match"] === "*" && known !== undefined) return refuse(412, "PreconditionFailed");
      objects.set(key, body);
      return say(200);
    }
    if (request.method === "DELETE") {
      objects.delete(key);
      return say(204);
    }
    return known === undefined ? refuse(404, "NoSuchKey") : say(200, known);
  }

  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    answer(request, response, Buffer.concat(pieces));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    log,
    faults,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
