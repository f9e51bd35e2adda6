/** Plain data that YAML front matter is made of. */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | { readonly [key: string]: YamlValue };

const PLAIN = /^[A-Za-z_][A-Za-z0-9_./-]*$/;
const RESERVED = /^(y|n|yes|no|on|off|true|false|null|~)$/i;

/** A scalar: text that could be read otherwise is quoted as JSON, which YAML 1.2 holds (section 1.3). */
function scalar(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  return PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}

const isMap = (value: YamlValue): value is { readonly [key: string]: YamlValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Lines of a value in block style. */
function block(value: YamlValue, indent: string): string[] {
  if (Array.isArray(value)) {
    return (value as readonly YamlValue[]).flatMap((item) => {
      if (typeof item !== "object" || item === null) return [`${indent}- ${scalar(item)}`];
      const lines = block(item, `${indent}  `);
      return [`${indent}- ${lines[0].trimStart()}`, ...lines.slice(1)];
    });
  }
  if (!isMap(value)) return [`${indent}${scalar(value as string)}`];
  return Object.entries(value).flatMap(([key, item]) => {
    if (typeof item !== "object" || item === null) return [`${indent}${scalar(key)}: ${scalar(item)}`];
    return [`${indent}${scalar(key)}:`, ...block(item, `${indent}  `)];
  });
}

/** YAML of a mapping, without document marks. Lists and mappings inside must not be empty. */
export function toYaml(value: { readonly [key: string]: YamlValue }): string {
  return `${block(value, "").join("\n")}\n`;
}
