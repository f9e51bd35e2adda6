import { copyFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { listFiles } from "../../core/list-files.ts";
import { failure } from "../../core/testing/fixtures.ts";
import { decodePng, encodePng, pixelHash } from "../../data/index.ts";
import { writeMemorisedGenerator } from "../../model/testing/forge-generator.ts";
import { generateDataset, openRun } from "../../sample/index.ts";
import { strangeChunks } from "../png-chunks.ts";
import { FORGER_CONFIG, patientOf } from "../testing/forger-case.ts";
import {
  at,
  byRun,
  codes,
  forgeAudit,
  HOOK,
  plant,
  real,
  useForgerCase,
  VICTIM,
  VICTIMS,
  whole,
} from "../testing/forgery.ts";

useForgerCase();

test(
  "what is true passes, drawn again, audited again, with its generator",
  async () => {
    const made = await whole(at("true"), { withGenerator: at("true/run"), out: at("released") });
    expect([made.images, made.residual, made.removed]).toEqual([24, { max: 0, share: 0 }, []]);
    const card = await readFile(at("released/README.md"), "utf8");
    expect(card).toContain("was compared with the training images again");
    expect(card).toContain("the set agreed with it in every pixel");
    for (const { name } of await listFiles(at("released"))) {
      const bytes = await readFile(at("released", name));
      if (name.endsWith(".png")) expect(strangeChunks(bytes)).toEqual([]);
      for (const secret of [patientOf(3), "SKIN_00003", at()]) expect(bytes.includes(secret), name).toBe(false);
    }
  },
  HOOK,
);

describe("real images among the synthetic ones", () => {
  /** Real training images over generated ones: as they are, as JPEG 70, turned, with an audit that knows nothing of it. */
  const planted = () =>
    plant(async (set, root) => {
      const jpeg = await sharp(await real(4))
        .jpeg({ quality: 70 })
        .toBuffer();
      await writeFile(join(set, VICTIMS[0]!), await real(2));
      await writeFile(join(set, VICTIMS[1]!), await encodePng(await decodePng(await sharp(jpeg).png().toBuffer())));
      await writeFile(
        join(set, VICTIMS[2]!),
        await encodePng(
          await decodePng(
            await sharp(await real(6))
              .rotate(90)
              .png()
              .toBuffer(),
          ),
        ),
      );
      await forgeAudit(root);
    });

  test(
    "without the run: the audit's search is made again, whatever audit.json says",
    async () => {
      const root = await planted();
      const options = { run: undefined, withoutRun: true, train: at("true/real") };
      const error = await failure(whole(root, options));
      const found = error.problems.find(({ code }) => code === "training-image");
      expect(found?.message).toMatch(/^3: "images\/nevus\/000001.png".*audit.json does not name them/);
      // Neither the run nor the training images: nothing is proven, and that is a reason.
      const nothing = { run: undefined, config: FORGER_CONFIG };
      expect(await codes(byRun(root, nothing))).toEqual(["no-run", "no-training"]);
    },
    HOOK,
  );

  test("with the run: another image is drawn", async () => {
    expect(await codes(byRun(await planted()))).toEqual(["not-drawn"]);
  });

  test("put there after the audit: its hash is of other images", async () => {
    const root = await plant(async (set) => writeFile(join(set, VICTIM), await real(2)));
    expect(await codes(byRun(root))).toEqual(["not-drawn", "other-dataset"]);
  });

  test(
    "drawn by a generator that remembers one",
    async () => {
      const root = await plant(async (_, at) => {
        const { data } = await decodePng(await real(2));
        const side = 32;
        const planes = Float32Array.from({ length: 3 * side * side }, (_, i) => {
          const [c, p] = [Math.floor(i / side ** 2), i % side ** 2];
          return data[3 * p + c]! / 127.5 - 1;
        });
        await writeMemorisedGenerator(join(at, "run/generator.onnx"), ["melanoma", "nevus"], { side, planes });
        const run = await openRun(join(at, "run"), { threads: 1 });
        const counts = ["melanoma", "nevus"].map((name) => ({ name, count: 12 }));
        await rename(join(at, "set"), join(at, "old"));
        await generateDataset(run, join(at, "set"), { counts, sampler: { kind: "random" }, seed: 5 });
        await run.close();
        await forgeAudit(at, () => ({ run: { generator: run.generator.hash, differentialPrivacy: null } }));
      });
      const found = await codes(whole(root, { withGenerator: join(root, "run") }));
      expect(found).toContain("training-image");
      expect(found).toContain("generator-file");
      expect(found).not.toContain("not-drawn");
    },
    HOOK,
  );
});

describe("a hidden image in the difference that rounding may make", () => {
  const shifted = (levels: number) =>
    plant(async (set, root) => {
      const [cover, hidden] = await Promise.all([
        decodePng(await readFile(join(set, VICTIM))),
        real(2).then(decodePng),
      ]);
      const data = cover.data.map((value, i) => {
        const up = hidden.data[i]! > 127 ? levels : -levels;
        return value + up < 0 || value + up > 255 ? value - up : value + up;
      });
      await writeFile(join(set, VICTIM), await encodePng({ ...cover, data }));
      await forgeAudit(root);
    });

  test("of two levels is refused, and how far it is is said", async () => {
    const error = await failure(byRun(await shifted(2)));
    expect(error.problems.map(({ code, message }) => [code, message])).toEqual([
      ["not-drawn", expect.stringMatching(/up to 2 levels away, 1 is allowed/)],
    ]);
  });

  test("of one level does not leave: what was drawn again is released", async () => {
    const root = await shifted(1);
    const made = await byRun(root, { out: join(root, "out") });
    expect(made.residual!.max).toBe(1);
    expect(made.residual!.share).toBeCloseTo(1 / 24, 5);
    const pixels = async (path: string) => pixelHash(await decodePng(await readFile(path)));
    expect(await pixels(join(root, "out/data", VICTIM))).toBe(await pixels(at("true/set", VICTIM)));
    expect(await readFile(join(root, "out/README.md"), "utf8")).toMatch(/by one grey level in 4.2 % of the values/);
  });
});

describe("what hides in the files of images", () => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(type, 4, "latin1");
    // No reader of ours looks at the sum of a chunk that it does not read.
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };
  /** Puts a chunk behind the header of a PNG. */
  const withChunk = (png: Buffer, type: string, data: Buffer) =>
    Buffer.concat([png.subarray(0, 33), chunk(type, data), png.subarray(33)]);
  const image = (bytes: Buffer) => sharp(bytes);

  test.each<[string, (png: Buffer) => Buffer | Promise<Buffer>]>([
    [
      "EXIF",
      (png) =>
        image(png)
          .withExif({ IFD0: { Artist: "Jane Doe" } })
          .png()
          .toBuffer(),
    ],
    ["a colour profile", (png) => image(png).withIccProfile("srgb").png().toBuffer()],
    ["text", (png) => withChunk(png, "tEXt", Buffer.from("Comment\0Jane Doe"))],
    ["a time", (png) => withChunk(png, "tIME", Buffer.from([7, 178, 1, 2, 3, 4, 5]))],
    ["frames of an animation", (png) => withChunk(png, "acTL", Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))],
    ["bytes after the end", async (png) => Buffer.concat([png, await real(2)])],
    ["transparency", (png) => image(png).ensureAlpha().png().toBuffer()],
    ["a palette", (png) => image(png).png({ palette: true }).toBuffer()],
    ["16 bits", (png) => image(png).toColourspace("rgb16").png().toBuffer()],
    ["another format", (png) => image(png).jpeg({ quality: 100 }).toBuffer()],
  ])("%s", async (_, spoil) => {
    const root = await plant(async (set, at) => {
      await writeFile(join(set, VICTIM), await spoil(await readFile(join(set, VICTIM))));
      await forgeAudit(at);
    });
    expect(await codes(byRun(root))).toContain("image-file");
  });

  test("an image of another size", async () => {
    const root = await plant(async (set, at) => {
      const larger = sharp(await readFile(join(set, VICTIM))).resize(48, 48);
      await writeFile(join(set, VICTIM), await encodePng(await decodePng(await larger.png().toBuffer())));
      await forgeAudit(at);
    });
    expect(await codes(byRun(root))).toEqual(["image-size", "not-drawn"]);
  });
});

test("files beside the images: thumbnails, other letters, copies, parts of the training", async () => {
  const root = await plant(async (set) => {
    await writeFile(join(set, "images/nevus/Thumbs.db"), await real(2));
    await copyFile(join(set, VICTIM), join(set, "images/nevus/000001.PNG"));
    await mkdir(join(set, ".thumbnails"));
    await writeFile(join(set, ".thumbnails/1.png"), await real(2));
    await writeFile(join(set, "cache.npz"), "PK");
  });
  expect(await codes(byRun(root))).toEqual(["hidden-file", "network-file", "unlisted-file"]);
});
