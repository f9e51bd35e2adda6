import { expect, test } from "vitest";
import { decodeText } from "./character-sets.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");

/** Names of PS3.5 annexes H, I and J, as bytes. */
test.each([
  ["ISO_IR 100", latin1("Buc^J\xe9r\xf4me"), "Buc^Jérôme"],
  ["ISO_IR 144", latin1("\xbb\xee\xda"), "Люк"],
  ["ISO_IR 192", Buffer.from("Wang^XiaoDong=王^小東=", "utf8"), "Wang^XiaoDong=王^小東="],
  ["GB18030", latin1("Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab="), "Wang^XiaoDong=王^小东="],
  [
    "\\ISO 2022 IR 87",
    latin1("Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"),
    "Yamada^Tarou=山田^太郎=やまだ^たろう",
  ],
  [
    "ISO 2022 IR 13\\ISO 2022 IR 87",
    latin1("\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J"),
    "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎",
  ],
  [
    "\\ISO 2022 IR 149",
    latin1("Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf"),
    "Hong^Gildong=洪^吉洞=홍^길동",
  ],
  ["ISO-IR 100", latin1("\xc4neas"), "Äneas"],
  ["", latin1("plain"), "plain"],
])("%s", (terms, bytes, text) => {
  expect(decodeText(bytes, terms.split("\\"))).toBe(text);
});

test("an unknown set, an unknown escape and broken UTF-8 never fail", () => {
  expect(decodeText(latin1("abc"), ["NO SUCH SET"])).toBe("abc");
  expect(decodeText(latin1("a\x1b%Zb"), ["ISO 2022 IR 100", "ISO 2022 IR 87"])).toBe("a\ufffd%Zb");
  expect(decodeText(latin1("a\xff"), ["ISO_IR 192"])).toBe("a\ufffd");
});
