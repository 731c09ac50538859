import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { kMeans } from "../../../src/latent/kmeans.js";
import { pointAlong, principalComponents, projectOnto } from "../../../src/latent/pca.js";
import { pointsAt } from "../../../src/latent/points.js";
import { trustworthiness } from "../../../src/latent/trustworthiness.js";

const golden = JSON.parse(readFileSync(new URL("../../golden/scikit-learn/values.json", import.meta.url), "utf8"));

/** Points around `centres`, in order. */
function blobs(centres: readonly (readonly number[])[], each: number, spread: number): Float64Array {
  const random = seededRandom(1);
  return Float64Array.from(
    centres
      .flatMap((centre) => Array.from({ length: each }, () => centre.map((c) => c + spread * random.normal())))
      .flat(),
  );
}

function expectClose(found: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs(found[i]! - value)).toBeLessThan(tolerance);
  });
}

test("principal components agree with scikit-learn up to the sign of each", () => {
  const { points, mean, components, variance, ratio } = golden.pca;
  const found = principalComponents(points.flat(), 5);
  expectClose(found.mean, mean, 1e-9);
  expectClose(found.variance, variance, 1e-8);
  expectClose(found.explained, ratio, 1e-9);
  components.forEach((axis: number[], c: number) => {
    const ours = found.axes.subarray(5 * c, 5 * c + 5);
    const sign = Math.sign(axis.reduce((sum, v, j) => sum + v * ours[j]!, 0));
    expectClose(
      ours,
      axis.map((v) => sign * v),
      1e-6,
    );
  });
});

test("every component points where its largest entry is positive, so that reruns agree", () => {
  const { points } = golden.pca;
  const { axes } = principalComponents(points.flat(), 5);
  for (let c = 0; c < 5; c++) {
    const axis = [...axes.subarray(5 * c, 5 * c + 5)];
    expect(Math.max(...axis)).toBe(Math.max(...axis.map(Math.abs)));
  }
});

test("scores go back to the points they came from", () => {
  const values: number[] = golden.pca.points.flat();
  const found = principalComponents(values, 5);
  expectClose(pointAlong(found, [...found.scores.subarray(10, 15)]), values.slice(10, 15), 1e-9);
  expectClose(projectOnto(found, values.slice(10, 15)), [...found.scores.subarray(10, 15)], 1e-12);
});

test("components of one dimension and of points that are all the same are defined", () => {
  expectClose(principalComponents([1, 2, 3], 1).scores, [-1, 0, 1], 1e-12);
  expect([...principalComponents([4, 5, 4, 5], 2).explained]).toEqual([0, 0]);
});

test("k-means from given centres ends where scikit-learn's does", () => {
  const { points, start, centres, labels, inertia } = golden.kmeans;
  const found = kMeans(points.flat(), 3, 4, { from: start.flat() });
  expect(found.inertia).toBeCloseTo(inertia, 6);
  // Our clusters are ordered by coordinate: match them through the labels.
  points.forEach((_: number[], i: number) => {
    expectClose(found.centres.subarray(3 * found.labels[i]!, 3 * found.labels[i]! + 3), centres[labels[i]], 1e-6);
  });
});

test("k-means finds separate blobs, and names a point on the data for each", () => {
  const values = blobs(
    [
      [0, 0],
      [10, 0],
      [5, 9],
    ],
    50,
    0.5,
  );
  const found = kMeans(values, 2, 3);
  expect([...found.sizes]).toEqual([50, 50, 50]);
  expect([0, 50, 100].map((i) => found.labels[i])).toEqual([0, 2, 1]); // ordered by x
  found.nearest.forEach((i, c) => {
    expect(found.labels[i]).toBe(c);
    expect(
      Math.hypot(values[2 * i]! - found.centres[2 * c]!, values[2 * i + 1]! - found.centres[2 * c + 1]!),
    ).toBeLessThan(0.3);
  });
  expect(kMeans(values, 2, 3)).toEqual(found);
});

test("k-means refuses more clusters than distinct points", () => {
  expect(() => kMeans([1, 1, 1, 2], 1, 3)).toThrow("k: expected at most the number of distinct points (2), got 3");
  expect([...kMeans([1, 1, 1, 2], 1, 2).sizes]).toEqual([3, 1]);
});

test("trustworthiness agrees with scikit-learn", () => {
  const { points, embedding, k5, k12 } = golden.trustworthiness;
  const data = { values: points.flat(), dimension: 4 };
  const picture = { values: embedding.flat(), dimension: 2 };
  expect(trustworthiness(data, picture, 5)).toBeCloseTo(k5, 10);
  expect(trustworthiness(data, picture, 12)).toBeCloseTo(k12, 10);
});

test("refuses what are no coordinates", () => {
  expect(() => principalComponents([1, 2, 3], 2)).toThrow("values: expected a multiple of 2 numbers, got 3");
  expect(() => kMeans([1, Number.NaN], 1, 1)).toThrow("values: expected finite coordinates, got NaN; point 1");
  expect(() => pointsAt([1, 2], 1, [2])).toThrow("indices: expected positions of points, got 2");
});
