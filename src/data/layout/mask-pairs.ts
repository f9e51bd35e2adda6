import { counted } from "../../core/counted.ts";
import { named } from "../../core/quoted.ts";
import { isContainer, maskFolder, placeIn } from "./folder-words.ts";
import { withoutImageEnding } from "./image-kinds.ts";

/** Images and what belongs to them. */
export interface PairedMasks {
  /** Files that are images, in their order. */
  readonly images: readonly string[];
  /** Masks of an image, in their order. */
  readonly masksOf: ReadonlyMap<string, readonly string[]>;
  /** Masks without an image, which are left out. */
  readonly orphans: readonly string[];
  readonly notes: readonly string[];
}

/** `1_mask`, `1_mask_2`, `1 segmentation`, `1-gt`; the image is called `1`. */
const SUFFIX =
  /^(.+?)[-_ .]+(masks?|segmentations?|segm?|gt|ground[-_ ]?truth|lesion|tumou?r|other|polyp|nodule|infection|lungs?|roi|contour|anno|annotations?|(?:(?:1st|2nd|3rd)[-_ ]?)?manual\d?|(?:1st|2nd|3rd)[-_ ]?(?:ho|observer|expert|reader|annotator))(?:[-_ ]?\(?\d{1,3}\)?)?$/i;
const PREFIX = /^(masks?|seg|gt)[-_ ]+(.+)$/i;

/** The name of the image that a mask of this name belongs to; null for a name that is no mask's. */
function imageStem(stem: string): string | null {
  return SUFFIX.exec(stem)?.[1] ?? PREFIX.exec(stem)?.[2] ?? null;
}

const key = (stem: string): string => stem.normalize("NFC").toLowerCase();
const placeKey = (place: readonly string[], stem: string): string => `${place.join("/")}//${key(stem)}`;

interface Candidate {
  readonly path: string;
  /** What the folders on the way say besides the kind of their files. */
  readonly place: readonly string[];
  /** The same without folders of masks. */
  readonly outer: readonly string[];
  readonly stem: string;
}

function candidate(path: string): Candidate {
  const parts = path.split("/");
  const stem = withoutImageEnding(parts.pop()!);
  const said = parts.map((part, i) => {
    const ofMasks = ownMaskFolder(parts, i) !== null;
    return { ofMasks, place: placeIn(part) || (ofMasks || isContainer(part) ? "" : part) };
  });
  const placed = said.filter(({ place }) => place !== "");
  return {
    path,
    place: placed.map(({ place }) => place),
    outer: placed.filter(({ ofMasks }) => !ofMasks).map(({ place }) => place),
    stem,
  };
}

/** What a folder on a path says of masks: by its name, or by that of the folder around it with `_lesion` or the like behind. */
function ownMaskFolder(parts: readonly string[], i: number): "sure" | "maybe" | null {
  const [name, outer] = [parts[i]!, parts[i - 1]];
  if (outer !== undefined && SUFFIX.exec(name)?.[1]?.toLowerCase() === outer.toLowerCase()) return "sure";
  return maskFolder(name);
}

/** Folders that are called like ones of masks and hold such folders beside images, as `Segmentation/images`, `Segmentation/masks`. */
function aroundMasks(paths: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const path of paths) {
    const parts = path.split("/").slice(0, -1);
    const places = parts.flatMap((_, i) => (ownMaskFolder(parts, i) === null ? [] : [i]));
    for (const i of places.slice(0, -1)) found.add(parts.slice(0, i + 1).join("/"));
  }
  return found;
}

/** Folders that two paths share from the beginning, less those in which they differ. */
function nearness(a: readonly string[], b: readonly string[]): number {
  let same = 0;
  while (same < Math.min(a.length, b.length) && a[same] === b[same]) same++;
  return same - (Math.max(a.length, b.length) - same) / 100;
}

