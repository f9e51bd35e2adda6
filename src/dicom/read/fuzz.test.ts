import fc from "fast-check";
import { expect, test } from "vitest";
import { GanglionError } from "../../core/errors.ts";
import { openImages } from "./open-images.ts";
import { parseDicom } from "./parse.ts";
import { type BuiltElement, buildDicom, greyElements } from "./testing/build-dicom.ts";

const sequence: BuiltElement = [
  0x52009230,
  "SQ",
  [
    [
      [
        0x00289132,
        "SQ",
        [
          [
            [0x00281050, "DS", "5"],
            [0x00281051, "DS", "9"],
          ],
        ],
      ],
    ],
  ],
];
const elements = greyElements(
  4,
  5,
  Array.from({ length: 20 }, (_, i) => 300 * i),
  [[0x00080005, "CS", "\\ISO 2022 IR 87"], [0x00100010, "PN", "a\x1b$B;3ED\x1b(B"], sequence],
);
const seeds = [
  buildDicom(elements),
  buildDicom(elements, { undefinedLengths: true }),
  buildDicom(elements, { syntax: "1.2.840.10008.1.2", undefinedLengths: true }),
  buildDicom(elements, { syntax: "1.2.840.10008.1.2.2" }),
  buildDicom(elements, { syntax: "1.2.840.10008.1.2.1.99" }),
  buildDicom(elements, { meta: false }),
].map((bytes) => Buffer.from(bytes));

const change = fc.record({ at: fc.nat(99_999), byte: fc.nat(255) });
const damage = fc.record({
  changes: fc.array(change, { maxLength: 6 }),
  keep: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
});

test("3000 damaged files end in a picture of the stated size or in a plain error, in time", async () => {
  let read = 0;
  const begun = performance.now();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...seeds), damage, async (seed, { changes, keep }) => {
      const bytes = Buffer.from(seed.subarray(0, Math.ceil(keep * seed.length)));
      // The preamble's zeros mean nothing; what follows is hit.
      const from = seed[0] === 0 ? 128 : 0;
      for (const { at, byte } of changes) if (bytes.length > from) bytes[from + (at % (bytes.length - from))] = byte;
      try {
        const images = openImages(parseDicom(bytes));
        images.check();
        const { width, height, channels, data } = await images.render(0);
        expect(data).toHaveLength(width * height * channels);
        read++;
      } catch (error) {
        if (!(error instanceof GanglionError) || error.code === "internal") throw error;
        expect(error.message).not.toContain("\n");
      }
    }),
    { numRuns: 3000, seed: 5 },
  );
  expect(read).toBeGreaterThan(300);
  expect(performance.now() - begun).toBeLessThan(60_000);
}, 90_000);
