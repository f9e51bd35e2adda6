import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { decodeImage } from "./image.ts";
import { importDataset } from "./import.ts";
import { readImage } from "./pixels.ts";
import { medmnist, noise, npzBytes, pngOf, writeFiles } from "./testing/fixtures.ts";

/**
 * Damaged input in thousands: every reader ends, within its time, in a value or in a GanglionError that is not
 * `internal`. The seeds are fixed so that a failure is the same on every machine.
 */
const folder = await temporaryFolder();

/** Ways to damage bytes: change, cut, repeat or remove a part. */
interface Damage {
  readonly changes: readonly { at: number; byte: number }[];
  readonly cut: number;
  readonly from: number;
  readonly length: number;
  readonly kind: "none" | "cut" | "remove" | "repeat";
}

const damage: fc.Arbitrary<Damage> = fc.record({
  changes: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), { maxLength: 8 }),
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(64),
  kind: fc.constantFrom("none" as const, "cut" as const, "remove" as const, "repeat" as const),
});

function apply(bytes: Uint8Array, { changes, cut, from, length, kind }: Damage): Uint8Array {
  const out = Buffer.from(bytes);
  for (const { at, byte } of changes) out[Math.floor(at * (out.length - 1))] = byte;
  const start = Math.floor(from * out.length);
  if (kind === "cut") return out.subarray(0, Math.floor(cut * out.length));
  if (kind === "remove") return Buffer.concat([out.subarray(0, start), out.subarray(start + length)]);
  if (kind === "repeat") return Buffer.concat([out.subarray(0, start + length), out.subarray(start)]);
  return out;
}

/** Waits for a reader; anything but a value or a plain GanglionError with a remedy fails. Returns whether it had a value. */
async function survives(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof GanglionError) || error.code === "internal") throw error;
    expect(error.message.length).toBeGreaterThan(20);
    return false;
  }
}

const plan = (numRuns: number, seed: number) => ({ numRuns, seed });

