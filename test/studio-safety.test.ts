import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../src/core/testing/fixtures.ts";
import type { Workspace } from "../src/studio/api.ts";
import { type Studio, startStudio } from "../src/studio/server/start-studio.ts";
import { type AskOptions, ask } from "../src/studio/testing/request.ts";
import { LESIONS, PATIENTS, SECRET, type TestWorkspace, writeWorkspace } from "../src/studio/testing/workspace.ts";

let root: string;
let files: TestWorkspace;
let studio: Studio;
let workspace: Workspace;
const noted: string[] = [];

beforeAll(async () => {
  root = await temporaryFolder();
  files = await writeWorkspace(root);
  studio = await startStudio({
    path: files.work,
    port: 0,
    pageFolder: files.page,
    note: (message) => noted.push(message),
  });
  workspace = JSON.parse((await known("/api/workspace")).text);
});
afterAll(() => studio.close());

/** A request with the token. */
const known = (path: string, options: AskOptions = {}) =>
  ask(studio.port, path, { ...options, headers: { authorization: `Bearer ${studio.token}`, ...options.headers } });
const own = () => `http://127.0.0.1:${studio.port}`;
/** A request as the page sends it. */
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  known(path, { method: "POST", body, headers: { origin: own(), "content-type": "application/json", ...headers } });
const idOf = (name: string) =>
  [...workspace.runs, ...workspace.datasets].find((opened) => opened.name === name)?.id ?? "none";

describe("the token", () => {
  test("is 256 random bits, new with each start", async () => {
    expect(Buffer.from(studio.token, "base64url")).toHaveLength(32);
    const other = await startStudio({ path: files.work, port: 0, note: () => undefined });
    expect(other.token).not.toBe(studio.token);
    expect((await ask(other.port, "/api/workspace", { headers: bearer(studio.token) })).status).toBe(401);
    await other.close();
  });

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test.each(["/api/workspace", "/api/studies", "/api/nothing", "/", "/assets/app-1.js", "/missing.js"])(
    "is asked for at %s",
    async (path) => {
      const { status, text } = await ask(studio.port, path);
      expect(status).toBe(401);
      if (path.startsWith("/api")) expect(JSON.parse(text).error.code).toBe("token");
      else expect(text).toContain("Open the URL that <code>ganglion studio</code> printed");
    },
  );

  test("must be the whole of it", async () => {
    const { token, port } = studio;
    for (const wrong of [token.slice(0, -1), `${token}A`, "", token.toLowerCase(), "A".repeat(token.length)]) {
      expect((await ask(port, "/api/workspace", { headers: bearer(wrong) })).status, wrong).toBe(401);
      const cookie = { cookie: `ganglion-studio-${port}=${wrong}` };
      expect((await ask(port, "/api/workspace", { headers: cookie })).status, wrong).toBe(401);
      expect((await ask(port, `/?token=${wrong}`)).status, wrong).toBe(401);
    }
    expect((await ask(port, "/api/workspace", { headers: bearer(token) })).status).toBe(200);
  });

  test("becomes a cookie that scripts and other sites have no use of, and leaves the address", async () => {
    const { pathname, search } = new URL(studio.url);
    const first = await ask(studio.port, pathname + search);
    expect([first.status, first.headers.location]).toEqual([302, "/"]);
    const [cookie] = first.headers["set-cookie"] ?? [];
    expect(cookie).toContain("; HttpOnly");
    expect(cookie).toContain("; SameSite=Strict");
    const shown = { cookie: `theme=dark; ${cookie!.split(";")[0]}` };
    expect((await ask(studio.port, "/", { headers: shown })).text).toContain("<title>page</title>");
    expect((await ask(studio.port, "/api/workspace", { headers: shown })).status).toBe(200);
    const elsewhere = await ask(studio.port, `//example.org/${search}`);
    expect(elsewhere.headers.location ?? "/").toMatch(/^\/(?!\/)/);
  });

  test("in the address opens the page only, never the API", async () => {
    expect((await ask(studio.port, `/api/workspace?token=${studio.token}`)).status).toBe(401);
  });

  test("of any cookie of the name counts: servers of other ports can set one too", async () => {
    const { token, port } = studio;
    const name = `ganglion-studio-${port}`;
    const status = async (cookie: string) => (await ask(port, "/api/workspace", { headers: { cookie } })).status;
    expect(await status(`${name}=of-another-server; ${name}=${token}`)).toBe(200);
    expect(await status(`${name}=${token}; ${name}=of-another-server`)).toBe(200);
    expect(await status(`${name}=; a=b; ${name}=${"A".repeat(token.length)}; ${name}=${token}; ${name}`)).toBe(200);
    expect(await status(`${name}=one; ${name}=two; x${name}=${token}; ${name}x=${token}`)).toBe(401);
  });

  test("of a cookie that is named for another port does not count", async () => {
    const headers = { cookie: `ganglion-studio-1=${studio.token}` };
    expect((await ask(studio.port, "/api/workspace", { headers })).status).toBe(401);
  });
});

