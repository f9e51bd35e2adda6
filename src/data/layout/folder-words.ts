import { plainName } from "../table/column-names.ts";

/** Folders that only hold images: `images`, `imgs_png`, `JPEGImages`; their name says nothing of a class. */
const CONTAINER =
  /^(images?|imgs?|pictures?|pics?|photos?|pngs?|jpe?gs?|tiffs?|bmps?|jpegimages|pngimages|imagespng|imagesjpe?g|imgspng|imgsjpe?g|datas?|datasets?|raws?|originals?|originalimages?|inputs?|inputimages?|frames|slices|files|allimages|imagefiles|imgfiles|rawimages)$/;

/** Parts of one download: `HAM10000_images_part_1`, `images_001`, `imgs_part_2`, `archive (3)`. */
const PART =
  /(part|volume[-_ ]?pt|images?|imgs?|batch|chunk|volume|archive|shard|disc|disk|zip|download)[-_ ]*\(?\d+\)?$/i;

/** What orders folders in a download: `1. Original Images`, `b) Testing Set`. */
const ORDINAL = /^\s*(\d{1,2}|[a-z])[.)]\s+/i;

/** The name of a folder without what orders it. */
export const withoutOrdinal = (name: string): string => name.replace(ORDINAL, "");

export const isContainer = (name: string): boolean => CONTAINER.test(plainName(withoutOrdinal(name)));

/** The last word of a folder of images alone: `CXR_png`, `FundusImages`. */
const LAST = /(^|[^\p{L}])(images?|imgs?|pngs?|jpe?gs?|jpgs|tiffs?|bmps?|photos?|pictures?|slices|frames)$/iu;

/** Whether a folder is called after the images in it, whatever stands before that: it is no class where it is the only one. */
export const isOfImages = (name: string): boolean => LAST.test(name.trim().replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2"));

export const isPart = (name: string): boolean => PART.test(name.trim());

/** Folders of masks for certain, and by a name that is used for other things too. */
const MASKS =
  /(^|[a-z])(masks|segmentations?|segmentationmasks?|groundtruths?)$|^segmentation(class|object)(png|raw)?$|^(masks?\d{0,3}|gts?|maskimages?|lesionmasks?|segmasks?)$/;
const MAYBE_MASKS =
  /^(segs?|labels?|labelmaps?|annotations?|(1st|2nd)?manual\d?|rois?|contours?|targets?)$|[a-z]mask(s?\d{1,3})?$/;
/** Labels of one reader, by initials or a number: `labels-ah`. */
const OF_READER = /^(labels?|annotations?|segmentations?|gts?)[-_. ]\w{1,2}$/i;
/** Masks that people wear. */
const WORN = /(no|without|with|non|incorrect|wear(ing)?|face|surgical|cloth|medical|n95|kn95|ffp2)masks?$/;

/** Words that say of which kind the files of a folder are, not where they belong. */
const OF_KIND =
  /^(images?|imgs?|pictures?|pics?|photos?|pngs?|jpe?gs?|tiffs?|tifs?|bmps?|originals?|inputs?|masks?|segmentations?|segs?|labels?|gts?|ground|truths?|groundtruths?|annotations?|targets?)$/;

/** What the name of a folder says besides the kind of its files: `test` for `test-image` and `test-mask`, nothing for `masks`. */
export const placeIn = (name: string): string =>
  withoutOrdinal(name)
    .normalize("NFC")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "" && !OF_KIND.test(word))
    .join(" ");

/** What the name of a folder says of masks: nothing for `with_mask`, `no_mask`, which are classes of people. */
export function maskFolder(name: string): "sure" | "maybe" | null {
  const plain = plainName(withoutOrdinal(name));
  if (WORN.test(plain)) return null;
  if (MASKS.test(plain)) return "sure";
  return MAYBE_MASKS.test(plain) || OF_READER.test(name) ? "maybe" : null;
}
