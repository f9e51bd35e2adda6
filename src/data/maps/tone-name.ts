import { quoted } from "../../core/quoted.ts";
import { TONE_NAMES, type Tone } from "./semantic-map.ts";

/** What stands before the number in `FST III`, `type 3`, `Fitzpatrick skin type IV`, `phototype 2`. */
const PREFIX = /^((fitzpatrick|fst|skin|photo|type|tone|class)[\s_:.-]*)+/i;

/** Cells of a tone column that say nothing; Fitzpatrick 17k writes -1. */
const UNKNOWN = /^\s*(|-1|na|n\/a|nan|null|none|unknown|\?)\s*$/i;

/** True for a cell of a tone column that says nothing. */
export const isToneUnknown = (text: string): boolean => UNKNOWN.test(text);

/** Reads a Fitzpatrick type: 1 to 6, I to VI, in any case, also after words (`FST III`, `type 3`); null for all else. */
export function parseTone(text: string): Tone | null {
  const rest = text.trim().replace(PREFIX, "").toUpperCase();
  const roman = (TONE_NAMES as readonly string[]).indexOf(rest);
  if (roman >= 0) return (roman + 1) as Tone;
  const value = /^[1-6](\.0+)?$/.test(rest) ? Number(rest) : null;
  return value as Tone | null;
}

/** What is wrong with a tone that {@link parseTone} does not read, in words. */
export const toneMessage = (text: string): string =>
  `tone ${quoted(text)} is no Fitzpatrick type; give 1 to 6 or I to VI`;
