import { expect, test } from "vitest";
import { foreignBytes, foreignMessage, standIn } from "./foreign-bytes.ts";

const text = (words: string) => Buffer.from(words);
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 1000\n`;

test.each([
  ["nothing", Buffer.alloc(0), "empty-file", /^this is an empty file \(0 bytes\).*; download or copy it again$/],
  ["zeros", Buffer.alloc(10_000), "zero-bytes", /file of zeros/],
  ["Git LFS", text(POINTER), "lfs-pointer", /pointer of Git LFS.*; run git lfs pull in the repository$/],
  ["git-annex, unlocked", text("/annex/objects/SHA256E-s9--00.png\n"), "annex-pointer", /git annex get/],
  ["git-annex, a broken link as text", text("../.git/annex/objects/a/b/SHA"), "annex-pointer", /datalad get/],
  [
    "a login page",
    text("\ufeff\n<!DOCTYPE html><html><head>"),
    "web-page",
    /web page \(HTML\).*download the file again/,
  ],
  ["a page with a comment first", text("<!-- saved -->\n<html lang='en'>"), "web-page", /web page/],
  [
    "S3",
    text('<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'),
    "server-message",
    /message of a server/,
  ],
  ["JSON", text('{"error": "not found"}'), "server-message", /message of a server/],
  ["status", text("404: Not Found"), "server-message", /message of a server/],
])("%s is named in the place of a file", (_, bytes, code, words) => {
  const found = standIn(bytes);
  expect(found?.code).toBe(code);
  expect(foreignMessage(found!)).toMatch(words);
});

test.each([
  ["GIF", text("GIF89a......")],
  ["HEIC", Buffer.concat([Buffer.alloc(3), Buffer.of(24), text("ftypheic")])],
  ["DICOM", Buffer.concat([Buffer.alloc(128), text("DICM")])],
  ["PDF", text("%PDF-1.7")],
  ["zip", Buffer.concat([text("PK"), Buffer.of(3, 4, 0)])],
])("%s under another name is named with what to do", (name, bytes) => {
  expect(foreignBytes(bytes)).toMatchObject({ code: "other-format", what: expect.stringContaining(name) });
  expect(foreignBytes(bytes)!.remedy).not.toBe("");
});

test("images, tables and arrays are nothing foreign", () => {
  const png = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const jpeg = Buffer.of(0xff, 0xd8, 0xff, 0xe0);
  for (const bytes of [png, jpeg, text("file_name,label\n1.png,a\n"), text('{"file_name": "1.png"}\n')]) {
    expect(foreignBytes(bytes)).toBeNull();
  }
});
