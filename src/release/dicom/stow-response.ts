/** What a server said of one object (PS3.18 10.5.3). */
interface InstanceFailure {
  readonly sopInstanceUid: string;
  /** Failure Reason (0008,1197) in words, with its number. */
  readonly reason: string;
}

/** What a server said of the objects of one request. */
export interface StowAnswer {
  /** UIDs in the Referenced SOP Sequence: stored. */
  readonly stored: readonly string[];
  /** Objects in the Failed SOP Sequence. */
  readonly failed: readonly InstanceFailure[];
}

/** Failure reasons of PS3.18 table I.2-2 and PS3.4 B.2.3, by the number or the first digits that they share. */
const REASONS: readonly (readonly [low: number, high: number, words: string])[] = [
  [0xa700, 0xa7ff, "the server is out of resources"],
  [0xa900, 0xa9ff, "the data set does not match the SOP class"],
  [0xc000, 0xcfff, "the server cannot understand the object"],
  [0xc122, 0xc122, "the transfer syntax is not supported"],
  [0x0110, 0x0110, "processing failure"],
  [0x0122, 0x0122, "the SOP class is not supported"],
  [0x0124, 0x0124, "refused: not authorised"],
  [0x0111, 0x0111, "an object with this UID is there already"],
];

function reasonInWords(reason: unknown): string {
  if (typeof reason !== "number") return "no reason given";
  const hex = `0x${reason.toString(16).toUpperCase().padStart(4, "0")}`;
  // Of two ranges the later one is the narrower.
  const found = REASONS.findLast(([low, high]) => reason >= low && reason <= high);
  return `${found?.[2] ?? "a reason that the standard does not name"} (${hex})`;
}

type Json = Record<string, { readonly Value?: readonly unknown[] } | undefined>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function itemsOf(dataset: Json, tag: string): Json[] {
  const value = dataset[tag]?.Value;
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * Reads the body of an answer to a store request, in DICOM JSON (PS3.18 F). Servers send the dataset itself or an
 * array with it; null when it is neither.
 */
export function parseStowAnswer(text: string): StowAnswer | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const datasets = Array.isArray(json) ? json : [json];
  if (datasets.length === 0 || !datasets.every(isObject)) return null;
  const uid = (item: Json) => String(item["00081155"]?.Value?.[0] ?? "");
  return {
    stored: datasets.flatMap((dataset) => itemsOf(dataset, "00081199").map(uid)),
    failed: datasets.flatMap((dataset) =>
      itemsOf(dataset, "00081198").map((item) => ({
        sopInstanceUid: uid(item),
        reason: reasonInWords(item["00081197"]?.Value?.[0]),
      })),
    ),
  };
}
