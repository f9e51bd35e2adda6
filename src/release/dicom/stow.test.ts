import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { type StowObject, sendStow, storeAddress } from "./stow.ts";
import { parseStowAnswer } from "./stow-response.ts";

const folder = await temporaryFolder();
const objects: StowObject[] = [];
for (const name of ["a", "b", "c"]) {
  // Bytes that look like the end of a part and of a body.
  await writeFile(join(folder, `${name}.dcm`), Buffer.from(`\0\r\n--${name}\r\n--boundary--\r\n\xff${name}`, "latin1"));
  objects.push({ fileName: `${name}.dcm`, sopInstanceUid: `2.25.${objects.length + 1}` });
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  vi.unstubAllEnvs();
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function serve(listener: RequestListener, tls?: { key: Buffer; cert: Buffer }): Promise<string> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return `http${tls === undefined ? "" : "s"}://127.0.0.1:${port}`;
}

/** DICOM JSON of a PACS that stores some and refuses others. */
const answer = (stored: readonly string[], failed: Readonly<Record<string, number>> = {}) =>
  JSON.stringify({
    "00081199": { vr: "SQ", Value: stored.map((uid) => ({ "00081155": { vr: "UI", Value: [uid] } })) },
    "00081198": {
      vr: "SQ",
      Value: Object.entries(failed).map(([uid, reason]) => ({
        "00081155": { vr: "UI", Value: [uid] },
        "00081197": { vr: "US", Value: [reason] },
      })),
    },
  });

const UIDS = objects.map(({ sopInstanceUid }) => sopInstanceUid);

test("posts the bytes as they are, in order, with the token, and no more than fits a request", async () => {
  const seen: (Record<"method" | "url" | "type" | "token", string | undefined> & { parts: Buffer[] })[] = [];
  const url = await serve(async (request, response) => {
    const body = await bodyOf(request);
    const type = request.headers["content-type"] ?? "";
    const boundary = /boundary=(\S+)/.exec(type)?.[1] ?? "";
    const text = body.toString("latin1");
    expect(text.endsWith(`\r\n--${boundary}--\r\n`)).toBe(true);
    const parts = text.split(`--${boundary}`).slice(1, -1);
    const head = "\r\nContent-Type: application/dicom\r\n\r\n";
    for (const part of parts) expect(part.startsWith(head)).toBe(true);
    seen.push({
      method: request.method,
      url: request.url,
      type,
      token: request.headers.authorization,
      parts: parts.map((part) => Buffer.from(part.slice(head.length, -2), "latin1")),
    });
    const done = seen.reduce((sum, one) => sum + one.parts.length, 0);
    response.end(answer(UIDS.slice(done - parts.length, done)));
  });
  const progress: number[] = [];
  const sent = await sendStow(folder, objects, {
    url: `${url}/dicom-web/`,
    authorization: "Bearer secret",
    requestBytes: 60,
    onProgress: ({ done }) => progress.push(done),
  });
  expect(sent).toEqual({ url: `${url}/dicom-web/studies`, stored: 3, requests: 2 });
  expect(progress).toEqual([2, 3]);
  expect(seen.map(({ method, url: path, token }) => [method, path, token])).toEqual([
    ["POST", "/dicom-web/studies", "Bearer secret"],
    ["POST", "/dicom-web/studies", "Bearer secret"],
  ]);
  expect(seen[0]!.type).toMatch(/^multipart\/related; type="application\/dicom"; boundary=ganglion-[0-9a-f]{32}$/);
  const files = await Promise.all(objects.map(({ fileName }) => readFile(join(folder, fileName))));
  expect(seen.flatMap(({ parts }) => parts)).toEqual(files);
});

