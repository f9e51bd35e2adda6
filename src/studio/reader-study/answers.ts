import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { formatProblems, GanglionError, type Problem } from "../../core/errors.ts";
import { fileError } from "../../core/files.ts";
import { openInside, orMissing, readInside } from "../../core/inside-folder.ts";
import { KINDS } from "./study-file.ts";

const answerSchema = z.strictObject({
  reader: z.string(),
  key: z.string(),
  answer: z.enum(KINDS),
  /** From showing the picture to the answer. */
  milliseconds: z.int().nonnegative(),
  /** ISO 8601 time of the answer. */
  at: z.string(),
});

/** A line of `answers.jsonl`. */
export type Answer = z.infer<typeof answerSchema>;

/** The answers of a study: a file that only grows, a line on disk before anyone is told that it was taken. */
export class AnswerLog {
  readonly #folder: string;
  readonly #name: string;
  readonly #answers: Answer[];
  #last: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, name: string, answers: Answer[]) {
    this.#folder = folder;
    this.#name = name;
    this.#answers = answers;
  }

  /**
   * Reads the answers so far. A last line without an end is of a process that was killed before it replied; it is cut off.
   * @param name Of the file, below the folder.
   * @throws GanglionError `run` that lists every line that is no answer, `files` for a link in place of the file
   */
  static async open(folder: string, name = "answers.jsonl"): Promise<AnswerLog> {
    const bytes = (await orMissing(readInside(folder, name))) ?? Buffer.alloc(0);
    const whole = bytes.lastIndexOf("\n") + 1;
    if (whole < bytes.length) await cutTo(folder, name, whole);
    const problems: Problem[] = [];
    const answers: Answer[] = [];
    const lines = bytes.toString("utf8", 0, whole).split("\n").slice(0, -1);
    for (const [i, line] of lines.entries()) {
      const answer = parseAnswer(line);
      if (answer !== null) answers.push(answer);
      else
        problems.push({
          code: "answer",
          path: `answers.jsonl:${i + 1}`,
          message: "this line is no answer; restore it",
        });
    }
    if (problems.length > 0)
      throw new GanglionError("run", formatProblems(`${join(folder, name)} is damaged`, problems), { problems });
    return new AnswerLog(folder, name, answers);
  }

  /** In the order in which they were given. */
  get answers(): readonly Answer[] {
    return this.#answers;
  }

  /**
   * Writes an answer and flushes it to disk.
   * @throws GanglionError `refused` when the reader has answered for the picture already, `files` when the disk refuses
   */
  add(answer: Answer): Promise<void> {
    const added = this.#last.then(async () => {
      if (this.#answers.some(({ reader, key }) => reader === answer.reader && key === answer.key)) {
        throw new GanglionError(
          "refused",
          `${answer.reader} has already answered for this image; each image is answered once`,
        );
      }
      await appendFlushed(this.#folder, this.#name, `${JSON.stringify(answer)}\n`);
      this.#answers.push(answer);
    });
    this.#last = added.catch(() => undefined);
    return added;
  }
}

function parseAnswer(line: string): Answer | null {
  try {
    return answerSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

async function cutTo(folder: string, name: string, length: number): Promise<void> {
  const file = await openInside(folder, name, "update");
  try {
    await file.truncate(length);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Appends text and flushes it; what a full disk left in part is cut off again. */
async function appendFlushed(folder: string, name: string, text: string): Promise<void> {
  const file: FileHandle = await openInside(folder, name, "append");
  try {
    const { size } = await file.stat();
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (cause) {
      await file.truncate(size).catch(() => undefined);
      throw cause;
    }
  } catch (cause) {
    throw fileError("write", join(folder, name), cause);
  } finally {
    await file.close();
  }
}
