import { expect, test } from "vitest";
import { input } from "../graph/index.ts";
import { classifierFeatures, classifierLayout, designClassifier } from "./classifier.ts";
import { viewWeights } from "./parameters.ts";

test.each([8, 27, 30, 50, 64])("takes images of %i px, also where the side cannot be halved evenly", (side) => {
  const a = designClassifier(side, 3, 2);
  const layout = classifierLayout(a);
  const views = viewWeights(layout, input("weights", [layout.length]));
  expect(classifierFeatures(a, views, input("images", [2, 3, side, side])).shape).toEqual([2, 64]);
});
