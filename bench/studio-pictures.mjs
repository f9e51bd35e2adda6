// Peak memory of the studio while many pictures of 100 megapixels are asked for at once, and how long small ones wait meanwhile.
// Usage: npm run build && node bench/studio-pictures.mjs [--large N] [--dist FOLDER] [--json]     Linux (reads /proc)
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";

const SIDE = 10_000;
const SMALL = 20;
const { values } = parseArgs({
  options: {
    large: { type: "string", default: "20" },
    dist: { type: "string", default: "dist" },
    json: { type: "boolean", default: false },
    serve: { type: "string" },
  },
});
const dist = (path) => pathToFileURL(resolve(values.dist, path)).href;

if (values.serve !== undefined) {
  const { startStudio } = await import(dist("studio/server/start-studio.js"));
  const { token, port } = await startStudio({ path: values.serve, port: 0, note: () => undefined });
  process.send({ token, port });
} else await measure();

/** Writes a dataset: one large picture in each format under several names, and small ones. */
async function writeSet(folder, large) {
  mkdirSync(folder, { recursive: true });
  const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919 + ((i * i) % 251)) % 256));
  const picture = (side) =>
    sharp(noise, { raw: { width: 64, height: 64, channels: 3 }, limitInputPixels: false }).resize(side, side);
  const files = {
    png: await picture(SIDE).png({ compressionLevel: 1 }).toBuffer(),
    "interlaced png": await picture(SIDE).png({ compressionLevel: 1, progressive: true }).toBuffer(),
    jpeg: await picture(SIDE).jpeg().toBuffer(),
    "progressive jpeg": await picture(SIDE).jpeg({ progressive: true }).toBuffer(),
  };
  const kinds = Object.keys(files);
  const rows = ["file_name,label"];
  for (let i = 0; i < large; i++) {
    const kind = kinds[i % kinds.length];
    const name = `large-${i}.${kind.endsWith("png") ? "png" : "jpg"}`;
    writeFileSync(join(folder, name), files[kind]);
    rows.push(`${name},a`);
  }
  const small = await picture(256).png().toBuffer();
  for (let i = 0; i < SMALL; i++) {
    writeFileSync(join(folder, `small-${i}.png`), small);
    rows.push(`small-${i}.png,b`);
  }
  writeFileSync(join(folder, "metadata.csv"), `${rows.join("\n")}\n`);
}

async function measure() {
  const large = Number(values.large);
  const folder = mkdtempSync(join(tmpdir(), "ganglion-bench-"));
  const set = join(folder, "set");
  await writeSet(set, large);
  const child = fork(process.argv[1], ["--serve", set, "--dist", values.dist]);
  try {
    const { token, port } = await new Promise((started) => child.once("message", started));
    const ask = (path) => fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const [{ id }] = (await (await ask("/api/workspace")).json()).datasets;
    const status = (name) =>
      Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) / 1024;
    const idle = status("VmRSS");
    const started = performance.now();
    const picture = async (index) => {
      const answer = await ask(`/api/datasets/${id}/images/${index}.png?size=256`);
      const { length } = new Uint8Array(await answer.arrayBuffer());
      if (answer.status !== 200 || length < 1000) throw new Error(`picture ${index}: ${answer.status}`);
      return (performance.now() - started) / 1000;
    };
    // Each large one twice at once, as two open pages ask for it; the small ones come when all of these are on their way.
    const ends = Array.from({ length: large }, (_, i) => [picture(i), picture(i)]).flat();
    await new Promise((resume) => setTimeout(resume, 200));
    const small = await Promise.all(Array.from({ length: SMALL }, (_, i) => picture(large + i)));
    const all = await Promise.all(ends);
    const found = {
      large,
      asked: ends.length,
      idleMiB: Math.round(idle),
      peakMiB: Math.round(status("VmHWM")),
      smallLastSeconds: Number((Math.max(...small) - 0.2).toFixed(2)),
      largeLastSeconds: Number(Math.max(...all).toFixed(2)),
    };
    console.log(values.json ? JSON.stringify(found) : found);
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