test("names each object that is not stored, and why, and goes on with the next request", async () => {
  let requests = 0;
  const url = await serve(async (request, response) => {
    await bodyOf(request);
    requests++;
    if (requests === 1) response.writeHead(202).end(answer([UIDS[1]!], { [UIDS[0]!]: 0xa700 }));
    else response.writeHead(409).end(answer([], { [UIDS[2]!]: 0xc122 }));
  });
  const error = await failure(sendStow(folder, objects, { url, requestBytes: 60 }));
  expect(requests).toBe(2);
  expect(error.message).toContain("/studies stored 1 of 3 objects (2 problems)");
  expect(error.problems).toEqual([
    { code: "not-stored", path: "a.dcm", message: "not stored: the server is out of resources (0xA700)" },
    { code: "not-stored", path: "c.dcm", message: "not stored: the transfer syntax is not supported (0xC122)" },
  ]);
  expect(error.exitCode).toBe(1);
});

test("does not take silence about an object for its storage", async () => {
  const url = await serve((_, response) => void response.end(answer([UIDS[0]!])));
  const error = await failure(sendStow(folder, objects, { url }));
  expect(error.problems.map(({ path }) => path)).toEqual(["b.dcm", "c.dcm"]);
  expect(error.message).toContain("the server does not name it in its answer 200");
});

test.each([
  [401, "who you are; set GANGLION_STOW_AUTHORIZATION"],
  [403, "you may not store there"],
  [404, "no DICOMweb service at this path"],
  [409, '"out of order"'],
  [413, "too large for it"],
  [415, "is this the store service?"],
  [503, '"out of order"'],
])("says what an answer %d asks for, and sends nothing more", async (status, words) => {
  let requests = 0;
  const url = await serve(async (request, response) => {
    await bodyOf(request);
    requests++;
    response.writeHead(status).end("<html><p>out of\n order</p></html>");
  });
  const error = await failure(sendStow(folder, objects, { url, requestBytes: 1 }));
  expect(error.message).toContain(`answered ${status}: `);
  expect(error.message).toContain(words);
  expect(error.message).toContain("0 of 3 objects were stored before");
  expect(requests).toBe(1);
});

test("follows no redirect: the images go to the host that was named", async () => {
  let strayed = 0;
  const other = await serve((_, response) => {
    strayed++;
    response.end(answer(UIDS));
  });
  const url = await serve((_, response) => void response.writeHead(307, { location: `${other}/studies` }).end());
  const error = await failure(sendStow(folder, objects, { url }));
  expect(error.message).toContain(`it points to ${other}/studies, which is not followed`);
  expect(strayed).toBe(0);
});

test("gives up a server that does not answer, once", async () => {
  let requests = 0;
  const url = await serve(() => void requests++);
  const error = await failure(sendStow(folder, objects, { url, timeoutSeconds: 0.2 }));
  expect(error.message).toContain("no answer in 0.2 s");
  expect(requests).toBe(1);
});

test("stops when it is told to", async () => {
  const abort = new AbortController();
  const url = await serve(() => abort.abort());
  const error = await failure(sendStow(folder, objects, { url, signal: abort.signal }));
  expect(error.message).toContain("stopped; 0 of 3 objects were stored before");
});

test("says that nothing listens, or that a host has no name", async () => {
  const url = await serve(() => undefined);
  for (const close of closing.splice(0)) await close();
  expect((await failure(sendStow(folder, objects, { url }))).message).toContain("no server answers there");
  const nowhere = await failure(sendStow(folder, objects, { url: "http://no-such-host.invalid" }));
  expect(nowhere.message).toContain("the host name is not known");
});

