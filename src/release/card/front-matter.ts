import { stringify } from "yaml";

/**
 * YAML front matter of a card, with its marks and an empty line after it. Text that YAML 1.1 readers (PyYAML, which the
 * Hugging Face Hub uses) would take for a number, a date or a truth value is quoted.
 */
export function frontMatter(value: Readonly<Record<string, unknown>>): string {
  return `---\n${stringify(value, { compat: "yaml-1.1", lineWidth: 0 })}---\n\n`;
}