describe("another site", () => {
  test.each(["evil.example", "evil.example:PORT", "127.0.0.1:1", "127.0.0.1", "localhost.evil.example:PORT", "0:PORT"])(
    "that points its name here is refused: Host %s",
    async (host) => {
      const answer = await known("/api/workspace", { headers: { host: host.replace("PORT", String(studio.port)) } });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.text).error.code).toBe("wrong-host");
      const page = await known(`/?token=${studio.token}`, { headers: { host: "evil.example" } });
      expect([page.status, page.headers["set-cookie"]]).toEqual([403, undefined]);
    },
  );

  test("is told from the studio's own names", async () => {
    for (const host of [`127.0.0.1:${studio.port}`, `localhost:${studio.port}`, `LOCALHOST:${studio.port}`]) {
      expect((await known("/api/workspace", { headers: { host } })).status, host).toBe(200);
    }
  });

  test.each(["http://evil.example", "null", "https://127.0.0.1:PORT", "http://127.0.0.1:1", "http://localhost:PORT"])(
    "may not read: Origin %s",
    async (origin) => {
      const headers = { origin: origin.replace("PORT", String(studio.port)) };
      const answer = await known("/api/workspace", { headers });
      expect(answer.status).toBe(403);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      expect((await post("/api/studies", "{}", headers)).status).toBe(403);
    },
  );

  test("may not begin a request", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const answer = await known("/api/workspace", { headers: { "sec-fetch-site": site } });
      expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([403, "cross-site"]);
    }
    for (const site of ["same-origin", "none"]) {
      expect((await known("/", { headers: { "sec-fetch-site": site } })).status).toBe(200);
    }
  });

  test("gets no leave by a preflight", async () => {
    const answer = await known("/api/studies", { method: "OPTIONS", headers: { origin: "http://evil.example" } });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("cannot change anything with a form", async () => {
    const json = { "content-type": "application/json" };
    const without = await known("/api/studies", { method: "POST", body: "{}", headers: json });
    expect([without.status, JSON.parse(without.text).error.code]).toEqual([403, "no-origin"]);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]) {
      expect((await post("/api/studies", "{}", { "content-type": type })).status, type).toBe(415);
    }
    for (const method of ["PUT", "DELETE", "PATCH"]) {
      expect((await known("/api/studies", { method, headers: { origin: own(), ...json } })).status).toBe(405);
    }
    // The same request as the page sends it is looked at: the body is what is wrong.
    expect((await post("/api/studies", "{}")).status).toBe(400);
  });
});

describe("what a browser may do", () => {
  test.each([
    ["/", 200],
    ["/assets/app-1.js", 200],
    ["/missing.js", 404],
    ["/api/workspace", 200],
    ["/api/nothing", 404],
    ["/api/datasets/x/images?limit=0", 404],
  ])("is said with %s (%d)", async (path, status) => {
    const { status: found, headers } = await known(path);
    expect(found).toBe(status);
    checkHeaders(headers);
  });

  test("is said with refusals too", async () => {
    const refused = [
      await ask(studio.port, "/"),
      await known("/", { headers: { host: "evil.example" } }),
      await post("/api/studies", "not JSON"),
      await post("/api/studies", "x".repeat(5 * 2 ** 20)),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 403, 400, 413]);
    for (const { headers } of refused) checkHeaders(headers);
  });

  function checkHeaders(headers: Record<string, unknown>): void {
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).not.toContain("unsafe-inline");
    for (const name of ["base-uri", "form-action", "frame-ancestors"]) expect(policy).toContain(`${name} 'none'`);
    expect(headers).toMatchObject({
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
  }

  test("is to keep the page's own files, and nothing of the data", async () => {
    const kept = async (path: string) => (await known(path)).headers["cache-control"];
    expect(await kept("/assets/engine-1.wasm")).toContain("immutable");
    expect(await kept("/")).toContain("no-cache");
    for (const path of ["/api/workspace", `/api/datasets/${idOf("skin")}/images/0.png`]) {
      expect(await kept(path)).toContain("no-store");
    }
  });
});

test("a file that the build has packed is sent unpacked", async () => {
  await writeFile(join(files.page, "assets/packed-1.wasm.br"), brotliCompressSync(Buffer.from("unpacked")));
  const { status, text, headers } = await known("/assets/packed-1.wasm");
  expect([status, text, headers["content-type"]]).toEqual([200, "unpacked", "application/wasm"]);
});

describe("a body", () => {
  const large = `"${"x".repeat(4 * 2 ** 20)}"`;

  test("longer than four MiB is refused, whether it states its length or not", async () => {
    for (const chunked of [false, true]) {
      const headers = { origin: own(), "content-type": "application/json" };
      const answer = await known("/api/studies", { method: "POST", body: large, chunked, headers });
      expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([413, "too-large"]);
    }
  });

  test("just below that is looked at", async () => {
    expect((await post("/api/studies", large.slice(2))).status).toBe(400);
  });
});

