/** Values nearer to 0 are rounding errors of float64 arithmetic. */
const NOTHING = 1e-9;

const SUPERSCRIPTS: Readonly<Record<string, string>> = Object.fromEntries(
  [..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((character, digit) => [String(digit), character]).concat([["-", "⁻"]]),
);

/** `1.2e-5` => `1.2 × 10⁻⁵` */
function scientific(value: number): string {
  const [mantissa, exponent] = value.toExponential(1).replace("+", "").split("e") as [string, string];
  const power = [...exponent].map((character) => SUPERSCRIPTS[character]).join("");
  return `${mantissa}\u00a0×\u00a010${power}`;
}

/** Three significant digits, a power of ten only below 0.0001 and from a million on, a true minus sign; rounding errors are 0. */
export function number(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  let text: string;
  if (size < NOTHING) text = "0";
  else if (size >= 1e6 || size < 1e-4) text = scientific(value);
  else if (size >= 100) text = Math.round(value).toLocaleString("en-US");
  else text = value.toPrecision(3);
  return text.replace("-", "−");
}

/** A share between 0 and 1 as per cent; 0 and 100 only where exact. */
export function percent(value: number | null): string {
  if (value === null) return "–";
  const rounded = Math.round(value * 100);
  if (rounded === 0 && value > 0) return "under 1 %";
  if (rounded === 100 && value < 1) return "over 99 %";
  return `${rounded} %`;
}

/** Whole number with thousands separators. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** `1 image`, `2 images`. */
export const images = (n: number): string => `${count(n)} ${n === 1 ? "image" : "images"}`;
