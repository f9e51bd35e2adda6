import { expect, test } from "vitest";
import { ReadyJobs } from "./ready-jobs.ts";

test("the highest priority comes first, of equal ones the oldest", () => {
  const ready = new ReadyJobs();
  const jobs = Array.from({ length: 200 }, (_, i) => ({ id: `${i}`, priority: (i * 37) % 7, order: i }));
  const taken: string[] = [];
  for (const { id, priority } of jobs) ready.add(id, priority);
  while (ready.size > 0) taken.push(ready.take()!);
  const sorted = [...jobs].sort((a, b) => b.priority - a.priority || a.order - b.order);
  expect(taken).toEqual(sorted.map(({ id }) => id));
  expect(ready.take()).toBeUndefined();
});
