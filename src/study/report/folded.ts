import { type Html, html } from "../../report/html.ts";

/** A table of more arms than this is folded away where a plot says the same. */
const LONG = 12;

/** Content that opens on request where the study has many arms. */
export const foldedIfLong = (arms: number, title: string, content: Html | readonly Html[]): Html =>
  arms > LONG ? html`<details><summary>${title}</summary>${content}</details>` : html`${content}`;
