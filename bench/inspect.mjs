// `ganglion inspect` on many images of 224 px beside plain decoding of the same files by the same library: time, and memory as
// the number grows. Needs a build; makes the images once (2 GB for 50,000; --keep /dev/shm/DIR where the disk is full).
//   node bench/inspect.mjs [--collection distinct|lights] [--images 50000] [--keep DIR] [--rounds 3] [--parts]
// Without --parts cropped, mirrored and turned copies are not looked for at any number of images, as `inspect` does by default
// beyond 12,000.
// Every other image is a JPEG, the rest are filtered PNG. `distinct`, the default, is like a collection: each image shows two of 500
// drawings of the built-in phantom, each warped in its own way so that no two images show one picture, but for every 50th, which
// shows the one before it again, mirrored and in other light. Pairs whose hashes of structure are close, which are compared closely,
// are about as frequent as in HAM10000 (--candidates counts them). `lights` is a
// worst case that no collection is: each of 500 drawings in a hundred fields of light, which the comparison takes for one picture.
// Seconds of processors (user and system) say something on a busy machine as well.
import { spawn } from "node:child_process";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { Rng } from "../dist/core/rng.js";
import { HashIndex } from "../dist/data/hash-index.js";
import { readDataset } from "../dist/data/index.js";
import { readPrints } from "../dist/data/prints/read-prints.js";
import { POSITIONS } from "../dist/likeness/structure-hash.js";
import { phantomPlan, renderPhantom } from "../dist/phantom/index.js";
import { interleave, median } from "./interleave.mjs";

const SIDE = 224;
const DRAWINGS = 500;
/** Points of a warp, and the most that it moves one, as a share of the side. */
const POINTS = 6;
const MOVED = 0.08;
/** Of so many images of the distinct ones the last shows the one before it. */
const REPEAT_EACH = 50;
/** Images in flight, in making and in decoding; `inspect` has as many. */
const LANES = 4;
/** Most that `inspect` may take of the time of decoding. */
const MOST = 1.5;

const { values } = parseArgs({
  options: {
    collection: { type: "string", default: "distinct" },
    images: { type: "string", default: "50000" },
    keep: { type: "string", default: join(tmpdir(), "ganglion-bench-inspect") },
    rounds: { type: "string", default: "3" },
    parts: { type: "boolean", default: false },
    /** Counts the pairs of this folder whose hashes of structure are close, and does nothing else. */
    candidates: { type: "string" },
    /** In a child: decodes the files of this folder. */
    decode: { type: "string" },
  },
});

/** Runs `work` for 0 to count - 1, some at a time. */
async function forAll(count, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

const nameOf = (i) => `class-${i % 5}/${String(i).padStart(6, "0")}.${i % 2 === 0 ? "jpg" : "png"}`;

async function drawings() {
  const plan = phantomPlan(DRAWINGS, 5);
  return plan.map((spec) => renderPhantom(spec, SIDE).image);
}

/** Numbers of `channels` at points evenly across, smooth between them, for each pixel. */
function smooth(values, points, channels) {
  const out = new Float32Array(SIDE * SIDE * channels);
  const step = (points - 1) / (SIDE - 1);
  const places = Array.from({ length: SIDE }, (_, x) => {
    const left = Math.min(points - 2, Math.floor(x * step));
    const t = x * step - left;
    return { left, share: t * t * (3 - 2 * t) };
  });
  const row = new Float32Array(points * channels);
  for (let y = 0, k = 0; y < SIDE; y++) {
    const { left: top, share: down } = places[y];
    for (let p = 0; p < row.length; p++) {
      const above = values[top * row.length + p];
      row[p] = above + down * (values[(top + 1) * row.length + p] - above);
    }
    for (let x = 0; x < SIDE; x++) {
      const { left, share } = places[x];
      for (let c = 0; c < channels; c++, k++) {
        const from = row[channels * left + c];
        out[k] = from + share * (row[channels * left + channels + c] - from);
      }
    }
  }
  return out;
}

/** Random numbers at points for {@link smooth}, from `low` to `high`. */
const atPoints = (rng, points, channels, low, high) =>
  Float32Array.from({ length: points * points * channels }, () => low + (high - low) * rng.uniform());

/**
 * Places of 0..SIDE - 1, ascending or descending, that are stretched here and drawn together there: no turn, crop or scale lays two
 * such lines on each other.
 */
function stretched(rng) {
  const points = Array.from({ length: POINTS }, () => MOVED * (2 * rng.uniform() - 1));
  const back = rng.uniform() < 0.5;
  return Array.from({ length: SIDE }, (_, k) => {
    const at = ((back ? SIDE - 1 - k : k) / (SIDE - 1)) * (POINTS - 1);
    const left = Math.min(POINTS - 2, Math.floor(at));
    const t = at - left;
    const moved = points[left] + t * t * (3 - 2 * t) * (points[left + 1] - points[left]);
    return Math.round((SIDE - 1) * Math.max(0, Math.min(1, at / (POINTS - 1) + moved)));
  });
}

/** A drawing, turned or mirrored and warped along both sides: the offsets of its pixels by column and by row. */
function partOf(data, rng) {
  const [columns, rows] = [stretched(rng), stretched(rng).map((y) => y * SIDE)];
  return rng.uniform() < 0.5 ? { data, columns, rows } : { data, columns: rows, rows: columns };
}

/** Two parts, of which the first covers most. */
function mixed(drawn, i) {
  const rng = new Rng("bench", "inspect", "mixed", i);
  const [a, b] = [0, 1].map(() => partOf(drawn[rng.integer(DRAWINGS)].data, rng));
  const cover = smooth(atPoints(rng, 4, 1, 0.1, 3.1), 4, 1);
  const seen = new Float32Array(SIDE * SIDE * 3);
  for (let y = 0, p = 0, k = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, p++) {
      const share = Math.min(1, cover[p]);
      const [at, at2] = [3 * (a.rows[y] + a.columns[x]), 3 * (b.rows[y] + b.columns[x])];
      for (let c = 0; c < 3; c++, k++) seen[k] = a.data[at + c] * share + b.data[at2 + c] * (1 - share);
    }
  }
  return seen;
}

