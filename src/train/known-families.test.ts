import { expect, test } from "vitest";
import { GanglionError } from "../core/errors.ts";
import { DEFAULT_FAMILY, familyNames, isFamily, modelFamily } from "../model/index.ts";
import type { ShippedFamilyName } from "../model/known-families.ts";
import { dermganTraining } from "./dermgan/family.ts";
import type { TrainingFamily } from "./family.ts";
import { registerFamily, trainingFamily } from "./known-families.ts";
import { r3ganTraining } from "./r3gan/family.ts";

type Shipped = { readonly [Name in ShippedFamilyName]: TrainingFamily };

test("a list of trainings that forgets a family, or a family that forgets a part, does not compile", () => {
  // @ts-expect-error dermgan is missing
  const short: Shipped = { r3gan: r3ganTraining };
  const { feeds: _, ...lacking } = r3ganTraining;
  // @ts-expect-error feeds are missing
  const partial: Shipped = { r3gan: lacking, dermgan: dermganTraining };
  expect([short, partial]).toHaveLength(2);
});

test("families are known by name, the default one first", () => {
  expect(familyNames()[0]).toBe(DEFAULT_FAMILY);
  expect([...familyNames("noise"), ...familyNames("maps")].sort()).toEqual([...familyNames()].sort());
  for (const name of familyNames()) expect(trainingFamily({ model: name }).design).toBeTypeOf("function");
  expect(isFamily("toString")).toBe(false);
  expect(() => modelFamily("stylegan9", "run/config.json")).toThrow(
    /^run\/config.json: the model is "stylegan9", which this version does not know \(it knows r3gan, dermgan, pggan, pix2pixhd, spade, stylegan2\)/,
  );
});

test("a family of one's own is known until it is taken away, under a name that is free", () => {
  const model = { ...modelFamily("r3gan", "test"), name: "mine" };
  const remove = registerFamily({ model, training: r3ganTraining });
  expect([familyNames(), trainingFamily({ model: "mine" })]).toEqual([
    ["r3gan", "dermgan", "pggan", "pix2pixhd", "spade", "stylegan2", "mine"],
    r3ganTraining,
  ]);
  expect(() => registerFamily({ model, training: r3ganTraining })).toThrow(GanglionError);
  remove();
  expect(isFamily("mine")).toBe(false);
  expect(() => trainingFamily({ model: "mine" })).toThrow(/internal/);
});
