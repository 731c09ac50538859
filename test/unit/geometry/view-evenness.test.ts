import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation, rotationsOf } from "../../../src/geometry/rotation.js";
import { relativeEvenness, viewCounts, viewEvenness } from "../../../src/geometry/view-evenness.js";

const random = seededRandom(5);
const everywhere = (count: number): ReturnType<typeof randomRotation>[] =>
  Array.from({ length: count }, () => randomRotation(random));

describe("evenness of views", () => {
  test("is that of counts alike, of one direction, and of two", () => {
    expect(viewEvenness(new Int32Array(48).fill(7))).toBeCloseTo(1, 12);
    expect(viewEvenness(new Int32Array(48).fill(9, 3, 4))).toBeCloseTo(0, 12);
    expect(viewEvenness(new Int32Array(48).fill(9, 3, 5))).toBeCloseTo(Math.log(2) / Math.log(48), 12);
  });

  test("relative to random views is 1 for few and for many", () => {
    for (const count of [20, 200, 5000]) {
      const trials = Array.from({ length: 20 }, () => relativeEvenness(viewCounts(rotationsOf(everywhere(count)))));
      expect(trials.reduce((a, b) => a + b, 0) / 20).toBeCloseTo(1, 1);
    }
  });

  test("is 1 for even counts, however many", () => {
    for (const each of [20, 41, 42, 737, 740, 20_000])
      expect(relativeEvenness(new Int32Array(48).fill(each))).toBeCloseTo(1, 1);
    expect(relativeEvenness(new Int32Array(48).fill(41))).toBeCloseTo(relativeEvenness(new Int32Array(48).fill(42)), 3);
  });

  test("falls to ln 24 / ln 48 where one hemisphere is seen, in-plane turns apart", () => {
    const upper = everywhere(8000).filter((r) => r[8]! > 0);
    const counts = viewCounts(rotationsOf(upper));
    expect(counts.reduce((a, b) => a + b, 0)).toBe(upper.length);
    // Directions on the equator are cut in half.
    expect(counts.filter((n) => n > 0).length).toBe(28);
    expect(relativeEvenness(counts)).toBeLessThan(0.85);
    expect(relativeEvenness(counts)).toBeGreaterThan(Math.log(24) / Math.log(48));
  });
});
