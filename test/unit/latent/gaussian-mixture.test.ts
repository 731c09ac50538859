import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import {
  gaussianMixture,
  gaussianMixtureByBic,
  mixtureResponsibilities,
} from "../../../src/latent/gaussian-mixture.js";
import { expectClose, golden } from "../../support/scikit-learn.js";

const values: number[] = golden.kmeans.points.flat();

test("ends where scikit-learn ends from the same start: weights, means, covariances, likelihood, BIC, shares", () => {
  const { from, weights, means, covariances, bic, logLikelihood, shares } = golden.mixture;
  const found = gaussianMixture(values, 3, 4, { from, tolerance: 0, rounds: 3000 });
  // Ours are ordered by the first coordinate of the means.
  const order = [0, 1, 2, 3].sort((a, b) => means[a][0] - means[b][0]);
  expectClose(
    found.weights,
    order.map((c) => weights[c]),
    1e-6,
  );
  expectClose(
    found.means,
    order.flatMap((c) => means[c]),
    1e-6,
  );
  expectClose(
    found.covariances,
    order.flatMap((c) => covariances[c].flat()),
    1e-6,
  );
  expect(Math.abs(found.logLikelihood - logLikelihood)).toBeLessThan(1e-6);
  expect(Math.abs(found.bic - bic)).toBeLessThan(1e-6);
  const some = golden.kmeans.points.filter((_: unknown, i: number) => i % 10 === 0);
  expectClose(
    mixtureResponsibilities(found, some.flat()),
    shares.flatMap((row: number[]) => order.map((c) => row[c]!)),
    1e-6,
  );
});

test("one component is the mean and covariance of all, with scikit-learn's BIC", () => {
  expect(gaussianMixture(values, 3, 1).bic).toBeCloseTo(golden.bicOfOne, 6);
});

test("BIC picks the number of separate Gaussians; each has a particle on the data near its mean", () => {
  const random = seededRandom(3);
  const three = Float64Array.from({ length: 2 * 300 }, (_, at) => [0, 8, 20][(at >> 1) % 3]! + random.normal());
  const { best, tried } = gaussianMixtureByBic(three, 2, 5);
  expect(tried.map(({ K }) => K)).toEqual([1, 2, 3, 4, 5]);
  expect(best.K).toBe(3);
  expect([...best.sizes]).toEqual([100, 100, 100]);
  best.nearest.forEach((i, c) => {
    expect(best.labels[i]).toBe(c);
    expect(Math.abs(three[2 * i]! - [0, 8, 20][c]!)).toBeLessThan(0.5);
  });
});

test("points that are all the same, and fewer points than components", () => {
  const same = gaussianMixture([2, 2, 2, 2], 1, 1);
  expect(same.means[0]).toBeCloseTo(2, 12);
  expect(same.status).toBe("converged");
  expect(() => gaussianMixture([1, 2], 1, 3)).toThrow("K: expected a whole number from 1 to 2, got 3");
  expect(() => gaussianMixture([1, 2, 3], 1, 1, { ridge: -1 })).toThrow("raise options.ridge");
});