function mirrored(data) {
  const out = new Float32Array(data.length);
  for (let y = 0, k = 0; y < SIDE; y++)
    for (let x = SIDE - 1; x >= 0; x--) for (let c = 0; c < 3; c++, k++) out[k] = data[3 * (y * SIDE + x) + c];
  return out;
}

/** Pixels seen in a field of light of 0..255. */
function lit(data, light) {
  const seen = new Uint8Array(data.length);
  for (let k = 0; k < seen.length; k++) seen[k] = (data[k] * light[k]) >> 8;
  return seen;
}

/** The pixels of image `i` of each collection. */
const COLLECTIONS = {
  distinct(drawn, i) {
    const light = smooth(atPoints(new Rng("bench", "inspect", "light", i), 3, 3, 195, 255), 3, 3);
    const again = i % REPEAT_EACH === REPEAT_EACH - 1;
    return lit(again ? mirrored(mixed(drawn, i - 1)) : mixed(drawn, i), light);
  },
  lights(drawn, i) {
    const values = atPoints(new Rng("bench", "inspect", i), 9, 3, 90, 255).map(Math.floor);
    return lit(drawn[i % DRAWINGS].data, smooth(values, 9, 3));
  },
};

/** Writes the images that are not there yet. */
async function make(folder, count) {
  for (let c = 0; c < 5; c++) mkdirSync(join(folder, `class-${c}`), { recursive: true });
  const there = new Set(readdirSync(folder, { recursive: true, encoding: "utf8" }));
  const missing = Array.from({ length: count }, (_, i) => i).filter((i) => !there.has(nameOf(i)));
  if (missing.length === 0) return;
  console.error(`inspect: making ${missing.length} images in ${folder}`);
  const drawn = await drawings();
  await forAll(missing.length, async (at) => {
    const i = missing[at];
    const seen = COLLECTIONS[values.collection](drawn, i);
    const image = sharp(seen, { raw: { width: SIDE, height: SIDE, channels: 3 } });
    const path = join(folder, nameOf(i));
    await (i % 2 === 0
      ? image.jpeg({ quality: 90 })
      : image.png({ compressionLevel: 2, adaptiveFiltering: true })
    ).toFile(`${path}.part`);
    await rename(`${path}.part`, path);
  });
}

/** A folder with the first images, by hard links. */
function firstOf(folder, count) {
  const part = `${folder}-first-${count}`;
  rmSync(part, { recursive: true, force: true });
  for (let c = 0; c < 5; c++) mkdirSync(join(part, `class-${c}`), { recursive: true });
  for (let i = 0; i < count; i++) linkSync(join(folder, nameOf(i)), join(part, nameOf(i)));
  return part;
}

