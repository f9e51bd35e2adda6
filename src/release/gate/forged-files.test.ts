import { mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { listFiles } from "../../core/list-files.ts";
import { failure } from "../../core/testing/fixtures.ts";
import { decodePng, encodePng } from "../../data/index.ts";
import { crc32 } from "../../data/readers/zip.ts";
import { medmnist, npzBytes } from "../../data/testing/fixtures.ts";
import { parseDicom } from "../../dicom/read/parse.ts";
import { edit } from "../testing/case.ts";
import { patientOf } from "../testing/forger-case.ts";
import {
  at,
  byRun,
  codes,
  forgeAudit,
  HOOK,
  plant,
  real,
  setColumn,
  useForgerCase,
  VICTIM,
  without,
} from "../testing/forgery.ts";

useForgerCase();

const noRun = { run: undefined, withoutRun: true };

describe("what hides within a PNG that a viewer shows as it was", () => {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [head, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    head.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([head, body, sum]);
  };
  /** The PNG with other compressed data, and other content of its end. */
  const rebuilt = (png: Buffer, change: (packed: Buffer) => Buffer, end = Buffer.alloc(0)): Buffer => {
    const packed: Buffer[] = [];
    for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
      const type = png.toString("latin1", at + 4, at + 8);
      if (type === "IDAT") packed.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
    }
    return Buffer.concat([png.subarray(0, 33), chunk("IDAT", change(Buffer.concat(packed))), chunk("IEND", end)]);
  };
  const hidden = () => real(2);

  test.each<[string, (png: Buffer) => Buffer | Promise<Buffer>]>([
    ["an image in the chunk of the end", async (png) => rebuilt(png, (packed) => packed, await hidden())],
    [
      "an image behind the compressed rows",
      async (png) => {
        const image = await hidden();
        return rebuilt(png, (packed) => Buffer.concat([packed, image]));
      },
    ],
    [
      "rows below the last one",
      async (png) => {
        const image = await hidden();
        return rebuilt(png, (packed) => deflateSync(Buffer.concat([inflateSync(packed), image])));
      },
    ],
    [
      "a size of print that is text",
      (png) => Buffer.concat([png.subarray(0, 33), chunk("pHYs", Buffer.from("Jane Doe, 1970")), png.subarray(33)]),
    ],
    ["rows in seven passes", (png) => sharp(png).png({ progressive: true }).toBuffer()],
  ])("%s", async (_, spoil) => {
    const root = await plant(async (set, at) => {
      await writeFile(join(set, VICTIM), await spoil(await readFile(join(set, VICTIM))));
      await forgeAudit(at);
    });
    expect(await codes(byRun(root, noRun))).toEqual(["image-file"]);
  });

  test("the choice of filters and compression does not leave: every image is encoded anew", async () => {
    const root = await plant(async (set, at) => {
      const path = join(set, VICTIM);
      const other = await sharp(await readFile(path))
        .png({ compressionLevel: 1, adaptiveFiltering: true })
        .toBuffer();
      expect(other.equals(await readFile(path))).toBe(false);
      await writeFile(path, other);
      await forgeAudit(at);
    });
    await byRun(root, { ...noRun, out: join(root, "out") });
    const images = (await listFiles(join(root, "out"))).filter(({ name }) => name.endsWith(".png"));
    expect(images.length).toBe(24);
    for (const { name } of images) {
      const bytes = await readFile(join(root, "out", name));
      expect(Buffer.from(await encodePng(await decodePng(bytes))).equals(bytes), name).toBe(true);
    }
  });
});

describe("an .npz as the synthetic set", () => {
  test("with bytes behind the archive is no folder of generate", async () => {
    const root = await plant(async (_, at) =>
      writeFile(join(at, "set.npz"), Buffer.concat([npzBytes(medmnist()), await real(2)])),
    );
    const options = { ...noRun, dataset: join(root, "set.npz"), license: "CC-BY-4.0" };
    expect(await codes(byRun(root, options))).toContain("kind");
  });

  test("with a second train_images that hides another set is not read", async () => {
    const files = medmnist();
    const packed = npzBytes({ ...files, "train_imagez.npy": files["test_images.npy"]! }, 0);
    const twice = Buffer.from(
      Buffer.from(packed).toString("latin1").replaceAll("train_imagez", "train_images"),
      "latin1",
    );
    const root = await plant((_, at) => writeFile(join(at, "set.npz"), twice));
    const error = await failure(byRun(root, { ...noRun, dataset: join(root, "set.npz") }));
    expect(error.problems.map(({ code }) => code)).toContain("duplicate-entry");
  });
});

