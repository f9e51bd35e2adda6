import { expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { looksLikeDicom, parseDicom } from "./parse.ts";
import { openFrames } from "./stored-frame.ts";
import { type BuiltElement, buildDicom, greyElements } from "./testing/build-dicom.ts";

const IMPLICIT = "1.2.840.10008.1.2";
const EXPLICIT = "1.2.840.10008.1.2.1";
const BIG = "1.2.840.10008.1.2.2";
const DEFLATED = "1.2.840.10008.1.2.1.99";

const elements = greyElements(
  2,
  3,
  [1, 2, 3, 400, 500, 60000],
  [
    [0x00081140, "SQ", [[[0x00081155, "UI", "1.2"]], [[0x00081155, "UI", "1.3"]]]],
    [0x00100010, "PN", "Doe^Jane"],
  ],
);

test.each([IMPLICIT, EXPLICIT, BIG, DEFLATED])("transfer syntax %s, lengths stated and not", async (syntax) => {
  for (const undefinedLengths of [false, true]) {
    const file = parseDicom(buildDicom(elements, { syntax, undefinedLengths }));
    expect(file.syntax.uid).toBe(syntax);
    expect(file.oddities).toEqual([]);
    expect(file.dataset.text(0x00100010)).toBe("Doe^Jane");
    const items = file.dataset.items(0x00081140);
    expect(items.map((item) => item.text(0x00081155))).toEqual(["1.2", "1.3"]);
    expect([...(await openFrames(file).read(0)).data]).toEqual([1, 2, 3, 400, 500, 60000]);
  }
});

test.each([IMPLICIT, EXPLICIT, BIG])("%s without preamble and meta information is guessed, and said", (syntax) => {
  const bytes = buildDicom(elements, { syntax, meta: false });
  expect(looksLikeDicom(bytes)).toBe(true);
  const file = parseDicom(bytes);
  expect(file.syntax.uid).toBe(syntax);
  expect(file.oddities.join()).toMatch(/no preamble.*no transfer syntax is stated/);
});

test("elements in another encoding than the file says are read as they are written", () => {
  const bytes = buildDicom(elements, { syntax: IMPLICIT });
  const at = Buffer.from(bytes).indexOf("1.2.840.10008.1.2\0");
  const longer = Buffer.from(bytes);
  // JPEG Baseline has a longer UID: the meta element grows by five bytes and its length with it.
  const lied = Buffer.concat([longer.subarray(0, at), Buffer.from("1.2.840.10008.1.2.4.50"), longer.subarray(at + 18)]);
  lied.writeUInt16LE(22, at - 2);
  const file = parseDicom(lied);
  expect(file.dataset.text(0x00100010)).toBe("Doe^Jane");
  expect(file.oddities[0]).toMatch(/JPEG Baseline.*written as Implicit VR Little Endian/);
});

function message(bytes: Uint8Array): string {
  try {
    parseDicom(bytes, "x.dcm");
  } catch (error) {
    expect(error).toBeInstanceOf(GanglionError);
    return (error as GanglionError).message;
  }
  return "";
}

test("what is not DICOM, is cut short or nested without end is refused in one line", () => {
  expect(message(new Uint8Array(0))).toMatch(/^x\.dcm: this is an empty file \(0 bytes\), .*; /);
  expect(message(Buffer.alloc(500, 7))).toMatch(/not DICOM \(no DICM at byte 128/);
  const bytes = buildDicom([
    [0x00080060, "CS", "MR"],
    [0x00100010, "PN", "x".repeat(50)],
  ]);
  expect(message(bytes.subarray(0, bytes.length - 20))).toMatch(/\(0010,0010\) states 50 bytes and 30 are left/);
  expect(message(bytes.subarray(0, bytes.length - 53))).toMatch(/cut short inside an element at byte/);
  expect(message(buildDicom(elements, { syntax: "1.2.840.10008.1.2.4.100" }))).toMatch(
    /1\.2\.840\.10008\.1\.2\.4\.100 is not read; convert/,
  );
  let nested: readonly BuiltElement[] = [[0x00080060, "CS", "MR"]];
  for (let depth = 0; depth < 80; depth++) nested = [[0x00081140, "SQ", [nested]]];
  expect(message(buildDicom(nested, { undefinedLengths: true }))).toMatch(/nested more than 64 deep/);
  const deflated = buildDicom(elements, { syntax: DEFLATED });
  expect(message(deflated.subarray(0, deflated.length - 9))).toMatch(/deflated dataset cannot be unpacked/);
});

test("damage behind the pixels is said, and does no harm", async () => {
  const bytes = Buffer.concat([buildDicom(elements), Buffer.from([0xfc, 0xff, 0xfc, 0xff, 1, 2, 3, 4, 5, 6, 7, 8])]);
  const file = parseDicom(bytes);
  expect(file.oddities).toEqual(["what follows the pixels is damaged and was left out"]);
  expect((await openFrames(file).read(0)).data).toHaveLength(6);
});

test("a length that is not there is never given memory", () => {
  const before = process.memoryUsage().rss;
  for (const count of [0x7fffffff, 1_000_000]) {
    const file = parseDicom(buildDicom(greyElements(60_000, 1500, [1, 2], [[0x00280008, "IS", String(count)]])));
    expect(() => openFrames(file).check()).toThrow(/bytes of pixels and 4 are there; the file is cut short/);
  }
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(50);
});

test("a long value of an element is shortened in a message", () => {
  const layout = elements.filter(([tag]) => tag !== 0x00280004);
  const long: BuiltElement = [0x00280004, "LT", "X".repeat(5000)];
  const ordered = [...layout, long].sort((a, b) => a[0] - b[0]);
  let said = "";
  try {
    openFrames(parseDicom(buildDicom(ordered, { syntax: EXPLICIT })));
  } catch (error) {
    said = (error as GanglionError).message;
  }
  expect(said).toContain(`PhotometricInterpretation is ${"X".repeat(80)}… (5,000 characters)`);
  expect(said.length).toBeLessThan(500);
});
