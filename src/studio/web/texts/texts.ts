import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { en, type TextKey } from "./en.ts";
import { zh } from "./zh.ts";

/** Languages of the project's pages, by the names that they have themselves. */
export const LANGUAGES = { en: "English", "zh-CN": "简体中文" } as const;
export type Language = keyof typeof LANGUAGES;

export const CATALOGUE: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { en, "zh-CN": zh };

const KEY = "ganglion.language";
const known = Object.keys(LANGUAGES) as Language[];

/** The language that was chosen, else the browser's, else English. */
function firstLanguage(): Language {
  const kept = localStorage.getItem(KEY);
  const wanted = [kept ?? "", ...navigator.languages].map((name) => name.toLowerCase().split("-")[0]);
  for (const short of wanted) {
    const found = known.find((language) => language.toLowerCase().split("-")[0] === short);
    if (found !== undefined) return found;
  }
  return "en";
}

/** The present language, kept for the next visit, and what sets it. */
export function useLanguageChoice(): readonly [Language, (language: Language) => void] {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => localStorage.setItem(KEY, language), [language]);
  return [language, setLanguage];
}

const LanguageContext = createContext<Language>("en");
const ChoiceContext = createContext<(language: Language) => void>(() => undefined);
export const LanguageSetterProvider = ChoiceContext.Provider;

/** The present language, and what sets it for all pages. */
export const useLanguage = (): readonly [Language, (language: Language) => void] => [
  useContext(LanguageContext),
  useContext(ChoiceContext),
];
export const LanguageProvider = LanguageContext.Provider;

/** Texts of a number of things, `KEY.one` and `KEY.other`. */
type CountedKey =
  | "folder.images"
  | "look.left"
  | "estimates.seeds"
  | "images.count"
  | "images.leftOut"
  | "release.copies"
  | "release.leftOut";

/** Texts, numbers, times and durations in a language. */
function makeWords(language: Language) {
  const texts = CATALOGUE[language];
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const fine = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 });
  const plural = new Intl.PluralRules(language);
  const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const part = (value: number, unit: "hour" | "minute" | "second") =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 }).format(
      value,
    );
  const t = (key: TextKey, values: Readonly<Record<string, string | number>> = {}): string =>
    texts[key].replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name];
      return typeof value === "number" ? whole.format(value) : (value ?? "");
    });
  return {
    t,
    /** A text whose key may not be in the catalogue; null then. */
    maybe: (key: string): string | null => (Object.hasOwn(texts, key) ? texts[key as TextKey] : null),
    /** The text for a number of things, which is `n` in it. */
    count: (key: CountedKey, n: number, values: Readonly<Record<string, number>> = {}) =>
      t(`${key}.${plural.select(n) === "one" ? "one" : "other"}`, { ...values, n }),
    number: (value: number) => whole.format(value),
    /** Two significant digits. */
    decimal: (value: number) => fine.format(value),
    /** In the largest unit of which there is one. */
    bytes(count: number): string {
      const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
      const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
      const style = { style: "unit", unit: units[step]!, unitDisplay: "short", maximumFractionDigits: 1 } as const;
      return new Intl.NumberFormat(language, style).format(count / 1000 ** step);
    },
    /** @param iso ISO 8601 */
    time: (iso: string) => time.format(new Date(iso)),
    /** The two largest of hours, minutes and seconds, without a second one of none. */
    duration(seconds: number): string {
      const total = Math.max(0, Math.round(seconds));
      const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
      const [large, small] =
        h > 0 ? [part(h, "hour"), m > 0 && part(m, "minute")] : [part(m, "minute"), s > 0 && part(s, "second")];
      if (h === 0 && m === 0) return part(s, "second");
      return small === false ? large : `${large} ${small}`;
    },
  } as const;
}
export type Words = ReturnType<typeof makeWords>;

const made = new Map<Language, Words>();

/** Words of a language, made once: a formatter of the browser takes longer to make than a page of texts to show. */
export function wordsOf(language: Language): Words {
  const words = made.get(language) ?? makeWords(language);
  made.set(language, words);
  return words;
}

/** Words of the language that the page is in. */
export function useWords(): Words {
  return wordsOf(useContext(LanguageContext));
}
