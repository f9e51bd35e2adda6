// The preinstall step of the package. The install script of onnxruntime-node downloads 300 MB of CUDA libraries from
// api.nuget.org on Linux and fails where only a package registry is reached, which takes the whole installation back.
// npm runs every preinstall step before any other, so the script is replaced here by one that downloads only when asked:
//   npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12
// An environment or a project that asks for the download already, or that uses the runtime itself, keeps the script as it is.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const ASKS = ["ONNXRUNTIME_NODE_INSTALL", "ONNXRUNTIME_NODE_INSTALL_CUDA"];
const SETTINGS = [...ASKS, ...ASKS.map((name) => `npm_config_${name.toLowerCase()}`)];

const WRAPPER = `// Written by Ganglion, which computes with the files of this package: scripts/skip-cuda-download.mjs there says why.
if (${JSON.stringify(SETTINGS)}.some((name) => process.env[name])) require("./install-download.js");
`;

/** Folder of the runtime that the package in the working folder loads; null where there is none yet. */
function runtimeFolder() {
  try {
    return dirname(createRequire(join(process.cwd(), "package.json")).resolve("onnxruntime-node/package.json"));
  } catch {
    return null;
  }
}

/** Whether the project that is installed into names the runtime itself. */
function usedByProject() {
  try {
    const project = JSON.parse(readFileSync(join(process.env.INIT_CWD ?? "", "package.json"), "utf8"));
    return "onnxruntime-node" in { ...project.dependencies, ...project.devDependencies };
  } catch {
    return false;
  }
}

const folder = runtimeFolder();
if (folder !== null && !SETTINGS.some((name) => process.env[name]) && !usedByProject()) {
  const script = join(folder, "script", "install.js");
  const kept = join(folder, "script", "install-download.js");
  if (existsSync(script) && !existsSync(kept)) {
    renameSync(script, kept);
    writeFileSync(script, WRAPPER);
  }
}