/** A name without its last word where what is left holds a number: `21` of `21_manual1`; null for another one. */
function leadOf(stem: string): string | null {
  const lead = /^(.*\d.*?)[-_ .]+[^-_ .]+$/.exec(stem)?.[1];
  return lead === undefined ? null : lead;
}

/** A name without its first word where what is left holds a number: `0001-l` of `mask_0001-l`; null for another one. */
const tailOf = (stem: string): string | null => /^[a-z]+[-_ .]+(.*\d.*)$/i.exec(stem)?.[1] ?? null;

/**
 * The image to which a file of a folder of masks belongs where no name of that folder is one of an image: that whose name begins
 * or ends
 * in the same way (`21_training`, `21_manual1`; `bus_0001`, `mask_0001`), or the only one at its place (`ID/images/ID.png`, `ID/masks/5f.png`).
 */
function byPlaceAlone(images: readonly Candidate[]): (mask: Candidate) => string | null {
  const only = (keyOf: (image: Candidate) => string | null) => {
    const found = new Map<string, string | null>();
    for (const image of images) {
      const at = keyOf(image);
      if (at !== null) found.set(at, found.has(at) ? null : image.path);
    }
    return found;
  };
  const ofPart = (part: (stem: string) => string | null) => (file: Candidate) => {
    const found = part(file.stem);
    return found === null ? null : placeKey(file.outer, found);
  };
  const [ofLead, ofTail] = [ofPart(leadOf), ofPart(tailOf)];
  const ofPlace = ({ outer }: Candidate) => (outer.length === 0 ? null : outer.join("/"));
  const byPlace = only(ofPlace);
  const ways = [
    { keyOf: ofLead, found: only(ofLead) },
    { keyOf: ofTail, found: only(ofTail) },
    ...(byPlace.size > 1 ? [{ keyOf: ofPlace, found: byPlace }] : []),
  ];
  return (mask) => {
    for (const { keyOf, found } of ways) {
      const at = keyOf(mask);
      const path = at === null ? null : found.get(at);
      if (path != null) return path;
    }
    return null;
  };
}

/** Images of one name in many folders are told apart by their folders alone, not compared one by one. */
const MOST_COMPARED = 64;

/** The one image that is nearest by its folders; null where there is none or several are equally near. */
function nearest(of: Candidate, images: readonly Candidate[] | undefined): string | null {
  if (images === undefined || images.length > MOST_COMPARED) return null;
  let best: Candidate | null = null;
  let most = Number.NEGATIVE_INFINITY;
  let tied = false;
  for (const image of images) {
    const near = nearness(of.place, image.place);
    tied = near === most ? true : near > most ? false : tied;
    if (near > most) [best, most] = [image, near];
  }
  return tied ? null : (best?.path ?? null);
}

/** Share of the files of a folder that may be of masks which must belong to an image, so that they are. */
const ENOUGH = 0.5;

/**
 * Tells masks from images by names alone: `NAME_mask.png` beside `NAME.png`, and files in folders of masks (`masks`,
 * `GroundTruth`) that are called as an image elsewhere. Files of a folder that is of masks for certain never are images.
 */
