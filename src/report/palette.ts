/** Colours of the reports by name, light and dark; text and marks have a contrast of at least 4.5 and 3 to `surface`. */
export const LIGHT = {
  surface: "#fbfbf9",
  panel: "#ffffff",
  ink: "#1b2126",
  muted: "#56616a",
  rule: "#dfe2e0",
  "rule-strong": "#aeb5b8",
  real: "#1f5f8b",
  synthetic: "#b4540a",
  note: "#fff6e5",
  "note-rule": "#c98a17",
  good: "#1d6b43",
  bad: "#a3201d",
  warning: "#8a5200",
  s0: "#b4540a",
  s1: "#1f5f8b",
  s2: "#7a4fa0",
  s3: "#2f7d5b",
  s4: "#a33a6b",
  s5: "#6b6a1c",
} as const;

export const DARK: Readonly<Record<keyof typeof LIGHT, string>> = {
  surface: "#14181b",
  panel: "#1b2024",
  ink: "#e7eaec",
  muted: "#a3adb4",
  rule: "#30373c",
  "rule-strong": "#59636a",
  real: "#6fb3e0",
  synthetic: "#f0a05a",
  note: "#2b2416",
  "note-rule": "#c98a17",
  good: "#84cf9b",
  bad: "#ff8a80",
  warning: "#f0b357",
  s0: "#f0a05a",
  s1: "#6fb3e0",
  s2: "#c3a2e6",
  s3: "#7fcfa6",
  s4: "#f08fb8",
  s5: "#d3d074",
};

/** Declarations of a palette as CSS variables. */
export const variables = (palette: Readonly<Record<string, string>>): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(" ");

/** Inline SVG as the text of a file (XML), with the colours of the light palette in place of variables. */
export const svgFile = (svg: string): string =>
  svg
    .replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replaceAll("&nbsp;", "\u00a0")
    .replace(/="[^"]*"/g, (attribute) => attribute.replaceAll("<", "&lt;"))
    .replace(/var\(--([\w-]+)\)/g, (whole, name: string) => LIGHT[name as keyof typeof LIGHT] ?? whole)
    .replaceAll("currentColor", LIGHT.ink)
    .concat("\n");
