import { expect, test } from "vitest";
import { run } from "../../support/other-programs.js";
import { golden, goldenScript, pythonWithSklearn } from "../../support/scikit-learn.js";

/** All numbers, in order. */
function numbers(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbers) : [];
}

test.skipIf(pythonWithSklearn === null)("the installed scikit-learn and SciPy still give these values, to 1e-7", () => {
  const now = JSON.parse(run(pythonWithSklearn!, ["-W", "ignore", goldenScript.pathname]));
  expect(Object.keys(now)).toEqual(Object.keys(golden));
  const [found, kept] = [numbers(now), numbers(golden)];
  expect(found.length).toBe(kept.length);
  expect(found.length).toBeGreaterThan(3000);
  // Components of a PCA may come with the other sign.
  const apart = found.filter((v, i) => Math.abs(Math.abs(v) - Math.abs(kept[i]!)) > 1e-7 * Math.max(1, Math.abs(v)));
  expect(apart).toEqual([]);
});
