import { expect, test } from "vitest";
import { agreementOf, coverageOf } from "./class-figures.ts";

test("coverage is told with the classes that have least and most of it", () => {
  const figures = {
    coverage: 0.42,
    kidMultiscale: 0.1,
    "coverage/nevus": 0.61,
    "coverage/a/b": 0.12,
    "coverage/c": 0.3,
  };
  expect(coverageOf(figures)).toEqual({
    value: 0.42,
    classes: [
      { name: "nevus", value: 0.61 },
      { name: "a/b", value: 0.12 },
      { name: "c", value: 0.3 },
    ],
    sentence: expect.stringMatching(
      /^Coverage: 42 % of the training images .*: least in a\/b \(12 %\), most in nevus \(61 %\)$/,
    ),
  });
});

test("one class alone is not compared, and what was not measured is not told", () => {
  expect(coverageOf({ coverage: 0.4, "coverage/nevus": 0.6 })?.sentence).toMatch(/neighbours$/);
  expect(coverageOf({ kidMultiscale: 0.1 })).toBeUndefined();
  expect(coverageOf(null)).toBeUndefined();
});

test("how often drawn images are of their class is told beside real ones", () => {
  const figures = {
    coverage: 0.4,
    classAgreement: 0.5,
    classAgreementReal: 0.6,
    "classAgreement/a": 0.75,
    "classAgreement/b": 0.25,
  };
  expect(agreementOf(figures)).toEqual({
    value: 0.5,
    real: 0.6,
    classes: [
      { name: "a", value: 0.75 },
      { name: "b", value: 0.25 },
    ],
    sentence: expect.stringMatching(
      /gives 50 % of the drawn .* and 60 % of real ones theirs: least in b \(25 %\), most in a \(75 %\)$/,
    ),
  });
  expect(coverageOf(figures)?.classes).toEqual([]);
  expect(agreementOf({ coverage: 0.4 })).toBeUndefined();
  expect(agreementOf(null)).toBeUndefined();
});
