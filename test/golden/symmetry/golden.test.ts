import { expect, test } from "vitest";
import { rotationAt } from "../../../src/geometry/rotation.js";
import { symmetryOperators } from "../../../src/geometry/symmetry.js";
import golden from "./values.json" with { type: "json" };

const groups = Object.entries(golden.groups);

test.each(groups)("the rotations of %s are those that RELION prints", (name, printed) => {
  const { count, matrices } = symmetryOperators(name);
  expect(count).toBe(printed.length);
  const found = new Set<number>();
  for (const wanted of printed) {
    const at = printed.findIndex((_, i) =>
      rotationAt({ kind: "rotations", count, matrices }, i).every((v, j) => Math.abs(v - wanted[j]!) < 2e-5),
    );
    expect(at, `${name}: ${wanted}`).toBeGreaterThanOrEqual(0);
    found.add(at);
  }
  expect(found.size).toBe(count);
});

test("eleven groups were judged", () => {
  expect(groups).toHaveLength(11);
});
