import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { AwsV4Signer } from "aws4fetch";
import { GanglionError, type Problem, throwIfProblems } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { shownAddress } from "../../core/redact.ts";

/** Objects of a bucket under a prefix of their keys. */
export interface Bucket {
  /** Whole content; null where there is none. */
  read(key: string): Promise<Buffer | null>;
  /** Content into a file. @returns false where there is none */
  download(key: string, path: string): Promise<boolean>;
  /** Writes a small object only where there is none. @returns false where there is one */
  create(key: string, content: string): Promise<boolean>;
  /** A file as an object; one of that key is replaced. @param hash SHA-256 of the file, which the server checks */
  upload(key: string, path: string, hash: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Bucket and prefix of `s3://BUCKET/PREFIX`. @throws GanglionError `usage` */
export function parseS3Address(address: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket, rest = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(address) ?? [];
  const prefix = rest.replace(/\/+$/, "");
  if (bucket === undefined || !/^[\w!.*'()/-]*$/.test(prefix) || prefix.split("/").some((part) => part === "..")) {
    const message = `--store ${shownAddress(address)} is not the address of a bucket; write s3://BUCKET/PREFIX in letters, digits and -_.`;
    throw new GanglionError("usage", message);
  }
  return { bucket, prefix };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials and place of the service, as the AWS tools take them from the environment. */
function readEnvironment(env: Environment, bucket: string) {
  const problems: Problem[] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    .filter((name) => !env[name])
    .map((name) => ({
      code: "credentials",
      path: name,
      message: "is not set in the environment; a store on S3 needs it",
    }));
  const given = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const endpoint = given !== undefined && URL.canParse(given) ? new URL(given) : null;
  if (given && !/^https?:$/.test(endpoint?.protocol ?? "")) {
    problems.push({
      code: "endpoint",
      path: "AWS_ENDPOINT_URL",
      message: "is not an address; write http(s)://HOST[:PORT]",
    });
  }
  if (endpoint !== null && `${endpoint.username}${endpoint.password}` !== "") {
    problems.push({
      code: "endpoint",
      path: "AWS_ENDPOINT_URL",
      message: "holds a name or password; remove it and use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    });
  }
  throwIfProblems("usage", "the store on S3 cannot be used", problems);
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1";
  // A service of one's own has seldom a host name for each bucket.
  const base = given ? `${given.replace(/\/+$/, "")}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com`;
  const keys = {
    accessKeyId: env.AWS_ACCESS_KEY_ID!,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
    ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
  };
  return { base, region, keys };
}

const TRIES = 6;
const FIRST_PAUSE_MILLISECONDS = 200;
const SILENCE_MILLISECONDS = 60_000;
const EMPTY = sha256("");

interface Sent {
  readonly method: string;
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Content, or the path of a file; nothing for neither. */
  readonly body?: string | { readonly path: string; readonly hash: string };
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * The objects under an address, with the credentials and the endpoint of the environment (`AWS_ACCESS_KEY_ID`,
 * `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL`). What a server or a network does not
 * manage at once is tried again for some seconds.
 * @throws GanglionError `usage` that lists what is missing; its methods: `files`
 */
export function openBucket(address: string, env: Environment = process.env): Bucket {
  const { bucket, prefix } = parseS3Address(address);
  const { base, region, keys } = readEnvironment(env, bucket);
  const secure = base.startsWith("https:");
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const urlOf = (key: string) => `${base}/${[prefix, key].filter(Boolean).join("/")}`;

  /** Sends once. @param into File for the content of a good answer. */
  async function send({ method, key, headers = {}, body }: Sent, into?: string): Promise<Answer> {
    const hash = body === undefined ? EMPTY : typeof body === "string" ? sha256(body) : body.hash;
    const signer = new AwsV4Signer({
      ...{ method, url: urlOf(key), region, service: "s3", ...keys },
      headers: { ...headers, "x-amz-content-sha256": hash },
    });
    const signed = await signer.sign();
    const length =
      body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : (await stat(body.path)).size;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = (secure ? httpsRequest : httpRequest)(signed.url, {
        method,
        agent,
        timeout: SILENCE_MILLISECONDS,
        headers: { ...Object.fromEntries(signed.headers), ...(method === "PUT" ? { "content-length": length } : {}) },
      });
      sent.once("response", resolve);
      sent.once("error", reject);
      sent.once("timeout", () => sent.destroy(new Error("it does not answer")));
      if (typeof body === "object") pipeline(createReadStream(body.path), sent).catch(reject);
      else sent.end(body);
    });
    const status = answer.statusCode!;
    if (status === 200 && into !== undefined) {
      await pipeline(answer, createWriteStream(into));
      return { status, body: Buffer.alloc(0) };
    }
    const pieces: Buffer[] = [];
    for await (const piece of answer) pieces.push(piece as Buffer);
    return { status, body: Buffer.concat(pieces) };
  }

  /** Sends until there is an answer of use. @param allowed Statuses that are answers. */
  async function ask(sent: Sent, allowed: readonly number[], into?: string): Promise<Answer> {
    let problem = "";
    for (let left = TRIES, pause = FIRST_PAUSE_MILLISECONDS; left > 0; left--, pause *= 2) {
      const answer = await send(sent, into).catch((cause: NodeJS.ErrnoException) => {
        // A full disk here does not get better by asking again.
        if (cause.syscall === "write" || cause.syscall === "open") throw cause;
        problem = cause.message || String(cause.code);
        return null;
      });
      const said = answer?.body.toString("utf8") ?? "";
      const code = /<Code>(\w+)<\/Code>/.exec(said)?.[1] ?? "";
      if (answer !== null && allowed.includes(answer.status) && code !== "NoSuchBucket") return answer;
      if (answer !== null) {
        problem = code || `status ${answer.status}`;
        const passes =
          answer.status >= 500 || answer.status === 429 || answer.status === 409 || code === "RequestTimeout";
        if (!passes) break;
      }
      if (left > 1) await new Promise((resolve) => setTimeout(resolve, pause));
    }
    throw new GanglionError(
      "files",
      `${address} at ${new URL(base).host}: ${explain(problem)} (${sent.method} ${sent.key})`,
    );
  }

  return {
    async read(key) {
      const { status, body } = await ask({ method: "GET", key }, [200, 404]);
      return status === 404 ? null : body;
    },
    async download(key, path) {
      return (await ask({ method: "GET", key }, [200, 404], path)).status === 200;
    },
    async create(key, content) {
      const put: Sent = { method: "PUT", key, body: content };
      // Servers that do not know the condition say 501, or take the object: equal ones replace each other then.
      const { status } = await ask({ ...put, headers: { "if-none-match": "*" } }, [200, 412, 501]);
      if (status === 501) await ask(put, [200]);
      return status !== 412;
    },
    async upload(key, path, hash) {
      await ask({ method: "PUT", key, body: { path, hash } }, [200]);
    },
    async remove(key) {
      await ask({ method: "DELETE", key }, [200, 204, 404]);
    },
  };
}

function explain(problem: string): string {
  const reasons: Record<string, string> = {
    NoSuchBucket: "there is no such bucket; make it first",
    AccessDenied: "access denied; check what this key may do (GetObject, PutObject, DeleteObject)",
    InvalidAccessKeyId: "the key of AWS_ACCESS_KEY_ID is not known there",
    SignatureDoesNotMatch: "the signature is refused; check AWS_SECRET_ACCESS_KEY and AWS_REGION",
    RequestTimeTooSkewed: "the clock of this machine is wrong",
    PermanentRedirect: "the bucket is in another region; set AWS_REGION",
  };
  return reasons[problem] ?? problem;
}
