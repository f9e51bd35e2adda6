// Makes src/dicom/read/testing/reference-pixels.json: for every file of a folder that Debian's gdcm or dcmtk decodes, the
// SHA-256 of its stored values as each of the two sees them. Usage: dicom-reference.mjs [FOLDER]
// Needs the Debian packages dcmtk and libgdcm-tools.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = process.argv[2] ?? fileURLToPath(new URL("../../shared/data/dicom/samples", import.meta.url));
const out = fileURLToPath(new URL("../src/dicom/read/testing/reference-pixels.json", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "ganglion-reference-"));

/** One attempt of a tool each: arguments to decode `from` to an uncompressed file `to`. */
const TOOLS = {
  gdcm: [["gdcmconv", "--raw"]],
  dcmtk: [
    // YCbCr stays as it is stored (+cn), so that both tools speak of the same values.
    ["dcmdjpeg", "+cn"],
    ["dcmdjpls"],
    ["dcmdrle"],
  ],
};

/** Text of the image pixel attributes of a file by their tags. */
function attributes(file) {
  const tags = ["0002", "0004", "0008", "0010", "0011", "0100", "0101", "0102", "0103"];
  const wanted = tags.flatMap((element) => ["+P", `0028,${element}`]);
  const { stdout } = spawnSync("dcmdump", ["-q", ...wanted, "-s", file], { encoding: "utf8" });
  const lines = stdout.matchAll(/^\((\w{4},\w{4})\) \w\w \[?([^\]#]*?)\]?\s*#/gm);
  return new Map([...lines].map((line) => [line[1], line[2].trim()]));
}

/** Raw bytes of the pixel data of an uncompressed file, little endian; null where it has none. */
function pixelBytes(file) {
  const raw = join(temporary, "pixels.raw");
  rmSync(raw, { force: true });
  spawnSync("gdcmraw", ["-i", file, "-o", raw, "-t", "7fe0,0010"]);
  return existsSync(raw) ? readFileSync(raw) : null;
}

/** The values alone: bits from HighBit downwards, sign extended, 32 bits each; shared colours given to both pixels. */
function values(known, bytes) {
  const number = (tag, otherwise) => Number(known.get(tag) ?? otherwise);
  const allocated = number("0028,0100");
  const stored = number("0028,0101", allocated);
  const high = number("0028,0102", stored - 1);
  const signed = number("0028,0103", 0) === 1;
  const shared = known.get("0028,0004") === "YBR_FULL_422";
  const samples = number("0028,0002", 1);
  const pixels = number("0028,0010") * number("0028,0011") * number("0028,0008", 1);
  const cell = (i) => {
    if (allocated === 1) return (bytes[i >> 3] >> (i & 7)) & 1;
    if (shared) {
      const pair = 4 * Math.floor(i / 6);
      const part = i % 3;
      return bytes[part === 0 ? pair + (Math.floor(i / 3) & 1) : pair + 1 + part];
    }
    return bytes.readUIntLE((i * allocated) / 8, allocated / 8);
  };
  const found = new Int32Array(pixels * samples);
  for (let i = 0; i < found.length; i++) {
    let value = Math.floor(cell(i) / 2 ** (high + 1 - stored)) % 2 ** stored;
    if (signed && value >= 2 ** (stored - 1)) value -= 2 ** stored;
    found[i] = value;
  }
  return found;
}

const table = {};
for (const name of readdirSync(folder).sort()) {
  const entry = {};
  for (const [tool, attempts] of Object.entries(TOOLS)) {
    for (const [command, ...options] of attempts) {
      const to = join(temporary, "decoded.dcm");
      rmSync(to, { force: true });
      const { status } = spawnSync(command, [...options, join(folder, name), to], { timeout: 20_000 });
      if (status !== 0 || !existsSync(to)) continue;
      const known = attributes(to);
      const bytes = pixelBytes(to);
      if (bytes === null || !known.has("0028,0010")) continue;
      const found = values(known, bytes);
      entry[tool] = createHash("sha256").update(new Uint8Array(found.buffer)).digest("hex").slice(0, 32);
      break;
    }
  }
  if (Object.keys(entry).length > 0) table[name] = entry;
}
rmSync(temporary, { recursive: true });
writeFileSync(out, `${JSON.stringify(table, null, 2)}\n`);
console.log(`${Object.keys(table).length} files are decoded by gdcm or dcmtk`);