describe("a DICOM release", () => {
  test(
    "holds what Ganglion says and the pixels: no overlay, icon, private or nested image, nothing behind the pixels",
    async () => {
      await byRun(at("true"), { format: "dicom", out: at("dicom") });
      const objects = (await listFiles(at("dicom"))).filter(({ name }) => name.endsWith(".dcm"));
      expect(objects.length).toBe(24);
      for (const { name } of objects) {
        const bytes = await readFile(at("dicom", name));
        const { dataset } = parseDicom(bytes, name);
        const tags = [...dataset.elements.keys()];
        const groups = [...new Set(tags.map((tag) => tag >>> 16))].sort((a, b) => a - b);
        // No private (odd) group, no icon (0088,0200), no curve or overlay (50xx, 60xx), no padding (FFFC,FFFC).
        const usual = [0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0028, 0x0040, 0x7fe0];
        expect(groups.filter((group) => !usual.includes(group))).toEqual([]);
        const png = await readFile(at("true/set", name.replace(/dcm$/, "png")));
        const { data } = await decodePng(png);
        const last = dataset.elements.get(0x7fe00010)!;
        expect(last.start + last.length).toBe(bytes.length);
        expect(Buffer.from(dataset.raw(0x7fe00010)).equals(Buffer.from(data))).toBe(true);
        expect(dataset.text(0x00100010)).toMatch(/^SYNTHETIC\^000[12]$/);
        for (const secret of [patientOf(3), "SKIN_00003", at()]) expect(bytes.includes(secret), name).toBe(false);
      }
    },
    HOOK,
  );

  test.each([
    ["a patient as the value of a code", { value: patientOf(5), scheme: "99X", meaning: "Nevus" }, "(value)"],
    ["a name as the value of a code", { value: "DOE^JANE", scheme: "99X", meaning: "Nevus" }, "(value)"],
    ["a name as the scheme of a code", { value: "1", scheme: "JANE DOE", meaning: "Nevus" }, "(scheme)"],
  ])("%s", async (_, nevus, where) => {
    const config = { ...without, dicom: { ...without.dicom, classes: { nevus } } };
    const error = await failure(byRun(at("true"), { config, format: "dicom", holdout: at("true/real") }));
    expect(error.problems.map(({ path }) => path)).toEqual([`--config: dicom: nevus ${where}`]);
  });

  test("objects of DICOM as the synthetic set", async () => {
    await byRun(at("true"), { format: "dicom", out: at("objects") });
    const error = await failure(byRun(at("true"), { ...noRun, dataset: at("objects") }));
    expect([error.code, new Set(error.problems.map(({ code }) => code))]).toEqual([
      "dataset",
      new Set(["image-format"]),
    ]);
  });
});

describe("bytes of an image in the table", () => {
  const columns = { ...without, gate: { ...without.gate, columns: ["texture"] } };
  const planted = (value: (row: number) => string) =>
    plant((set) => edit(join(set, "metadata.csv"), setColumn("texture", value)));

  test("in base64, the same few cells over and over", async () => {
    const text = (await real(2)).toString("base64");
    const root = await planted((row) => text.slice(40 * (row % 6), 40 * (row % 6) + 40));
    const error = await failure(byRun(root, { config: columns }));
    expect(error.problems.map(({ code, message }) => [code, message])).toEqual([
      ["identifier", expect.stringMatching(/^24 cells hold encoded data/)],
    ]);
  });

  test("in hexadecimal", async () => {
    const text = (await real(2)).toString("hex");
    const root = await planted((row) => text.slice(16 * (row % 6), 16 * (row % 6) + 16));
    expect(await codes(byRun(root, { config: columns }))).toEqual(["identifier"]);
  });

  test("in short words of which two are alike", async () => {
    const root = await planted((row) => `w${"abcdefghijklmnopqrstuvwx"[Math.max(row, 2) - 1]}`);
    expect(await codes(byRun(root, { config: columns }))).toEqual(["identity-column"]);
  });

  test("a name of a column that is a person", async () => {
    const root = await plant((set) =>
      edit(
        join(set, "metadata.csv"),
        setColumn("jane_doe", () => "1"),
      ),
    );
    const config = { ...without, gate: { ...without.gate, columns: ["jane_doe"] } };
    expect(await codes(byRun(root, { config }))).toEqual(["identifier"]);
  });
});

test.each(["LicenseRef-Jane-Doe", `LicenseRef-${patientOf(5)}`])("a person in the licence: %s", async (license) => {
  const error = await failure(byRun(at("true"), { license, holdout: at("true/real") }));
  expect(error.problems.map(({ code, path }) => [code, path])).toEqual([["identifier", "license"]]);
});

describe("names of files that say something", () => {
  const renamed = (from: string, to: string) =>
    plant(async (set, at) => {
      await mkdir(dirname(join(set, to)), { recursive: true });
      await rename(join(set, from), join(set, to));
      for (const name of ["metadata.csv", "provenance.jsonl"]) {
        await edit(join(set, name), (text) => text.replaceAll(from, to));
      }
      await forgeAudit(at);
    });

  test.each([
    ["a date of birth as the number", VICTIM, "images/nevus/010270.png"],
    ["a name", VICTIM, "images/nevus/jane_doe.png"],
    ["a name of a folder", "images/nevus", "images/Jane_Doe"],
    ["a date as the number of a folder", "images/nevus", "images/class-19700102"],
    ["a folder of its own for one image", VICTIM, "images/class-7/000001.png"],
  ])("%s", async (_, from, to) => {
    expect(await codes(byRun(await renamed(from, to), noRun))).toEqual(["file-name"]);
  });
});

describe("links in the synthetic set", () => {
  const linked = (name: string) =>
    plant(async (set, at) => {
      await rename(join(set, name), join(at, "elsewhere"));
      await symlink(join(at, "elsewhere"), join(set, name));
    });

  test.each(["images/nevus", "provenance.jsonl"])("%s", async (name) => {
    expect(await codes(byRun(await linked(name)))).toEqual(["link"]);
  });

  test.each(["metadata.csv", "dataset.json"])("%s, which is not even read", async (name) => {
    const error = await failure(byRun(await linked(name)));
    expect([error.code, error.message]).toEqual(["files", expect.stringContaining(`${name}: this is a symbolic link`)]);
  });
});
