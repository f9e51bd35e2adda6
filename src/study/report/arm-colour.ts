import { type Html, html } from "../../report/html.ts";
import type { Arm } from "../arms.ts";
import { type ArmKind, armKind } from "./words.ts";

const COLOURS: Readonly<Record<ArmKind, string>> = {
  real: "var(--real)",
  control: "var(--real)",
  added: "var(--synthetic)",
  only: "var(--s2)",
  filled: "var(--s3)",
};

const KIND_WORDS: readonly (readonly [ArmKind, string])[] = [
  ["control", "real images only"],
  ["added", "real and synthetic images"],
  ["only", "synthetic images only"],
  ["filled", "fewer real images, filled up"],
];

/** Colour of an arm in plots of all arms. */
export const armColour = (arm: Arm): string => COLOURS[armKind(arm)];

/** What the colours of the arms of a study mean. */
export function kindKey(arms: readonly Arm[], more: readonly Html[] = []): Html {
  const kinds = new Set(arms.map(armKind));
  const items = KIND_WORDS.filter(([kind]) => kinds.has(kind)).map(
    ([kind, words]) => html`<li><span class="dot" style="background:${COLOURS[kind]}"></span>${words}</li>`,
  );
  return html`<ul class="key">${items}${more}</ul>`;
}
