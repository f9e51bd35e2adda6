import { expect, test } from "vitest";
import { chartGroups, words } from "./series.ts";
import { withEvent } from "./use-progress.ts";

test("what belongs together shares a chart; numbers that are missing leave no point", () => {
  const groups = chartGroups([
    { imagesSeen: 100, seconds: 1, lossD: 1, lossG: 2, lossScale: 8, kid: null, note: "x" },
    { imagesSeen: 200, seconds: 2, lossD: 0.5, lossG: 1.5, lossScale: 8, distance: 4.5, kid: 0.1 },
  ]);
  expect(groups).toEqual([
    {
      title: "losses",
      series: [
        {
          name: "lossD",
          points: [
            [100, 1],
            [200, 0.5],
          ],
        },
        {
          name: "lossG",
          points: [
            [100, 2],
            [200, 1.5],
          ],
        },
      ],
    },
    {
      title: "distance",
      series: [{ name: "distance", points: [[200, 4.5]] }],
    },
    {
      title: "Loss scale",
      series: [
        {
          name: "lossScale",
          points: [
            [100, 8],
            [200, 8],
          ],
        },
      ],
    },
  ]);
});

test("coverage of all images and of each class share a chart, and so does KID", () => {
  const line = {
    imagesSeen: 100,
    coverage: 0.5,
    "coverage/nevus": 0.6,
    kidMultiscale: 0.1,
    "kidMultiscale/nevus": 0.2,
  };
  const groups = chartGroups([line]);
  expect(groups.map(({ series }) => series.map(({ name }) => name))).toEqual([
    ["coverage", "coverage/nevus"],
    ["kidMultiscale", "kidMultiscale/nevus"],
  ]);
});

test("names become words", () => {
  expect(["lossD", "featureMatching", "boxL1", "imagesPerSecond"].map(words)).toEqual([
    "loss D",
    "feature matching",
    "box L1",
    "images per second",
  ]);
});

test("the first event of a connection says all, later ones add", () => {
  const event = (imagesSeen: number) => ({
    state: "training" as const,
    stage: null,
    images: null,
    minutes: null,
    imagesSeen,
    seconds: 1,
    secondsLeft: null,
    stats: [{ imagesSeen }],
    samples: [],
    outcome: null,
  });
  const first = withEvent(null, event(1), true);
  const second = withEvent(first, event(2), false);
  expect(second.stats).toEqual([{ imagesSeen: 1 }, { imagesSeen: 2 }]);
  expect(withEvent(second, event(3), true).stats).toEqual([{ imagesSeen: 3 }]);
});

test("what a class is called says nothing of its chart", () => {
  const name = "classAgreement/superficial spreading";
  const groups = chartGroups([{ imagesSeen: 100, spreadRatio: 1, [name]: 0.5, distance: 2, score: 3 }]);
  expect(groups.map(({ title, series }) => [title, series.map((one) => one.name)])).toEqual([
    ["spread", ["spreadRatio"]],
    ["distance", ["distance", "score"]],
    ["classAgreement", [name]],
  ]);
});
