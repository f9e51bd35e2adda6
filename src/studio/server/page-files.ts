import { realpath } from "node:fs/promises";
import { extname } from "node:path";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import type { Context } from "hono";
import { joinInside } from "../../core/files.ts";
import { readInside } from "../../core/inside-folder.ts";
import { errorReply } from "./reply.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/** Names below `assets/` hold a hash of their content: what is under a name never changes. */
const FOREVER = "private, max-age=31536000, immutable";
const ASKED_ANEW = "private, no-cache";

const unpack = promisify(brotliDecompress);

/** Sends a file of the built page, `index.html` for `/`. */
export async function pageFile(c: Context, folder: string): Promise<Response> {
  const root = await realpath(folder).catch(() => null);
  const read = (name: string) => (root === null ? null : readInside(root, name).catch(() => null));
  /** The build packs WebAssembly (`scripts/build.mjs`). */
  const readPacked = async (name: string) => {
    const packed = name.endsWith(".wasm") ? await read(`${name}.br`) : null;
    return packed === null ? null : unpack(packed);
  };
  const index = await read("index.html");
  if (root === null || index === null) {
    return c.text("The studio's page has not been built. Run `npm run build`, then load this page again.\n", 503);
  }
  let name: string;
  try {
    name = decodeURIComponent(new URL(c.req.url).pathname).replace(/^\/+/, "");
  } catch {
    return errorReply(c, 400, "path", "the path is not valid percent-encoding");
  }
  const path = name === "" ? "index.html" : joinInside(root, name);
  const bytes = name === "" ? index : ((await read(name)) ?? (await readPacked(name)));
  if (path === null || bytes === null) return errorReply(c, 404, "not-found", "the page has no such file");
  return c.body(new Uint8Array(bytes), 200, {
    "Content-Type": CONTENT_TYPES[extname(path).toLowerCase()] ?? "application/octet-stream",
    "Cache-Control": name.startsWith("assets/") ? FOREVER : ASKED_ANEW,
  });
}
