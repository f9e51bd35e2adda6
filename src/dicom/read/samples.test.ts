import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { withoutPixels } from "./image-layout.ts";
import { parseDicom } from "./parse.ts";
import { openFrames } from "./stored-frame.ts";

const shared = process.env.GANGLION_SHARED ?? "../shared";
const folder = join(shared, "data/dicom/samples");
const there = existsSync(folder) || process.env.CI === "true";
if (!there) console.warn(`skipped: DICOM samples are not at ${folder} (set GANGLION_SHARED to their folder)`);

/** SHA-256 of the values that gdcm and dcmtk decode, made by `scripts/dicom-reference.mjs`. */
const reference: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(new URL("./testing/reference-pixels.json", import.meta.url), "utf8"),
);

async function valuesHash(bytes: Uint8Array, name: string): Promise<string> {
  const frames = openFrames(parseDicom(bytes, name));
  const hash = createHash("sha256");
  for (let i = 0; i < frames.layout.frames; i++) {
    hash.update(new Uint8Array(Int32Array.from((await frames.read(i)).data).buffer));
  }
  return hash.digest("hex").slice(0, 32);
}

test.skipIf(!there)(
  "every sample that gdcm or dcmtk decodes has the same values here",
  async () => {
    const wrong: string[] = [];
    for (const [name, expected] of Object.entries(reference)) {
      const found = await valuesHash(await readFile(join(folder, name)), name).catch((error) => error.message);
      if (!Object.values(expected).includes(found)) wrong.push(`${name}: ${found}, not ${JSON.stringify(expected)}`);
    }
    expect(wrong).toEqual([]);
    expect(Object.keys(reference).length).toBeGreaterThan(60);
  },
  60_000,
);

test.skipIf(!there)("every other sample has no pixels, or one clear line that says why it is not read", async () => {
  const lines: Record<string, string> = {};
  for (const name of await readdir(folder)) {
    if (name in reference) continue;
    try {
      const file = parseDicom(await readFile(join(folder, name)), name);
      lines[name] = withoutPixels(file.dataset) ?? "";
      if (lines[name] === "") await openFrames(file).read(0);
    } catch (error) {
      expect(error).toBeInstanceOf(GanglionError);
      lines[name] = (error as GanglionError).message;
    }
  }
  const broken = Object.entries(lines).filter(([, line]) => line !== "no pixels");
  expect(Object.fromEntries(broken)).toMatchInlineSnapshot(`
    {
      "JPEG2000-embedded-sequence-delimiter.dcm": "JPEG2000-embedded-sequence-delimiter.dcm: frame (JPEG 2000) cannot be decoded (the compressed frame has no valid header); restore the file from its source",
      "meta_missing_tsyntax.dcm": "meta_missing_tsyntax.dcm: the pixels are not described as they must be: Rows is missing; Columns is missing; BitsAllocated is missing; restore the file from its source or remove it",
      "nested_priv_SQ.dcm": "nested_priv_SQ.dcm: the pixels are not described as they must be: Rows is missing; Columns is missing; BitsAllocated is missing; restore the file from its source or remove it",
      "rtplan_truncated.dcm": "rtplan_truncated.dcm: (300a,00b0) states 976 bytes and 711 are left; the file is cut short or damaged, restore it from its source",
    }
  `);
});
