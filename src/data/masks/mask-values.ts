import { z } from "zod";

/** A value of masks as people name it: a grey value or position in a palette, or a colour `#rrggbb`. */
export type MaskValue = number | string;

const COLOUR = /^#[0-9a-f]{6}$/i;
const RULE = "give whole numbers from 0 to 65535 and colours as #rrggbb, e.g. 1,2 or #ff0000";

/** `maskValues` of `dataset.json` and of a mapping. */
export const maskValuesSchema = z
  .array(z.union([z.number().int().min(0).max(65535), z.string().regex(COLOUR, { error: RULE })]))
  .min(1);

/** The values of a list with commas; null where one is none. */
export function parseMaskValues(text: string): MaskValue[] | null {
  const values = text.split(",").map((part) => {
    const plain = part.trim();
    if (COLOUR.test(plain)) return plain.toLowerCase();
    return /^\d+$/.test(plain) ? Number(plain) : Number.NaN;
  });
  return maskValuesSchema.safeParse(values).success ? values : null;
}

/** What a value of the option must be, for messages. */
export const MASK_VALUES_RULE = RULE;

/** 0xRRGGBB => `#rrggbb`. */
export const colourText = (colour: number): string => `#${colour.toString(16).padStart(6, "0")}`;

/** `#rrggbb` => 0xRRGGBB. */
export const parseColour = (text: string): number => Number.parseInt(text.slice(1), 16);

/** The grey value of a colour of three equal channels, null for another one. */
export function greyOf(colour: number): number | null {
  const value = colour & 255;
  return colour === value * 0x010101 ? value : null;
}