export function pairMasks(paths: readonly string[]): PairedMasks {
  const masks: { candidate: Candidate; folder: string | null; sure: boolean }[] = [];
  const images: Candidate[] = [];
  const around = aroundMasks(paths);
  for (const path of paths) {
    const found = candidate(path);
    const folders = path.split("/").slice(0, -1);
    const at = folders.findIndex(
      (_, i) => ownMaskFolder(folders, i) !== null && !around.has(folders.slice(0, i + 1).join("/")),
    );
    if (at >= 0) {
      const folder = folders.slice(0, at + 1).join("/");
      masks.push({ candidate: found, folder, sure: ownMaskFolder(folders, at) === "sure" });
    } else if (imageStem(found.stem) !== null) masks.push({ candidate: found, folder: null, sure: false });
    else images.push(found);
  }
  const nothing = { images: paths, masksOf: new Map(), orphans: [], notes: [] };
  if (masks.length === 0) return nothing;
  if (images.length === 0) {
    const message = `all ${paths.length} images are called like masks (${named(paths[0]!)}); they are taken for images`;
    return { ...nothing, notes: [message] };
  }

  const byStem = new Map<string, Candidate[]>();
  const byPlace = new Map<string, string | null>();
  for (const image of images) {
    const place = placeKey(image.place, image.stem);
    byPlace.set(place, byPlace.has(place) ? null : image.path);
    const list = byStem.get(key(image.stem));
    if (list === undefined) byStem.set(key(image.stem), [image]);
    else list.push(image);
  }
  const imageOf = masks.map(({ candidate: mask, folder }) => {
    const base = imageStem(mask.stem);
    const ofFolder = folder === null ? [] : [mask.stem];
    // In a folder of masks what is masked may stand behind the name, as `IDRiD_01_MA`.
    const lead = folder === null ? null : leadOf(mask.stem);
    const stems = [...ofFolder, ...(base === null ? [] : [base]), ...(lead === null ? [] : [lead])];
    for (const stem of stems) {
      const found =
        byPlace.get(placeKey(mask.outer, stem)) ??
        byPlace.get(placeKey(mask.place, stem)) ??
        nearest(mask, byStem.get(key(stem)));
      if (found !== null) return found;
    }
    return null;
  });

  const groups = new Map<string | null, number[]>();
  for (const [i, { folder }] of masks.entries()) {
    const members = groups.get(folder);
    if (members === undefined) groups.set(folder, [i]);
    else members.push(i);
  }
  const placed = byPlaceAlone(images);
  for (const [folder, members] of groups) {
    if (folder === null || members.some((i) => imageOf[i] !== null)) continue;
    const own = members.map((i) => placed(masks[i]!.candidate));
    if (own.every((path) => path !== null))
      members.forEach((i, k) => {
        imageOf[i] = own[k]!;
      });
  }
  const kept = new Set(images.map(({ path }) => path));
  const masksOf = new Map<string, string[]>();
  const orphans: string[] = [];
  const notes: string[] = [];
  for (const [folder, members] of groups) {
    const paired = members.filter((i) => imageOf[i] !== null);
    // A name such as "skin_lesion.png" alone says nothing: without its image beside it, it is one.
    const areMasks =
      folder === null ? paired.length > 0 : masks[members[0]!]!.sure || paired.length >= ENOUGH * members.length;
    for (const i of members) {
      const { path } = masks[i]!.candidate;
      const image = imageOf[i];
      if (!areMasks) kept.add(path);
      else if (image === null || image === undefined) orphans.push(path);
      else masksOf.set(image, [...(masksOf.get(image) ?? []), path]);
    }
    if (areMasks || folder === null) continue;
    notes.push(
      `folder ${named(folder)} may be of masks, but its files are not called as images elsewhere; they are taken for images`,
    );
  }
  const count = [...masksOf.values()].reduce((n, list) => n + list.length, 0);
  const example = [...masksOf.values()][0]?.[0];
  if (example !== undefined) {
    const several = [...masksOf.values()].filter((list) => list.length > 1).length;
    const joined = several === 0 ? "" : `; ${counted(several, "image has", "images have")} several, which are joined`;
    notes.push(
      `${counted(count, "file is a mask of an image by its name", "files are masks of images by their names")} (${named(example)}${count === 1 ? "" : " and so on"})${joined}`,
    );
  }
  if (orphans.length > 0) {
    notes.push(
      `${counted(orphans.length, "file is a mask by its name and belongs", "files are masks by their names and belong")} to no image (${named(orphans[0]!)}); ${orphans.length === 1 ? "it is" : "they are"} left out`,
    );
  }
  return { images: paths.filter((path) => kept.has(path)), masksOf, orphans, notes };
}
