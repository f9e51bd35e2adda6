import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { AnswerLog } from "./answers.ts";

const answer = (key: string) => ({
  reader: "Ada",
  key,
  answer: "real" as const,
  milliseconds: 1,
  at: "2024-05-01T00:00:00.000Z",
});

test("answers are lines that are there when the promise is kept, and a second one for a picture is refused", async () => {
  const folder = await temporaryFolder();
  const log = await AnswerLog.open(folder);
  await log.add(answer("a"));
  expect(await readFile(join(folder, "answers.jsonl"), "utf8")).toBe(`${JSON.stringify(answer("a"))}\n`);
  expect((await failure(log.add(answer("a")))).code).toBe("refused");
  // A refusal does not stop what follows.
  await log.add(answer("b"));
  expect((await AnswerLog.open(folder)).answers.map(({ key }) => key)).toEqual(["a", "b"]);
});

test("a torn last line is cut off, a damaged line in between is named", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "answers.jsonl");
  const whole = `${JSON.stringify(answer("a"))}\n`;
  await writeFile(path, `${whole}{"reader":"A`);
  const log = await AnswerLog.open(folder);
  await log.add(answer("b"));
  expect(await readFile(path, "utf8")).toBe(`${whole}${JSON.stringify(answer("b"))}\n`);
  await writeFile(path, `${whole}nonsense\n${whole.replace("real", "fake")}${whole}`);
  const error = await failure(AnswerLog.open(folder));
  expect(error.problems.map((problem) => problem.path)).toEqual(["answers.jsonl:2", "answers.jsonl:3"]);
});