/** Runs Node to its end. @returns seconds, those of processors, and the most memory in MB that it had at once; Linux only */
async function run(words) {
  const start = performance.now();
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  let most = 0;
  let ticks = 0;
  const look = setInterval(() => {
    try {
      const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
      most = Math.max(most, Number(found?.[1] ?? 0) / 1024);
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
      ticks = Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended, or this is no Linux.
    }
  }, 20);
  child.stdout.on("data", (bytes) => {
    said += bytes;
  });
  const code = await new Promise((resolved) => child.on("close", resolved));
  clearInterval(look);
  if (code !== 0) throw new Error(`${words[0]} ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, processorSeconds: ticks / 100, megabytes: most, said };
}

/** Pairs of a dataset whose hashes of structure differ in 10 bits at most in any position, as `inspect` searches them. */
async function countCandidates(path) {
  const { prints } = await readPrints(await readDataset(path), { stage: "", onProgress: () => undefined });
  const hashes = new Uint32Array(2 * prints.length);
  for (let i = 0; i < prints.length; i++) hashes.set(prints.part(i, 0), 2 * i);
  const index = new HashIndex(hashes, 10);
  const pairs = new Set();
  let candidates = 0;
  for (let i = 0; i < prints.length; i++) {
    for (const position of POSITIONS.keys()) {
      if (((prints.structured(i) >> position) & 1) === 0) continue;
      for (const j of index.near(...prints.part(i, position))) {
        if (i === j || (prints.structured(j) & 1) === 0) continue;
        candidates++;
        pairs.add(Math.min(i, j) * prints.length + Math.max(i, j));
      }
    }
  }
  prints.close();
  const ofAll = pairs.size / ((prints.length * (prints.length - 1)) / 2);
  return { images: prints.length, candidates, pairs: pairs.size, shareOfAllPairs: ofAll };
}

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const self = fileURLToPath(import.meta.url);

if (values.candidates !== undefined) {
  console.log(JSON.stringify(await countCandidates(values.candidates)));
} else if (values.decode !== undefined) {
  const names = readdirSync(values.decode, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(jpg|png)$/.test(name),
  );
  let bytes = 0;
  await forAll(names.length, async (i) => {
    const pixels = await sharp(readFileSync(join(values.decode, names[i])))
      .raw()
      .toBuffer();
    bytes += pixels.length;
  });
  console.log(JSON.stringify({ images: names.length, bytes }));
} else {
  const count = Number(values.images);
  const folder = join(values.keep, values.collection);
  await make(folder, count);
  const numbers = [Math.round(count / 10), count];
  const lines = [];
  for (const number of numbers) {
    const part = firstOf(folder, number);
    const memory = { ours: [], plain: [] };
    const busy = { ours: [], plain: [] };
    const side = (name, words) => async () => {
      const { seconds, processorSeconds, megabytes, said } = await run(words);
      memory[name].push(megabytes);
      busy[name].push(processorSeconds);
      const found = JSON.parse(said);
      if (found.images !== number) throw new Error(`${name} looked at ${found.images} images of ${number}`);
      return seconds;
    };
    const rounds = await interleave(number === count ? Number(values.rounds) : 1, {
      ours: side("ours", [main, "inspect", part, values.parts ? "--parts" : "--no-parts", "--json", "--quiet"]),
      plain: side("plain", [self, "--decode", part]),
    });
    rmSync(part, { recursive: true });
    const of = (name) => median(rounds.map((round) => round[name]));
    lines.push({
      images: number,
      oursSeconds: of("ours"),
      plainSeconds: of("plain"),
      ratio: median(rounds.map(({ ours, plain }) => ours / plain)),
      oursProcessorSeconds: median(busy.ours),
      plainProcessorSeconds: median(busy.plain),
      oursMegabytes: median(memory.ours),
      plainMegabytes: median(memory.plain),
    });
    console.log(JSON.stringify(lines.at(-1)));
  }
  const last = lines.at(-1);
  const kilobytes = ((last.oursMegabytes - lines[0].oursMegabytes) * 1024) / (last.images - lines[0].images);
  console.log(
    `${values.collection}: time ${last.ratio.toFixed(2)} of plain decoding (at most ${MOST} is wanted); ${kilobytes.toFixed(1)} kB more for each image`,
  );
  writeFileSync(join(values.keep, `${values.collection}.json`), `${JSON.stringify(lines, null, 2)}\n`);
  process.exitCode = last.ratio <= MOST ? 0 : 1;
}
