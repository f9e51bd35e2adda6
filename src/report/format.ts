/** Three significant digits, no exponent between 0.0001 and a million, a true minus sign. */
export function number(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  let text: string;
  if (size === 0) text = "0";
  else if (size >= 1e6 || size < 1e-4) text = value.toExponential(1);
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
