import { plainName } from "../table/column-names.ts";

/** Folders that only hold images: `images`, `imgs_png`, `JPEGImages`; their name says nothing of a class. */
const CONTAINER =
  /^(images?|imgs?|pictures?|pics?|photos?|pngs?|jpe?gs?|tiffs?|bmps?|jpegimages|pngimages|imagespng|imagesjpe?g|imgspng|imgsjpe?g|datas?|datasets?|raws?|originals?|originalimages?|inputs?|inputimages?|frames|slices|files|allimages|imagefiles|imgfiles|rawimages)$/;

/** Parts of one download: `HAM10000_images_part_1`, `images_001`, `imgs_part_2`, `archive (3)`. */
const PART = /(part|images?|imgs?|batch|chunk|volume|archive|shard|disc|disk|zip|download)[-_ ]*\(?\d+\)?$/i;

export const isContainer = (name: string): boolean => CONTAINER.test(plainName(name));

export const isPart = (name: string): boolean => PART.test(name.trim());

/** Folders of masks for certain, and by a name that is used for other things too. */
const MASKS =
  /(^|[a-z])(masks|segmentations?|segmentationmasks?|groundtruths?)$|^segmentation(class|object)(png|raw)?$|^(mask|gts?|maskimages?|lesionmasks?|segmasks?)$/;
const MAYBE_MASKS = /^(segs?|labels?|labelmaps?|annotations?|(1st|2nd)?manual\d?|rois?|contours?|targets?)$/;

/** What the name of a folder says of masks: nothing for `with_mask`, `no_mask`, which are classes of people. */
export function maskFolder(name: string): "sure" | "maybe" | null {
  const plain = plainName(name);
  if (/(no|without|with|non|incorrect|wear(ing)?)masks?$/.test(plain)) return null;
  if (MASKS.test(plain)) return "sure";
  return MAYBE_MASKS.test(plain) ? "maybe" : null;
}
