import { GanglionError } from "../../core/errors.ts";
import type { Links } from "../../core/inside-folder.ts";
import { paintShapes } from "../annotations/paint.ts";
import { fileOf, readImageBytes } from "../image-file.ts";
import { mapLimited } from "../parallel.ts";
import type { Dataset, RawImage, Sample } from "../types.ts";
import { decodeMask } from "./decode-mask.ts";
import { type FoundRule, findMaskRule, listedRule, type MaskRule } from "./mask-rule.ts";
import { type MaskSurvey, surveyMask } from "./mask-survey.ts";
import type { MaskValue } from "./mask-values.ts";
import { regionOf } from "./region.ts";
import type { StoredMask } from "./stored-mask.ts";

/** Masks that are looked at to find which values are inside: so many, fewer of large ones until these pixels are reached. */
const LOOKED_AT = 24;
const LEAST = 6;
const PIXELS = 24_000_000;

/** Paths of the masks of samples. */
const pathsOf = (samples: readonly Sample[]): string[] =>
  samples.flatMap(({ mask, drawn, moreMasks = [] }) =>
    mask === undefined || drawn !== undefined ? [] : [mask, ...moreMasks],
  );

const readStoredMask = async (root: string, name: string, links?: Links): Promise<StoredMask> =>
  decodeMask(await readImageBytes(root, name, links), name, fileOf(name).page);

/**
 * Decides which values of the masks of a set are inside, by up to 24 of them from its beginning to its end.
 * @param options `stated`: values that somebody listed, by default those that are found. `own`: a set of the layout that
 *   `importDataset` writes, whose masks need no look where they are said to be 0 and 255.
 * @returns null where there are no masks
 */
export async function maskRuleOf(
  root: string,
  links: Links,
  samples: readonly Sample[],
  { stated, own = false }: { readonly stated?: readonly MaskValue[] | undefined; readonly own?: boolean } = {},
): Promise<FoundRule | null> {
  const paths = pathsOf(samples);
  if (paths.length === 0) return null;
  if (own && stated?.length === 1 && stated[0] === 255) {
    return { rule: { kind: "listed", values: stated, others: [0] }, notes: [] };
  }
  const survey = async (path: string): Promise<MaskSurvey[]> => {
    try {
      return [surveyMask(await readStoredMask(root, path, links))];
    } catch (cause) {
      // A damaged mask is reported by whoever reads it.
      if (cause instanceof GanglionError) return [];
      throw cause;
    }
  };
  const first = await survey(paths[0]!);
  const pixels = [...(first[0]?.counts.values() ?? [])].reduce((sum, { count }) => sum + count, 1);
  const n = Math.min(paths.length, LOOKED_AT, Math.max(LEAST, Math.floor(PIXELS / pixels)));
  const others = Array.from({ length: n - 1 }, (_, i) => paths[Math.floor(((i + 1) * paths.length) / n)]!);
  const surveys = [first, ...(await mapLimited(others, 4, survey))].flat();
  if (stated !== undefined) return listedRule(stated, surveys);
  return surveys.length === 0 ? null : findMaskRule(surveys);
}

/** @throws GanglionError `dataset` where a set has masks of which it is not known which values are inside */
export function refuseUnknownMasks({ root, maskRule, samples }: Dataset): void {
  if (maskRule?.kind !== "unknown" || pathsOf(samples).length === 0) return;
  throw new GanglionError("dataset", `${root}: ${maskRule.message}`, {
    problems: [{ code: "mask-values", path: root, message: maskRule.message }],
  });
}

/** Two masks of one image as one: inside where one of them is. @throws GanglionError `image` for masks of two sizes */
function bothMasks(a: RawImage, b: RawImage, name: string): RawImage {
  if (a.width !== b.width || a.height !== b.height) {
    const message = `${name}: the mask has ${b.width} x ${b.height} pixels, another one of its image ${a.width} x ${a.height}; make them one size`;
    throw new GanglionError("image", message);
  }
  return { ...a, data: a.data.map((value, i) => Math.max(value, b.data[i]!)) };
}

/** The region of a mask by the rule of its set, else by what it holds itself. @throws GanglionError `image` */
export function ownRegion(mask: StoredMask, name: string, rule?: MaskRule): RawImage {
  return regionOf(mask, rule ?? findMaskRule([surveyMask(mask)]).rule, name);
}

/** Reads the masks of a sample as one. @returns 0 and 255; null where there are none @throws GanglionError `image`, `files` */
export async function readMaskFiles(
  { root, links, maskRule }: Dataset,
  { mask, drawn, moreMasks = [] }: Sample,
): Promise<RawImage | null> {
  if (drawn !== undefined) return paintShapes(drawn, mask ?? "annotations");
  if (mask === undefined) return null;
  let joined: RawImage | null = null;
  for (const name of [mask, ...moreMasks]) {
    const region = ownRegion(await readStoredMask(root, name, links), name, maskRule);
    joined = joined === null ? region : bothMasks(joined, region, name);
  }
  return joined;
}
