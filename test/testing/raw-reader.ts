import { createHash } from "node:crypto";
import { mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Dataset, DatasetReader, RawImage, Sample, SampleReader } from "../../src/data/index.ts";

/** What `index.json` says: images of one size in `images.raw`, one after the other, uint8 `HWC`. */
interface Index {
  readonly side: number;
  readonly channels: 1 | 3;
  readonly rows: readonly { readonly label: string; readonly split?: string }[];
}

const [INDEX, PIXELS] = ["index.json", "images.raw"];

/** Writes a dataset of the kind that {@link rawReader} reads; images are square and of one size. */
export async function writeRaw(folder: string, images: readonly RawImage[], rows: Index["rows"]): Promise<string> {
  const index: Index = { side: images[0]!.width, channels: images[0]!.channels, rows };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, INDEX), JSON.stringify(index));
  await writeFile(join(folder, PIXELS), Buffer.concat(images.map(({ data }) => data)));
  return folder;
}

function samplesOf({ side, channels }: Index): SampleReader {
  const bytes = side * side * channels;
  const read = async ({ root }: Dataset, { fileName }: Sample): Promise<Uint8Array> => {
    const file = await open(join(root, PIXELS));
    try {
      const { buffer } = await file.read(new Uint8Array(bytes), 0, bytes, Number(fileName) * bytes);
      return buffer;
    } finally {
      await file.close();
    }
  };
  return {
    name: "raw",
    noun: "a raw file",
    imageFiles: false,
    ownLayout: false,
    takesWindow: false,
    keepsNames: false,
    titleOf: (root) => basename(root),
    readImage: async (dataset, sample) => ({ width: side, height: side, channels, data: await read(dataset, sample) }),
    readMask: async () => null,
    channels: async () => channels,
    contentHash: async (dataset, sample) =>
      createHash("sha256")
        .update(await read(dataset, sample))
        .digest("hex"),
    stamps: async ({ root }, samples) => {
      const { size, mtimeMs } = await stat(join(root, PIXELS));
      return [size, mtimeMs, ...samples.map(({ fileName }) => fileName)];
    },
    notes: async ({ samples }) => [`${samples.length} raw images`],
    release: () => {},
  };
}

async function readRaw(root: string): Promise<Dataset> {
  const index = JSON.parse(await readFile(join(root, INDEX), "utf8")) as Index;
  const samples = index.rows.map((row, i) => ({ fileName: String(i), attributes: {}, ...row }));
  const classes = [...new Set(samples.map(({ label }) => label))].sort();
  return { root, reader: samplesOf(index), columns: { label: "label", split: "split" }, classes, samples, notes: [] };
}

/** A kind of dataset that the product does not know: all that it takes to add it is this file and a line of the registry. */
export const rawReader: DatasetReader = {
  async recognise({ root, names }) {
    if (!names.includes(INDEX) || !names.includes(PIXELS)) return null;
    return { certainty: "marked", evidence: [INDEX, PIXELS], read: () => readRaw(root) };
  },
};
