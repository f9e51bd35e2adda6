// Brings the parts of the system that the tests need and npm cannot install. With apt and root they are installed; without,
// the one command is named and the tests that need the part are skipped, except under CI=true, where it is an error.
import { spawnSync } from "node:child_process";
import { findChromium } from "./chromium.mjs";
import { findDicomTools, findOrthanc } from "./dicom-tools.mjs";
import { findPythonReaders } from "./python-readers.mjs";
import { findRedis } from "./redis.mjs";
import { findStrace } from "./strace.mjs";
import { findSoftwareVulkan } from "./vulkan.mjs";

/** Every system part: its name, how to find it, its Debian packages and what needs it. */
const PARTS = [
  {
    name: "Chromium",
    find: findChromium,
    packages: ["chromium", "fonts-liberation"],
    neededBy: "the browser tests of the report",
  },
  {
    name: "Vulkan in software",
    find: findSoftwareVulkan,
    packages: ["chromium", "libvulkan1"],
    neededBy: "the tests of training on WebGPU",
  },
  {
    name: "DICOM tools",
    find: findDicomTools,
    packages: ["dicom3tools", "dcmtk", "libgdcm-tools"],
    neededBy: "the tests that have DICOM files judged and decoded by others",
  },
  {
    name: "Orthanc",
    find: findOrthanc,
    packages: ["orthanc", "orthanc-dicomweb"],
    neededBy: "the test that sends to a PACS",
  },
  {
    name: "Redis",
    find: findRedis,
    packages: ["redis-server"],
    neededBy: "the tests of a study that runs over a queue",
  },
  {
    name: "strace",
    find: findStrace,
    packages: ["strace"],
    neededBy: "the test that every command stays off the network and within its folders",
  },
];

function has(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
}

/** Runs apt-get with its output on stderr; true when it succeeded. */
function apt(...words) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", words, { env, stdio: ["ignore", 2, 2] }).status === 0;
}

const missing = PARTS.filter((part) => part.find() === null);
const packages = [...new Set(missing.flatMap((part) => part.packages))];
if (missing.length > 0 && process.getuid?.() === 0 && has("apt-get")) {
  console.error(`setup: installing ${packages.join(" ")} with apt-get`);
  apt("update", "-q") && apt("install", "-y", "-q", "--no-install-recommends", ...packages);
}
const still = missing.filter((part) => part.find() === null);
for (const part of still) {
  console.error(`setup: ${part.name} is missing, so ${part.neededBy} are SKIPPED. To run them:`);
  console.error(`setup:     sudo apt-get update && sudo apt-get install -y ${part.packages.join(" ")}`);
}
const readers = findPythonReaders();
if (readers === null) {
  console.error("setup: the Python readers are missing, so the tests that open what is written with them are SKIPPED.");
  console.error("setup: To run them (Python 3.11 or newer; loads 260 MB, keeps 1 GB in the user's cache):");
  console.error("setup:     node scripts/python-readers.mjs");
}
if ((still.length > 0 || readers === null) && process.env.CI === "true") {
  console.error("setup: CI=true allows no missing part");
  process.exit(1);
}
