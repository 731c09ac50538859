import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { median, quantile } from "../../../src/metrics/quantile.js";
import { pearson, spearman } from "../../../src/metrics/spearman.js";

const golden = JSON.parse(readFileSync(new URL("../../golden/scikit-learn/values.json", import.meta.url), "utf8"));

test("rank correlation agrees with SciPy, ties included", () => {
  expect(spearman(golden.spearman.x, golden.spearman.y)).toBeCloseTo(golden.spearman.rho, 12);
});

test("rank correlation sees order alone", () => {
  expect(spearman([1, 2, 3, 4], [1, 8, 27, 1000])).toBeCloseTo(1, 12);
  expect(spearman([1, 2, 3, 4], [0, -1, -5, -6])).toBeCloseTo(-1, 12);
  expect(pearson([1, 2, 3], [5, 7, 9])).toBeCloseTo(1, 12);
  expect(spearman([1, 2, 3], [4, 4, 4])).toBe(0);
});

test("quantiles agree with NumPy", () => {
  const { x, fractions, values } = golden.quantiles;
  fractions.forEach((fraction: number, i: number) => {
    expect(quantile(x, fraction)).toBeCloseTo(values[i], 12);
  });
  expect(median(x)).toBeCloseTo(values[2], 12);
});

test("quantiles refuse nothing and hand NaN on", () => {
  expect(() => quantile([], 0.5)).toThrow("values: expected at least one number, got 0");
  expect(() => quantile([1], 1.5)).toThrow("fraction: expected a number from 0 to 1, got 1.5");
  expect(quantile([1, Number.NaN, 3], 0.1)).toBeNaN();
});
