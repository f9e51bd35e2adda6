import type { Links } from "../../core/inside-folder.ts";
import { named } from "../../core/quoted.ts";
import { type ImageHeader, readImageHeader } from "../image.ts";
import { pageName, readFileHeader, readImageBytes } from "../image-file.ts";
import { mapLimited } from "../parallel.ts";
import type { Sample } from "../types.ts";

const isTiff = (name: string): boolean => /\.tiff?$/i.test(name);

/** Pages of a file, from 0, and those of the size of the first. */
interface Stack {
  readonly pages: number;
  readonly equal: readonly number[];
}

/** Null for a file of one page, and for one that cannot be read, which whoever decodes it reports. */
async function stackOf(root: string, name: string, links: Links): Promise<Stack | null> {
  const first = await readFileHeader(root, name, links).catch(() => null);
  if (first === null || first.format !== "tiff" || first.pages < 2) return null;
  const bytes = await readImageBytes(root, name, links);
  const equal: number[] = [];
  const same = (header: ImageHeader) => header.width === first.width && header.height === first.height;
  for (let page = 0; page < first.pages; page++) {
    const header = await readImageHeader(bytes, name, page).catch(() => null);
    // A damaged page stays, so that it is reported.
    if (header === null || same(header)) equal.push(page);
  }
  return { pages: first.pages, equal };
}

/** The samples of the pages of a file, each with its mask. */
function pagesOf(sample: Sample, { pages, equal }: Stack, masks: Stack | null): Sample[] {
  const { fileName, mask, moreMasks, drawn, ...others } = sample;
  const maskOf = (page: number): Partial<Sample> => {
    if (mask === undefined) return {};
    if (masks?.pages === pages) return { mask: pageName(mask, page) };
    return page > 0 ? {} : { mask, ...(moreMasks && { moreMasks }), ...(drawn && { drawn }) };
  };
  return equal.map((page) => ({
    ...others,
    fileName: pageName(fileName, page),
    patient: others.patient || fileName,
    ...maskOf(page),
  }));
}

/**
 * Makes an image of each page of TIFF files of several, called `NAME#page 1` on. Pages of another size than the first, as those of
 * a pyramid and thumbnails have, are left out. Pages of one file are of one patient: the file, where no patient is known. A mask
 * of as many pages gives each page its own; any other belongs to the first page.
 * @param notes Filled with what was understood and left out.
 * @returns null where no file has several pages
 */
export async function tiffPages(
  root: string,
  samples: readonly Sample[],
  links: Links,
  notes: string[],
): Promise<Sample[] | null> {
  const stacks = await mapLimited(samples, 4, async ({ fileName }) =>
    isTiff(fileName) ? stackOf(root, fileName, links) : null,
  );
  const first = stacks.findIndex((stack) => stack !== null);
  if (first < 0) return null;
  const several = stacks.filter((stack) => stack !== null);
  const out: Sample[] = [];
  let firstMasks = 0;
  for (const [i, sample] of samples.entries()) {
    const stack = stacks[i]!;
    if (stack === null || stack.equal.length === 1) {
      out.push(sample);
      continue;
    }
    const { mask, moreMasks, drawn } = sample;
    const single = mask !== undefined && moreMasks === undefined && drawn === undefined && isTiff(mask);
    const masks = single ? await stackOf(root, mask, links) : null;
    if (mask !== undefined && masks?.pages !== stack.pages) firstMasks++;
    out.push(...pagesOf(sample, stack, masks));
  }
  notes.push(
    `files of several pages: ${several.length} TIFF (${named(samples[first]!.fileName)} has ${stacks[first]!.pages}); each page is an image, and the pages of a file are of one patient`,
  );
  const without = several.reduce((sum, { pages, equal }) => sum + pages - equal.length, 0);
  if (without > 0) {
    notes.push(
      `pages of another size than the first page of their TIFF file, as the levels of a pyramid and thumbnails have, are left out: ${without}`,
    );
  }
  if (firstMasks > 0) {
    notes.push(`masks of another number of pages than their TIFF file belong to its first page: ${firstMasks}`);
  }
  return out;
}
