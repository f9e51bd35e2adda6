import { expect, test } from "vitest";
import { redactAddresses, redactServerText, shownAddress } from "./redact.ts";

test.each([
  ["redis://:word@host:6379/2", "redis://***@host:6379/2"],
  [
    "cannot reach rediss://name:w%40rd@host, or https://name@pacs/x",
    "cannot reach rediss://***@host, or https://***@pacs/x",
  ],
  ["redis://:wo/rd@host", "redis://***@host"],
  ["redis://name:wo@rd@host", "redis://***@host"],
  ["/home/me/https:/name:word@pacs/x", "/home/me/https:/***@pacs/x"],
  ["https://pacs.example/a@b and me@example.org", "https://pacs.example/a@b and me@example.org"],
  ["s3://bucket/x", "s3://bucket/x"],
])("%s is shown as %s", (text, shown) => {
  expect(redactAddresses(text)).toBe(shown);
});

test.each([
  ["redis://:wo/r?d@host", "redis://***@host"],
  ["name:word@host:6379", "***@host:6379"],
  ["redis:name:word@host", "***@host"],
  ["box:6379", "box:6379"],
])("%s, which is no address, is shown as %s", (text, shown) => {
  expect(shownAddress(text)).toBe(shown);
});

test("what a server repeats of a request is kept quiet", () => {
  const basic = `Basic ${Buffer.from("name:geheim").toString("base64")}`;
  const said = `no: authorization: ${basic} (${basic.slice(6)}, geheim)\nCookie: a=geheim2; b\nX-Api-Key="geheim3"\nBearer other-token.x`;
  const shown = redactServerText(said, [basic]);
  expect(shown).not.toMatch(/geheim|bmFtZ|other-token/);
  expect(shown).toContain("no: authorization: ***");
  expect(redactServerText("a basic rule", ["Bearer abcdef"])).toBe("a basic ***");
  expect(redactServerText("the queue is full", ["Bearer abcdef"])).toBe("the queue is full");
});
