import { expect, test } from "vitest";
import { Rng } from "../../../core/rng.ts";
import { feedsOf, pictureOf } from "./feeds.ts";

const request = {
  resolution: 2,
  region: Uint8Array.from([0, 255, 0, 0]),
  condition: 1,
  conditions: 3,
  tone: 3,
  seed: 9,
  latent: 4,
};

test("a map-to-image generator gets its map, and a latent where it takes one", () => {
  const { maps, latent, ...rest } = feedsOf(request, ["maps", "latent"]);
  expect(maps!.shape).toEqual([1, 3, 2, 2]);
  expect(Array.from(maps!.data)).toEqual([0.5, 0.5, 0.5, 0.5, 0, 1, 0, 0, 0, 0.5, 0, 0]);
  expect(latent).toEqual({ data: new Rng(9, "latent").fillNormal(new Float32Array(4)), shape: [1, 4] });
  expect(rest).toEqual({});
  expect(Object.keys(feedsOf(request, ["maps"]))).toEqual(["maps"]);
});

test("a generator of classes gets one of them", () => {
  const { classes, latent, ...rest } = feedsOf({ ...request, region: null }, ["latent", "classes"]);
  expect([Array.from(classes!.data), classes!.shape, latent!.shape, rest]).toEqual([[0, 1, 0], [1, 3], [1, 4], {}]);
});

test("a generator that truncates inside is fed no truncation", () => {
  const { psi } = feedsOf({ ...request, region: null }, ["latent", "classes", "psi"]);
  expect(psi).toEqual({ data: Float32Array.of(1), shape: [1, 1] });
});

test("numbers become bytes, rounded and within range, channels last", () => {
  const planes = Float32Array.from([-1, 1, 0, 2, -3, 0.2, 0.004, -0.004, 0.5, -0.5, 1, -1]);
  const { pixels, channels, resolution } = pictureOf(planes, 3, 2);
  expect([channels, resolution]).toEqual([3, 2]);
  expect(Array.from(pixels)).toEqual([0, 0, 191, 255, 153, 64, 128, 128, 255, 255, 127, 0]);
});