describe("fuzz", () => {
  test("2000 damaged PNG and JPEG files", async () => {
    const rgb = noise(1, 24, 17, 3).data;
    const make = () => sharp(rgb, { raw: { width: 24, height: 17, channels: 3 } });
    const seeds = [
      await pngOf(2, 11, 9, 1),
      await make().png({ palette: true, colours: 8 }).toBuffer(),
      await make().jpeg().toBuffer(),
      await make().jpeg({ progressive: true }).withMetadata({ orientation: 5 }).toBuffer(),
      await sharp(
        Uint16Array.from(rgb, (v) => 257 * v),
        { raw: { width: 24, height: 17, channels: 3 } },
      )
        .toColourspace("rgb16")
        .png()
        .toBuffer(),
    ];
    let decoded = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...seeds), damage, async (seed, how) => {
        const ok = await survives(async () => {
          const image = await decodeImage(apply(seed, how));
          expect(image.data).toHaveLength(image.width * image.height * image.channels);
        });
        if (ok) decoded++;
      }),
      plan(2000, 1),
    );
    expect(decoded).toBeGreaterThan(20);
  }, 60_000);

  test("1500 damaged npz files, stored and deflated", async () => {
    const seeds = [npzBytes(medmnist(3, 1), 0), npzBytes(medmnist(2, 3), 6)];
    const path = join(folder, "x.npz");
    let read = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...seeds), damage, async (seed, how) => {
        await writeFile(path, apply(seed, how));
        const ok = await survives(async () => {
          const dataset = await readDataset(path);
          try {
            for (const index of dataset.samples.keys()) await readImage(dataset, index);
          } finally {
            // The next file may have the same size and time.
            dataset.reader.release();
          }
        });
        if (ok) read++;
      }),
      plan(1500, 2),
    );
    expect(read).toBeGreaterThan(20);
  }, 60_000);

  test("1500 tables of odd names and cells", async () => {
    const root = join(folder, "tables");
    await writeFiles(root, { "images/a.png": await pngOf(1), "b.png": await pngOf(2) });
    await mkdir(join(root, "folder.png"));
    const cell = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("images/a.png", "b.png", "nv", "1", "train") },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          "",
          "folder.png",
          "../b.png",
          "/b.png",
          "b.png\0",
          "C:\\b.png",
          "gone.png",
          '"',
          "__proto__",
        ),
      },
      { weight: 1, arbitrary: fc.string() },
    );
    const name = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom("file_name", "label", "dx", "split", "mask", "patient_id", "age") },
      { weight: 1, arbitrary: fc.constantFrom("__proto__", "constructor", "", "x_min", "y_min", "x_max", "y_max") },
    );
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const image = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("images/a.png", "b.png") },
      { weight: 1, arbitrary: cell },
    );
    const first = fc.oneof({ weight: 9, arbitrary: fc.constant("file_name") }, { weight: 1, arbitrary: name });
    const table = fc.tuple(first, fc.uniqueArray(name, { maxLength: 5 })).chain(([head, others]) => {
      const header = [head, ...others.filter((other) => other !== head)];
      const width = { minLength: header.length - 1, maxLength: header.length - 1 };
      const row = fc.tuple(image, fc.array(cell, width), fc.nat(30));
      return fc.array(row, { minLength: 0, maxLength: 3 }).map((rows) => {
        const cells = rows.map(([file, rest, ragged]) => [file, ...rest, ...(ragged === 0 ? ["more"] : [])]);
        return [header, ...cells].map((line) => line.map(quoted).join(",")).join("\n");
      });
    });
    const options = fc.record(
      {
        label: fc.constantFrom("dx", "label", "no"),
        where: fc.array(fc.constantFrom("label=nv", "age=1", "x", "=", "split=train"), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    );
    const request = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: options });
    let read = 0;
    await fc.assert(
      fc.asyncProperty(table, request, fc.option(damage, { freq: 1 }), async (text, asked, how) => {
        const bytes = Buffer.from(text);
        await writeFile(join(root, "metadata.csv"), how === null ? bytes : apply(bytes, how));
        if (await survives(() => readDataset(root, asked))) read++;
      }),
      plan(1500, 3),
    );
    expect(read).toBeGreaterThan(20);
  }, 60_000);

  test("300 damaged dataset.json", async () => {
    const root = join(folder, "description");
    await writeFiles(root, { "a.png": await pngOf(1), "metadata.csv": "file_name,label,x\na.png,nv,1\n" });
    const value = fc.oneof(fc.constantFrom("label", "x", "no"), fc.jsonValue());
    const description = fc.record({ label: value, box: value, split: value, license: value }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(fc.oneof(description, fc.jsonValue()), async (content) => {
        await writeFile(join(root, "dataset.json"), JSON.stringify(content));
        await survives(() => readDataset(root));
      }),
      plan(300, 4),
    );
  }, 60_000);

  test("120 imports of sets with damaged images leave a whole dataset or nothing", async () => {
    const root = join(folder, "source");
    const good = [await pngOf(1, 9, 8, 3), await pngOf(2, 9, 8, 3), await pngOf(3, 9, 8, 3)];
    await writeFiles(root, { "metadata.csv": "file_name,label,mask\na.png,x,m.png\nb.png,y,\n" });
    const target = await writeFiles(join(folder, "target"), {});
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(2), damage, async (which, how) => {
        for (const [i, name] of ["a.png", "b.png", "m.png"].entries()) {
          await writeFile(join(root, name), i === which ? apply(good[i]!, how) : good[i]!);
        }
        const out = join(target, String(run++));
        const before = await readdir(target);
        const ok = await survives(async () => importDataset(await readDataset(root), out, { size: 4 }));
        if (ok) expect((await readDataset(out)).samples).toHaveLength(2);
        else expect(await readdir(target)).toEqual(before);
      }),
      plan(120, 5),
    );
  }, 60_000);
});
