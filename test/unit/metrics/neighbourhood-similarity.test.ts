import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { LatentPoints } from "../../../src/latent/points.js";
import { neighbourhoodSimilarity } from "../../../src/metrics/neighbourhood-similarity.js";

const space = (count: number, dimension: number, seed: number): LatentPoints => {
  const random = seededRandom(seed);
  return { values: Float64Array.from({ length: count * dimension }, () => random.normal()), dimension };
};
const mapped = ({ values, dimension }: LatentPoints, f: (value: number) => number): LatentPoints => ({
  values: Float64Array.from(values, f),
  dimension,
});
const line = (...values: number[]): LatentPoints => ({ values, dimension: 1 });

/** The k nearest of point i by sorting all the others. */
function nearest({ values, dimension }: LatentPoints, i: number, k: number): number[] {
  const distance = (j: number): number =>
    Math.hypot(...Array.from({ length: dimension }, (_, d) => values[i * dimension + d]! - values[j * dimension + d]!));
  return Array.from({ length: values.length / dimension }, (_, j) => j)
    .filter((j) => j !== i)
    .sort((x, y) => distance(x) - distance(y))
    .slice(0, k);
}

test("counts common neighbours on a line by hand", () => {
  // In b points 0 and 3 have changed places. Nearest in a: 1, 0, 1, 2; in b: 2, 3, 1, 1.
  const { mean, shares, chance } = neighbourhoodSimilarity(line(0, 1, 2.1, 3.3), line(3.3, 1, 2.1, 0), [1, 2, 3]);
  // Two nearest in a: {1 2} {0 2} {1 3} {2 1}; in b: {2 1} {3 2} {1 0} {1 2}.
  expect([...shares]).toEqual([0, 0, 1, 0, 1, 0.5, 0.5, 1, 1, 1, 1, 1]);
  expect([...mean]).toEqual([0.25, 0.75, 1]);
  expect([...chance]).toEqual([1 / 3, 2 / 3, 1]);
});

test("agrees with sorting all distances, point by point, k in any order", () => {
  const a = space(80, 3, 1);
  const noise = space(80, 3, 2).values;
  const b: LatentPoints = {
    values: Float64Array.from({ length: 160 }, (_, n) => {
      const at = 3 * Math.floor(n / 2) + (n % 2);
      return a.values[at]! + 0.4 * noise[at]!;
    }),
    dimension: 2,
  };
  const asked = [20, 1, 7, 79];
  const { shares, mean, neighbours } = neighbourhoodSimilarity(a, b, asked);
  expect(neighbours).toEqual(asked);
  asked.forEach((k, n) => {
    const wanted = Array.from({ length: 80 }, (_, i) => {
      const inB = new Set(nearest(b, i, k));
      return nearest(a, i, k).filter((j) => inB.has(j)).length / k;
    });
    expect([...shares.subarray(n * 80, (n + 1) * 80)]).toEqual(wanted);
    expect(mean[n]).toBeCloseTo(wanted.reduce((x, y) => x + y, 0) / 80, 12);
  });
});

test("is 1 for a space turned, mirrored and scaled, and the same both ways", () => {
  const a = space(300, 2, 3);
  const turned = Float64Array.from({ length: 600 }, (_, n) =>
    n % 2 === 0 ? 3 * a.values[n + 1]! + 5 : 3 * a.values[n - 1]! - 1,
  );
  expect([...neighbourhoodSimilarity(a, { values: turned, dimension: 2 }, [1, 15, 100]).mean]).toEqual([1, 1, 1]);
  const b = space(300, 4, 4);
  expect(neighbourhoodSimilarity(a, b).mean).toEqual(neighbourhoodSimilarity(b, a).mean);
});

test("is chance for unrelated spaces", () => {
  const { mean, chance, neighbours } = neighbourhoodSimilarity(space(2000, 2, 5), space(2000, 3, 6), [15, 150]);
  expect([...chance]).toEqual([15 / 1999, 150 / 1999]);
  // Hits are nearly hypergeometric, k²/n per point: five standard deviations of their mean over the points.
  neighbours.forEach((k, n) => {
    expect(Math.abs(mean[n]! - chance[n]!)).toBeLessThan((5 * Math.sqrt((k * k) / 2000)) / k / Math.sqrt(2000));
  });
});

test("is a half where one space folds the other", () => {
  const x = mapped(space(1500, 1, 7), (v) => Math.tanh(v));
  // In x² half of the nearest are on the other side.
  const { mean } = neighbourhoodSimilarity(
    x,
    mapped(x, (v) => v * v),
    [5, 20],
  );
  for (const share of mean) expect(Math.abs(share - 0.5)).toBeLessThan(0.06);
});

test("ties agree by chance alone: a collapsed space is no better than noise, whatever it is compared with", () => {
  const collapsed = mapped(space(600, 2, 8), () => 0);
  const groups = line(...Array.from({ length: 600 }, (_, i) => Math.floor(i / 60)));
  // Four standard deviations. Where all points coincide they all have the same 30 neighbours: one draw of 30 from 600.
  for (const [other, tolerance] of [
    [space(600, 2, 9), 0.04],
    [groups, 0.04],
    [collapsed, 0.16],
  ] as const)
    for (const pair of [
      [collapsed, other],
      [other, collapsed],
    ] as const) {
      const { mean, chance } = neighbourhoodSimilarity(...pair, [30]);
      expect(chance[0]).toBe(30 / 599);
      expect(Math.abs(mean[0]! - chance[0]!)).toBeLessThan(tolerance);
    }
  // Of the 59 others of a group, 30 in an order of each space's own.
  expect(Math.abs(neighbourhoodSimilarity(groups, groups, [30]).mean[0]! - 30 / 59)).toBeLessThan(0.08);
  expect(neighbourhoodSimilarity(groups, groups, [59]).mean[0]).toBe(1);
});

test("looks at 15 neighbours unless asked for others", () => {
  const found = neighbourhoodSimilarity(space(40, 2, 1), space(40, 2, 2));
  expect(found.neighbours).toEqual([15]);
  expect(found.shares.length).toBe(40);
});

test("refuses spaces that do not pair up, and k that leave no one out", () => {
  const four = line(0, 1, 2, 3);
  expect(() => neighbourhoodSimilarity(four, line(0, 1, 2))).toThrow("b: expected 4 points as in a, got 3");
  expect(() => neighbourhoodSimilarity({ values: [1, 2, 3], dimension: 2 }, four)).toThrow("a multiple of 2 numbers");
  expect(() => neighbourhoodSimilarity(four, line(0, 1, Number.NaN, 3))).toThrow(
    "finite coordinates, got NaN; point 2",
  );
  expect(() => neighbourhoodSimilarity(four, four, [])).toThrow("neighbours: expected at least one number, got 0");
  for (const k of [0, 1.5, 4])
    expect(() => neighbourhoodSimilarity(four, four, [1, k])).toThrow(
      `neighbours: expected whole numbers from 1 to 3, got ${k}`,
    );
});
