// Compiles src to dist from scratch, so that no file of an older build stays behind, and makes the command executable; then
// the studio's page to dist/studio/web. Says nothing when all went well.
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

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
