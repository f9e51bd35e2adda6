import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import type { Progress } from "../core/progress.ts";
import { Pace, secondsLeft } from "./pace.ts";

/** Milliseconds between two events of a stage; the first and the last of one are always said. */
const EVERY_MS = 250;

const figure = z.number().nullable();

/** One line of standard error with `--progress json`; `docs/progress.schema.json` is this schema. */
export const progressEvent = z.discriminatedUnion("event", [
  z
    .strictObject({
      event: z.literal("progress"),
      stage: z.string().describe("what is being done, e.g. `decode` or `train`"),
      done: z.number(),
      total: figure.describe("null where the end is not known"),
      unit: z.string().describe("of `done` and `total`"),
      rate: figure.describe("units a second; null before it is known"),
      secondsLeft: figure.describe("of this stage; null where it is not known"),
      figures: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    })
    .describe("first when a stage begins, then four times a second at most, and when it is complete"),
  z.strictObject({ event: z.enum(["note", "warning"]), message: z.string() }),
  z
    .strictObject({
      event: z.literal("done"),
      outputs: z.record(z.string(), z.string()).describe("absolute paths that were written, by the option or argument"),
      next: z.string().nullable().describe("the command that comes next; null where there is none"),
    })
    .describe("last line of a command that ended well"),
  z
    .strictObject({
      event: z.literal("error"),
      code: z.string(),
      message: z.string(),
      problems: z.array(z.strictObject({ code: z.string(), path: z.string(), message: z.string() })),
    })
    .describe("last line of a command that failed"),
]);
export type ProgressEvent = z.infer<typeof progressEvent>;

/** @returns one JSON object and a line feed */
export const eventLine = (event: ProgressEvent): string => `${JSON.stringify(event)}\n`;

const rounded = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(4));

/** Says where a command stands as one JSON object a line. */
export class ProgressEvents {
  readonly #write: (text: string) => void;
  readonly #pace = new Pace();
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(write: (text: string) => void) {
    this.#write = (text) => write(text);
  }

  report(progress: Progress): void {
    const now = performance.now();
    const { fresh, completes } = this.#pace.take(progress, now);
    if (!fresh && !completes && now - this.#saidAt < EVERY_MS) return;
    this.#saidAt = now;
    const { stage, done, total = null, unit, figures } = progress;
    const { rate } = this.#pace;
    const left = rounded(secondsLeft(progress, rate));
    this.#say({
      ...{ event: "progress", stage, done, total, unit, rate: rounded(rate), secondsLeft: left },
      ...(figures === undefined ? {} : { figures }),
    });
  }

  note(message: string): void {
    this.#say({ event: "note", message });
  }

  warn(message: string): void {
    this.#say({ event: "warning", message });
  }

  done(outputs: Readonly<Record<string, string>>, next: string | null): void {
    this.#say({ event: "done", outputs, next });
  }

  #say(event: ProgressEvent): void {
    this.#write(eventLine(event));
  }
}

/** The command that a result's text says comes next; null where it says none. */
export const nextCommand = (text: string): string | null =>
  /^\s*(?:Next|Continue):\s+(ganglion .*\S)\s*$/m.exec(text)?.[1] ?? null;

/** Absolute paths that a command line named to be written and that are there now: `--out` or the argument OUT. */
export function writtenPaths(command: Command): Record<string, string> {
  const at = command.registeredArguments.findIndex((argument) => argument.name() === "OUT");
  const named: unknown = command.opts().out ?? (at < 0 ? undefined : command.processedArgs[at]);
  if (typeof named !== "string") return {};
  const out = resolve(named);
  return existsSync(out) ? { out } : {};
}
