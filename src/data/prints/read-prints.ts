import { GanglionError, type Problem } from "../../core/errors.ts";
import type { ProgressListener } from "../../core/progress.ts";
import { mapLimited } from "../parallel.ts";
import { readImage } from "../pixels.ts";
import type { Dataset, RawImage } from "../types.ts";
import { type PicturePrint, picturePrint } from "./picture-print.ts";
import { PicturePrints } from "./picture-prints.ts";
import { printThreads, THREADED_FROM } from "./print-threads.ts";

/** Images in flight where no threads are used. */
const LANES = 4;

export interface ReadPrintsOptions {
  /** What is done, for progress. */
  readonly stage: string;
  readonly onProgress: ProgressListener;
  /** Does more with each image. Images are decoded in this thread where it is given. */
  readonly also?: ((image: RawImage, index: number) => Promise<void>) | undefined;
  /** Whether what only `findRepeats` needs is made and kept. Defaults to true. */
  readonly withParts?: boolean;
  /** Told of each image that was read. */
  readonly onPrint?: ((print: Pick<PicturePrint, "width" | "height" | "channels">, index: number) => void) | undefined;
}

/** Prints of the images of a dataset, and what is wrong with those that cannot be read. */
export interface ReadPrints {
  /** Without images that cannot be read. To be closed. */
  readonly prints: PicturePrints;
  /** In the order of the names. */
  readonly problems: readonly Problem[];
}

/** Problems of an image that cannot be read, or whose mask, box or tone cannot; another error is thrown on. */
export function problemsOf(cause: unknown, path: string): readonly Problem[] {
  const known = cause instanceof GanglionError && ["image", "files", "dataset"].includes(cause.code);
  if (!known) throw cause;
  return cause.problems.length > 0 ? cause.problems : [{ code: "unreadable-image", path, message: cause.message }];
}

/**
 * Decodes every image of a dataset once and keeps its print; many image files are decoded in threads.
 * @throws GanglionError for what is no fault of an image
 */
export async function readPrints(dataset: Dataset, options: ReadPrintsOptions): Promise<ReadPrints> {
  const { samples, reader } = dataset;
  const { stage, onProgress, also, onPrint, withParts = true } = options;
  const prints = new PicturePrints(samples.length, withParts);
  const problems: Problem[] = [];
  let done = 0;
  const tell = () => onProgress({ stage, done: ++done, total: samples.length, unit: "images" });
  const put = (index: number, print: PicturePrint) => {
    prints.put(index, print);
    onPrint?.(print, index);
  };
  const fail = (index: number, cause: unknown) => problems.push(...problemsOf(cause, samples[index]!.fileName));
  try {
    if (reader.imageFiles && also === undefined && samples.length >= THREADED_FROM) {
      await printThreads(dataset, withParts, {
        put(first, own, planes) {
          prints.putBatch(first, own, planes);
          for (const [k, print] of own.entries()) {
            if (print === null) continue;
            onPrint?.(print, first + k);
            tell();
          }
        },
        fail(index, cause) {
          fail(index, cause);
          tell();
        },
      });
    } else {
      await mapLimited(samples, LANES, async (_, index) => {
        try {
          const image = await readImage(dataset, index);
          await also?.(image, index);
          put(index, picturePrint(image, withParts));
        } catch (cause) {
          fail(index, cause);
        }
        tell();
      });
    }
  } catch (cause) {
    prints.close();
    throw cause;
  }
  problems.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { prints, problems };
}