describe("a path", () => {
  const climbs = [
    "/../secret.txt",
    "/../../../../../../etc/passwd",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2f%2e%2e%2fsecret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/assets/%252e%252e%252fsecret.txt",
    "/..%5csecret.txt",
    "/%00/../secret.txt",
    "//secret.txt",
    "/escape.txt",
    "/%ff.txt",
    "/api/runs/RUN/samples/..%2f..%2f..%2fsecret.png",
    "/api/runs/RUN/samples/..%2fconfig.png",
    "/api/runs/RUN/samples/escape.png",
    "/api/runs/..%2frun/generator.onnx",
    "/api/runs/RUN/../../../secret.txt",
    "/api/datasets/SKIN/images/..%2f..%2fmetadata.csv",
    "/api/datasets/SKIN/images/11.png",
    "/api/datasets/%2e%2e/images",
    "/api/studies/..%2f..%2fsecret/results",
    "/api/studies/000000000000/images/..%2f..%2fsecret.png",
  ];

  test.each(climbs)("does not lead out of what was opened: %s", async (path) => {
    const asked = path.replace("RUN", idOf("run")).replace("SKIN", idOf("skin"));
    const { status, text } = await known(asked);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain("root:");
  });

  test("in absolute form or with another host in it is still checked", async () => {
    const { status, text } = await known("http://evil.example/../secret.txt", { headers: { host: "evil.example" } });
    expect(status).toBe(403);
    expect(text).not.toContain(SECRET);
  });

  test("below a link is not opened", () => {
    expect(workspace.datasets.map(({ name }) => name).sort()).toEqual(["made", "skin"]);
    expect(workspace.runs.map(({ name }) => name)).toEqual(["run"]);
  });

  test("of this machine stands in no answer", async () => {
    const answers = [
      await known("/api/workspace"),
      await known(`/api/datasets/${idOf("skin")}/images`),
      await known(`/api/runs/${idOf("run")}/progress`),
      await known(`/api/datasets/${idOf("skin")}/images/11.png`),
    ];
    for (const { text } of answers) expect(text).not.toContain(root);
    for (const { id } of [...workspace.runs, ...workspace.datasets]) expect(id).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe("patients", () => {
  const everything = async (port: number, token: string): Promise<string> => {
    const headers = { authorization: `Bearer ${token}` };
    const texts = ["/api/workspace", ...workspace.datasets.map(({ id }) => `/api/datasets/${id}/images?limit=500`)];
    return (await Promise.all(texts.map((path) => ask(port, path, { headers })))).map(({ text }) => text).join();
  };

  test("and lesions, and what files are called, are never sent", async () => {
    const text = await everything(studio.port, studio.token);
    expect(text).toContain('"age":"20"');
    for (const word of [...PATIENTS, ...LESIONS, "patient_id", "lesion_id", "isic_id", "ISIC_", ".png"]) {
      expect(text).not.toContain(word);
    }
  });

  test("are sent with --show-patients, so that the test before can fail", async () => {
    const open = await startStudio({ path: files.work, port: 0, showPatients: true, note: () => undefined });
    const text = await everything(open.port, open.token);
    await open.close();
    for (const word of [...PATIENTS, ...LESIONS, "patient_id", "lesion_id"]) expect(text).toContain(word);
  });
});

describe("the port", () => {
  const reaches = (address: string, port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: 2000 });
      const end = (reached: boolean) => () => {
        socket.destroy();
        resolve(reached);
      };
      socket.on("connect", end(true)).on("error", end(false)).on("timeout", end(false));
    });

  test("is open at the loopback address alone", async () => {
    const outer = Object.values(networkInterfaces()).flatMap((found) =>
      (found ?? []).filter(({ internal, family }) => !internal && family === "IPv4").map(({ address }) => address),
    );
    expect(await reaches("127.0.0.1", studio.port)).toBe(true);
    for (const address of [...outer, "127.0.0.2"]) expect(await reaches(address, studio.port), address).toBe(false);
  });

  test.each(["0.0.0.0", "::", "192.168.1.4", "example.org"])("is not opened to others by --host %s", async (host) => {
    const error = await failure(startStudio({ path: files.work, host, port: 0, note: () => undefined }));
    expect([error.code, error.message]).toEqual(["usage", expect.stringContaining("--allow-remote")]);
  });

  test("is named when it is taken", async () => {
    const error = await failure(startStudio({ path: files.work, port: studio.port, note: () => undefined }));
    expect(error.message).toContain(`port ${studio.port} of 127.0.0.1 is in use`);
    expect(error.message).toContain("--port");
  });
});

test("nothing to open is an error that says what is looked for", async () => {
  const error = await failure(startStudio({ path: join(root, "page"), port: 0, note: () => undefined }));
  expect(error.message).toContain("no run (config.json), no study (progress.json), no dataset");
});
