import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { type Matrix3, randomRotation, rotationFromEuler, rotationsOf } from "../../../src/geometry/rotation.js";
import { binomialInterval } from "../../../src/metrics/binomial-interval.js";
import { labelStability } from "../../../src/metrics/label-stability.js";
import { poseDistribution, poseLeakage } from "../../../src/metrics/pose-distribution.js";
import { golden } from "../../support/scikit-learn.js";

test("the interval of a count is the binomial one of SciPy, also where the terms would underflow", () => {
  expect(golden.binomial.length).toBeGreaterThan(5);
  for (const { count, of, low, high } of golden.binomial) expect(binomialInterval(count, of)).toEqual([low, high]);
  expect(binomialInterval(0, 5)).toEqual([0, 0]);
  expect(binomialInterval(5, 5)).toEqual([5, 5]);
  expect(() => binomialInterval(6, 5)).toThrow("count: expected a whole number from 0 to 5, got 6");
});

test("the interval is that of drawing particles with replacement", () => {
  const random = seededRandom(5);
  const counts = Array.from({ length: 4000 }, () => {
    let n = 0;
    for (let i = 0; i < 200; i++) if (random.integer(200) < 30) n++;
    return n;
  }).sort((a, b) => a - b);
  const [low, high] = binomialInterval(30, 200);
  expect(Math.abs(low - counts[100]!)).toBeLessThanOrEqual(1);
  expect(Math.abs(high - counts[3900]!)).toBeLessThanOrEqual(1);
});

test("a class that comes back is stable under any name, one that is split is half as stable", () => {
  const reference = [1, 1, 1, 1, 2, 2, 2, 2];
  const found = labelStability(reference, [
    ["b", "b", "b", "b", "a", "a", "a", "a"],
    [7, 7, 7, 7, 8, 8, 9, 9],
  ]);
  expect(found.classes).toEqual([1, 2]);
  expect(found.jaccard).toEqual([1, 0.75]);
  expect(found.adjustedRandIndices[0]).toBe(1);
  expect(found.adjustedRandIndices[1]).toBeLessThan(1);
});

const random = seededRandom(4);
const everywhere = rotationsOf(Array.from({ length: 3000 }, () => randomRotation(random)));

test("random poses look from everywhere; turning in the plane alone looks from one direction", () => {
  const { counts, empty, evenness } = poseDistribution(everywhere);
  expect([counts.length, empty]).toEqual([48, 0]);
  expect(evenness).toBeGreaterThan(0.99);
  const turned = rotationsOf(Array.from({ length: 50 }, (_, i) => rotationFromEuler(0.3, 0.4, i) as Matrix3));
  expect(poseDistribution(turned)).toMatchObject({ empty: 47, evenness: 0 });
});

test("a latent that is the viewing direction leaks wholly, one that is drawn at random not, a constant not", () => {
  const z = new Float64Array(9000);
  for (let i = 0; i < 3000; i++) {
    z[3 * i] = 2 * everywhere.matrices[9 * i + 6]! * everywhere.matrices[9 * i + 8]! + 1; // x z of the view: degree 2
    z[3 * i + 1] = random.normal();
    z[3 * i + 2] = 4;
  }
  const [view, chance, constant] = poseLeakage(everywhere, z, 3);
  expect(view).toBeCloseTo(1, 6);
  expect(Math.abs(chance!)).toBeLessThan(0.01);
  expect(constant).toBe(0);
  expect(() => poseLeakage(everywhere, z, 2)).toThrow("z: expected 6000 numbers, got 9000");
});
