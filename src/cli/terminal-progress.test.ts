import { describe, expect, test } from "vitest";
import { formatSeconds } from "../core/format-seconds.ts";
import { formatFigure, formatProgress, printable, TerminalProgress } from "./terminal-progress.ts";

/** A progress on a stream that records, with a clock that the test moves. */
function recorder(isTTY: boolean, columns = 100) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const progress = new TerminalProgress({ stream, now: () => clock.ms });
  return { written, clock, progress };
}

describe("text of a report", () => {
  test("names stage, share, rate, figures and time left", () => {
    const report = {
      stage: "train",
      done: 12_400,
      total: 50_000,
      unit: "images",
      figures: { loss: 0.612345, p: 0.12, at: "x" },
    };
    expect(formatProgress(report, 94)).toBe("train  12,400/50,000 images  94/s  loss 0.6123  p 0.12  at x  6m40s left");
  });

  test("prefers the job's own time left and says none when done", () => {
    expect(formatProgress({ stage: "a", done: 1, total: 9, unit: "u", secondsLeft: 3700 }, 5)).toBe(
      "a  1/9 u  5/s  1h01m left",
    );
    expect(formatProgress({ stage: "a", done: 9, total: 9, unit: "u", secondsLeft: 3 }, undefined)).toBe("a  9/9 u");
    expect(formatProgress({ stage: "a", done: 9, unit: "u" }, 0.25)).toBe("a  9 u  0.25/s");
  });

  test("seconds and figures have fixed forms", () => {
    expect([0, 59.4, 60, 3599, 3600, -2].map(formatSeconds)).toEqual(["0s", "59s", "1m00s", "59m59s", "1h00m", "0s"]);
    expect([1234, 0.00012347, 12345.6, Number.NaN, -3].map(formatFigure)).toEqual([
      "1,234",
      "0.0001235",
      "12,346",
      "NaN",
      "-3",
    ]);
  });

  test("control characters of a name cannot reach the terminal", () => {
    expect(printable("a\x1b[31mb\r\nc\td\x9b")).toBe("a?[31mb?\nc\td?");
    expect(formatProgress({ stage: "a\n\x1bb", done: 1, unit: "u" }, undefined)).toBe("a ?b  1 u");
  });
});

describe("plain lines", () => {
  test("first, last and one every five seconds", () => {
    const { written, clock, progress } = recorder(false);
    for (let second = 0; second <= 20; second++) {
      clock.ms = second * 1000;
      progress.report({ stage: "decode", done: second * 10, total: 200, unit: "images" });
    }
    progress.end();
    expect(written).toEqual([
      "decode  0/200 images\n",
      "decode  50/200 images  10/s  15s left\n",
      "decode  100/200 images  10/s  10s left\n",
      "decode  150/200 images  10/s  5s left\n",
      "decode  200/200 images  10/s\n",
    ]);
  });

  test("a new stage speaks at once and completion is said once", () => {
    const { written, progress } = recorder(false);
    progress.report({ stage: "a", done: 1, total: 1, unit: "u" });
    progress.report({ stage: "a", done: 1, total: 1, unit: "u" });
    progress.report({ stage: "b", done: 0, unit: "u" });
    expect(written).toEqual(["a  1/1 u\n", "b  0 u\n"]);
  });

  test("the rate follows the last seconds, not the start", () => {
    const { written, clock, progress } = recorder(false);
    for (let second = 0; second <= 60; second++) {
      clock.ms = second * 1000;
      progress.report({ stage: "s", done: second < 30 ? 0 : (second - 30) * 7, unit: "u" });
    }
    expect(written.at(-1)).toBe("s  210 u  7/s\n");
  });
});

describe("live line", () => {
  test("is redrawn in place, at most ten times a second, and kept when its stage ends", () => {
    const { written, clock, progress } = recorder(true);
    for (let ms = 0; ms < 1000; ms += 10) {
      clock.ms = ms;
      progress.report({ stage: "a", done: ms, unit: "u" });
    }
    expect(written.length).toBe(10);
    expect(written.every((text) => text.startsWith("\r\x1b[2K") && !text.includes("\n"))).toBe(true);
    progress.end();
    expect(written.slice(10)).toEqual(["\r\x1b[2Ka  990 u  1,000/s", "\n"]);
  });

  test("a note keeps the live line under it", () => {
    const { written, progress } = recorder(true);
    progress.report({ stage: "a", done: 1, unit: "u" });
    progress.note("guessed");
    expect(written).toEqual(["\r\x1b[2Ka  1 u", "\r\x1b[2K", "guessed\n", "a  1 u"]);
  });

  test("never wraps", () => {
    const { written, progress } = recorder(true, 12);
    progress.report({ stage: "a-long-name-of-a-stage", done: 1, unit: "u" });
    expect(written[0]).toBe("\r\x1b[2Ka-long-nam…");
  });
});
