import { expect, test } from "vitest";
import { kernelWeights } from "../../../src/latent/kernel-weights.js";

/** A grid of points 0.01 apart, far beyond the kernel: sums are integrals. */
const line = Float64Array.from({ length: 2001 }, (_, i) => (i - 1000) / 100);
const deviation = Math.sqrt(line.reduce((sum, v) => sum + v * v, 0) / line.length);

test("on an even line the effective number is 2 √π h times the density", () => {
  for (const at of [0, 2]) {
    const { weights, effectiveCount, mean } = kernelWeights(line, 1, [at], { width: 1 / deviation });
    expect(effectiveCount).toBeCloseTo(2 * Math.sqrt(Math.PI) * 100, 4);
    expect(mean[0]).toBeCloseTo(at, 6);
    expect(weights[1000 + 100 * at]).toBe(1);
    expect(weights[1000 + 100 * (at + 1)]).toBeCloseTo(Math.exp(-0.5), 12);
  }
});

test("on an even plane it is 4π h² times the density, whatever the scale of either axis", () => {
  const plane = Float64Array.from({ length: 2 * 201 * 201 }, (_, i) => {
    const place = Math.floor(i / 2);
    return i % 2 === 0 ? ((place % 201) - 100) / 10 : 1e3 * (Math.floor(place / 201) - 100);
  });
  const s = Math.sqrt((201 ** 2 - 1) / 12); // in steps
  const { effectiveCount } = kernelWeights(plane, 2, [0, 0], { width: 10 / s });
  expect(effectiveCount / (4 * Math.PI * 100)).toBeCloseTo(1, 6);
});

test("the default meets 7.5 % of the particles, at least 50, also at the rim, whose mean lies inwards", () => {
  expect(kernelWeights(line, 1, [0]).effectiveCount).toBeCloseTo(0.075 * 2001, 3);
  const few = line.filter((_, i) => i % 20 === 0);
  const rim = kernelWeights(few, 1, [10]);
  expect(rim.effectiveCount).toBeCloseTo(50, 3);
  expect(rim.mean[0]).toBeLessThan(8);
  const beyond = kernelWeights(few, 1, [1000]);
  expect(beyond.effectiveCount).toBeCloseTo(50, 3);
  expect(beyond.weights.at(-1)).toBe(1);
});

test("the weights do not depend on a coordinate that does not vary", () => {
  const flat = Float64Array.from({ length: 2 * line.length }, (_, i) => (i % 2 === 0 ? line[i / 2]! : 3));
  expect(kernelWeights(flat, 2, [1, 3]).effectiveCount).toBe(kernelWeights(line, 1, [1]).effectiveCount);
});

test("more particles than there are, and places of another dimension, are refused", () => {
  expect(() => kernelWeights(line.slice(0, 40), 1, [0])).toThrow(
    "options.effectiveCount: expected 1 to fewer than 40 particles, got 50; give a width",
  );
  expect(() => kernelWeights(line, 1, [0, 1])).toThrow("at: expected 1 numbers, got 2");
  expect(() => kernelWeights(line, 1, [0], { width: 0 })).toThrow("options.width: expected a positive number");
});
