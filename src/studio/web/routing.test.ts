import { expect, test } from "vitest";
import { parseRoute, routeTo } from "./routing.ts";

test("an address leads to where it was made for", () => {
  const address = routeTo("dataset", "a/b c", { class: "naevus & co", split: "" });
  const { page, id, query } = parseRoute(address);
  expect([page, id, query.get("class"), query.get("split")]).toEqual(["dataset", "a/b c", "naevus & co", null]);
});

test("an unknown or empty address is no page", () => {
  expect(parseRoute("").page).toBeNull();
  expect(parseRoute("#/secrets/1")).toMatchObject({ page: null, id: "1" });
  expect(parseRoute("#/draw")).toMatchObject({ page: "draw", id: null });
});
