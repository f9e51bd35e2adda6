import fc from "fast-check";
import { expect, test } from "vitest";
import { datasetProblems, textFor } from "./dataset.ts";
import { encodeDicom } from "./encode.ts";
import { syntheticImage } from "./synthetic-image.ts";
import { uidOf } from "./uid.ts";

const withLabel = (label: string) =>
  syntheticImage({
    pixels: { width: 1, height: 1, channels: 1, data: Uint8Array.of(5) },
    label,
    comments: `label: ${label}`,
    release: "skin",
    releaseId: "0a1b2c3d",
    classNumber: 1,
    instanceNumber: 1,
    studyUid: uidOf("study"),
    seriesUid: uidOf("series"),
    instanceUid: uidOf("instance"),
    date: null,
    origin: label,
    version: "0.1.0",
    syntheticData: false,
  });

test("names every value that breaks its rule, in items too", () => {
  const problems = datasetProblems({
    PatientName: "A\\B",
    StudyDate: "2026-11-25",
    Modality: "xc",
    Rows: 70000,
    SOPInstanceUID: "1.02",
    StudyID: "12345678901234567",
    WindowCenter: "wide",
    NoSuchThing: "1",
    PixelData: "text",
    ImageComments: "two\nlines are fine",
    AcquisitionContextSequence: [{ ValueType: "TEXT" }, { ValueType: "Text\u0007" }],
  });
  expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
    "PatientName holds a backslash, which divides values",
    "StudyDate is 10 characters long, DA holds 8",
    'Modality is "xc", CS is capitals, digits, blanks and _',
    "Rows is 70000, US is a whole number from 0 to 65535",
    'SOPInstanceUID is "1.02", UI is numbers with dots between',
    "StudyID is 17 characters long, SH holds 16",
    'WindowCenter is "wide", DS is a decimal number',
    "NoSuchThing is no attribute of the standard",
    "PixelData needs bytes",
    "AcquisitionContextSequence[1].ValueType holds a control character",
  ]);
  expect(() => encodeDicom({ Rows: -1 }, "0.1.0")).toThrow("Rows: is -1");
});

test("a class of any name is written", () => {
  const letter = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x10ffff }));
  const any = fc.array(letter, { maxLength: 200 }).map((codes) => String.fromCodePoint(...codes));
  fc.assert(
    fc.property(any, (label) => {
      expect(datasetProblems(withLabel(label))).toEqual([]);
    }),
    { seed: 5, numRuns: 300 },
  );
  expect(encodeDicom(withLabel("\\\0 \ud800"), "0.1.0").length).toBeGreaterThan(132);
});

test("text is cut by characters, not within one, and keeps what a VR can hold", () => {
  expect(Array.from(textFor("SH", "😀".repeat(30)))).toEqual([...Array(13).fill("😀"), ".", ".", "."]);
  expect(textFor("LO", "a\\b\tc")).toBe("a b c");
  expect(textFor("UT", "a\\b\tc")).toBe("a\\b c");
});

test("UIDs are of UUIDs: version 8, at most 44 characters, equal for equal names alone", () => {
  const uid = uidOf("a", "b");
  expect(uid).toMatch(/^2\.25\.\d{1,39}$/);
  const hex = BigInt(uid.slice(5)).toString(16).padStart(32, "0");
  expect([hex[12], "89ab".includes(hex[16]!)]).toEqual(["8", true]);
  expect(uidOf("a", "b")).toBe(uid);
  for (const other of [uidOf("ab"), uidOf("a", "b", ""), uidOf("b", "a")]) expect(other).not.toBe(uid);
});
