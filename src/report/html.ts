/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

type Content = Html | string | number | null | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function render(content: Content): string {
  if (content === null || content === undefined) return "";
  if (Array.isArray(content)) return content.map(render).join("");
  if (typeof content === "object") return (content as Html).html;
  return String(content).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Template whose values are escaped unless they are HTML already; lists are joined, null is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { html: strings.reduce((text, piece, i) => text + render(values[i - 1]) + piece) };
}

/** Marks text made by ourselves (a drawing, a style sheet) as HTML. */
export const trusted = (text: string): Html => ({ html: text });