test("trusts the certificates of the system and no others", async () => {
  const own = join(folder, "tls");
  await mkdir(own);
  const [key, cert] = [join(own, "key.pem"), join(own, "cert.pem")];
  const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=pacs".split(" ");
  const name = ["-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", [...words, ...name, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const tls = { key: await readFile(key), cert: await readFile(cert) };
  const url = await serve((_, response) => void response.end(answer(UIDS)), tls);
  const error = await failure(sendStow(folder, objects, { url }));
  expect(error.message).toMatch(/its certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
  vi.stubEnv("SSL_CERT_FILE", cert);
  expect((await sendStow(folder, objects, { url, authorization: "Bearer x" })).stored).toBe(3);
  const plain = await failure(sendStow(folder, objects, { url: url.replace("https", "http") }));
  expect(plain.message).toContain("does it speak http or https");
});

test.each([
  ["pacs", undefined, "this is no address"],
  ["ftp://pacs", undefined, "ftp: is not sent to"],
  ["https://pacs/?a=b", undefined, "drop ? and #"],
  ["http://pacs.example/dicom-web", "Bearer x", "in the clear"],
  ["https://pacs", "Bearer x\r\nHost: other", "one line of printable ASCII"],
])("refuses the address %s", (url, authorization, words) => {
  expect(() => storeAddress(url, authorization)).toThrow(words);
});

test("refuses a password in an address, and does not repeat it", () => {
  expect(() => storeAddress("https://user:hush@pacs")).toThrow(/--stow https:\/\/\.\.\.@pacs: (?!.*hush)/);
});

test.each([
  ["htps//user:hush@pacs", "--stow ***@pacs: this is no address"],
  ["ftp://user:hush@pacs", "--stow ftp://***@pacs: ftp: is not sent to"],
  ["https://pacs/x?token=hush", "--stow https://pacs/x: the address must end with its path"],
  ["http://pacs.example/#hush", "--stow http://pacs.example/: the address must end with its path"],
])("says what is wrong with %s without what is secret in it", (url, words) => {
  expect(() => storeAddress(url)).toThrow(words);
  expect(() => storeAddress(url)).not.toThrow("hush");
});

test.each([
  ["plain", (headers: string) => `<pre>${headers}</pre>`],
  [
    "JSON",
    (headers: string) => JSON.stringify({ request: headers, token: headers.split("Bearer ")[1]?.split("\n")[0] }),
  ],
])("an answer that repeats the request in %s gives no token away", async (_, echo) => {
  const url = await serve(async (request, response) => {
    await bodyOf(request);
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    response.writeHead(503).end(echo(headers.reverse().join("\n")));
  });
  for (const authorization of ["Bearer hush-hush.token", `Basic ${Buffer.from("user:hush-hush").toString("base64")}`]) {
    const { message } = await failure(sendStow(folder, objects, { url, authorization }));
    expect(message).toContain("answered 503");
    expect(message).toContain("***");
    expect(message).not.toMatch(/hush|token|dXNlcjpodXNo/);
  }
});

test("a redirect is named without the token that it carries", async () => {
  const location = "https://user:hush@elsewhere/dicom-web?token=hush";
  const url = await serve((_, response) => void response.writeHead(302, { location }).end());
  const { message } = await failure(sendStow(folder, objects, { url, authorization: "Bearer hush" }));
  expect(message).toContain("it points to https://***@elsewhere/dicom-web, which is not followed");
  expect(message).not.toContain("hush");
});

test.each([
  "https://p/dicom-web",
  "https://p/dicom-web/",
  "https://p/dicom-web/studies",
  "https://p/dicom-web/studies/",
])("sends to /studies of %s", (url) => expect(storeAddress(url).href).toBe("https://p/dicom-web/studies"));

test("reads answers in an array, and none in what is no DICOM JSON", () => {
  expect(parseStowAnswer(`[${answer(["1.2"], { "1.3": 0x111 })}]`)).toEqual({
    stored: ["1.2"],
    failed: [{ sopInstanceUid: "1.3", reason: "an object with this UID is there already (0x0111)" }],
  });
  for (const text of ["", "<xml/>", "[]", "[1]", "3"]) expect(parseStowAnswer(text)).toBeNull();
  expect(parseStowAnswer(answer([], { "1.3": 0x0999 }))?.failed[0]?.reason).toContain("does not name (0x0999)");
});
