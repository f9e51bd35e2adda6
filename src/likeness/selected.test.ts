import fc from "fast-check";
import { expect, test } from "vitest";
import { selected } from "./selected.ts";

test("is what sorting the first values would put at a place, and leaves the others alone", () => {
  const lists = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(lists, fc.nat(), fc.nat(), (list, at, more) => {
      const count = 1 + (more % list.length);
      const values = Float32Array.from(list);
      expect(selected(values, at % count, count)).toBe(values.slice(0, count).sort()[at % count]);
      expect([...values.slice(count)]).toEqual(list.slice(count));
    }),
    { seed: 1 },
  );
});
