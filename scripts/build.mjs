// Compiles src to dist from scratch, so that no file of an older build stays behind, and makes the command executable; then
// the studio's page to dist/studio/web. Says nothing when all went well.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs the command of a package in this process' Node; ends the process where it fails. */
function run(name, command, ...words) {
  const script = fileURLToPath(import.meta.resolve(`${name}/package.json`).replace("package.json", command));
  const { status } = spawnSync(process.execPath, [script, ...words], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true });
run("typescript", "bin/tsc", "-p", "tsconfig.build.json");
chmodSync(new URL("../dist/cli/main.js", import.meta.url), 0o755);
run("vite", "bin/vite.js", "build", "--logLevel", "warn");

compressBinaries(fileURLToPath(new URL("../dist/studio/web/assets", import.meta.url)));

/**
 * Replaces the WebAssembly files of the page by `NAME.wasm.br`, which the studio unpacks when a browser asks: 7 MB of the
 * package where a tarball alone makes 11. What was compressed before is taken from the user's cache.
 */
function compressBinaries(folder) {
  const cache = join(process.env.GANGLION_CACHE ?? join(homedir(), ".cache", "ganglion"), "build");
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".wasm"))) {
    const bytes = readFileSync(join(folder, name));
    const cached = join(cache, `${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}.wasm.br`);
    writeFileSync(
      join(folder, `${name}.br`),
      readOr(cached, () => compressed(bytes)),
    );
    rmSync(join(folder, name));
  }
}

/** Bytes of a file; where there is none it is written with what `make` gives. */
function readOr(path, make) {
  try {
    return readFileSync(path);
  } catch {
    const made = make();
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, made);
    renameSync(unfinished, path);
    return made;
  }
}

function compressed(bytes) {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: 9, [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params });
}
