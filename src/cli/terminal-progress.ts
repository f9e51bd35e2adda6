import { formatSeconds } from "../core/format-seconds.ts";
import type { Progress } from "../core/progress.ts";
import { Pace, secondsLeft } from "./pace.ts";

/** The part of `process.stderr` that progress needs. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface TerminalProgressOptions {
  /** Where the lines go. Defaults to `process.stderr`. */
  stream?: ProgressStream;
  /** Clock in milliseconds. Defaults to `performance.now`. */
  now?: () => number;
  /** Shortest time between two redraws of the live line, in milliseconds. Defaults to 100. */
  redrawMs?: number;
  /** Shortest time between two plain lines of one stage, in milliseconds. Defaults to 5000. */
  plainMs?: number;
}

/** Whole numbers with thousands separators, others to at most four significant digits. */
export function formatFigure(value: number | string): string {
  if (typeof value === "string") return value;
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(4)));
}

function formatRate(rate: number): string {
  return rate >= 100 ? Math.round(rate).toLocaleString("en-US") : String(Number(rate.toPrecision(2)));
}

/** Replaces control characters, which a file name could carry to the terminal, by `?`; newline and tab stay. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, "?");
}

/** Text of one progress report: stage, done/total, rate, figures, time left. `rate` in units per second, if known. */
export function formatProgress(progress: Progress, rate: number | undefined): string {
  const { stage, done, total, unit, figures = {} } = progress;
  const parts = [`${stage}  ${formatFigure(done)}${total === undefined ? "" : `/${formatFigure(total)}`} ${unit}`];
  if (rate !== undefined && rate > 0) parts.push(`${formatRate(rate)}/s`);
  for (const [name, value] of Object.entries(figures)) parts.push(`${name} ${formatFigure(value)}`);
  const left = secondsLeft(progress, rate);
  if (left !== undefined && !(total !== undefined && done >= total)) parts.push(`${formatSeconds(left)} left`);
  return printable(parts.join("  ")).replaceAll("\n", " ");
}

/**
 * Draws progress: one live line on a terminal, a plain line every few seconds elsewhere. The first report of a stage and
 * the one that completes it are always shown.
 */
export class TerminalProgress {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  readonly #redrawMs: number;
  readonly #plainMs: number;
  readonly #pace = new Pace();
  #drawnAt = Number.NEGATIVE_INFINITY;
  #liveLine = "";

  constructor(options: TerminalProgressOptions = {}) {
    this.#stream = options.stream ?? process.stderr;
    this.#now = options.now ?? (() => performance.now());
    this.#redrawMs = options.redrawMs ?? 100;
    this.#plainMs = options.plainMs ?? 5000;
  }

  /** Takes one report and draws it when it is due. */
  report(progress: Progress): void {
    const now = this.#now();
    const { last, rate } = this.#pace;
    const { fresh, completes } = this.#pace.take(progress, now);
    if (fresh) this.#keepLine(last, rate);
    const wait = this.#stream.isTTY ? this.#redrawMs : this.#plainMs;
    if (!fresh && !completes && now - this.#drawnAt < wait) return;
    this.#drawnAt = now;
    this.#draw(formatProgress(progress, this.#pace.rate));
  }

  /** Writes one line of its own, keeping the live line under it. */
  note(message: string): void {
    const live = this.#liveLine;
    if (live !== "") this.#stream.write("\r\x1b[2K");
    this.#stream.write(`${printable(message)}\n`);
    if (live !== "") this.#stream.write(live);
  }

  /** Ends the live line, so that what follows starts on a line of its own. */
  end(): void {
    this.#keepLine(this.#pace.last, this.#pace.rate);
    this.#pace.forget();
  }

  #draw(text: string): void {
    if (!this.#stream.isTTY) {
      this.#stream.write(`${text}\n`);
      return;
    }
    const width = (this.#stream.columns ?? 80) - 1;
    this.#liveLine = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
    this.#stream.write(`\r\x1b[2K${this.#liveLine}`);
  }

  /** Leaves the live line as the record of its stage, showing the stage's last report. */
  #keepLine(last: Progress | undefined, rate: number | undefined): void {
    if (this.#liveLine === "" || last === undefined) return;
    this.#draw(formatProgress(last, rate));
    this.#stream.write("\n");
    this.#liveLine = "";
  }
}
