import type { Problem } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";

/** Names shown in one reason. */
const SHOWN = 3;

/** Collects why a release is refused: one reason a rule, however many images break it. */
export class Reasons {
  readonly #problems: Problem[] = [];

  /** One reason about one thing. */
  add(code: string, path: string, message: string): void {
    this.#problems.push({ code, path, message });
  }

  /** One reason about the things that break a rule; none where nothing does. */
  each(code: string, path: string, broken: readonly string[], message: string): void {
    if (broken.length === 0) return;
    const shown = broken.slice(0, SHOWN).map((name) => quoted(name));
    const rest = broken.length - shown.length;
    this.add(code, path, `${broken.length}: ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}: ${message}`);
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }
}
