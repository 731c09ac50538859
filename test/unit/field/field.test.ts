import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { createFieldEvaluator } from "../../../src/field/evaluator.js";
import { fieldPresets, fieldShapes, initialiseField, trainableWeights } from "../../../src/field/field.js";
import { relativeError } from "../../support/compare.js";
import { fieldOfPoints, pointHartley } from "../../support/known-fields.js";

const config = { zDim: 2, frequencies: 300, width: 64, depth: 2, supportPixels: 11 };
const none = new Float32Array(0);

function frequencies(count: number, seed = 4): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: 3 * count }, () => random.uniform() - 0.5);
}

describe("a new field", () => {
  test("has its plane waves in the particle's ball, as many per unit of r² near the centre as outside", () => {
    const basis = initialiseField(config, seededRandom(1)).weights["basis"]!;
    const radii = Array.from({ length: 300 }, (_, j) => Math.hypot(...basis.subarray(3 * j, 3 * j + 3)));
    expect(Math.max(...radii)).toBeLessThanOrEqual(11);
    const inner = radii.filter((r) => r < 11 * Math.SQRT1_2).length / 300;
    expect(Math.abs(inner - 0.5)).toBeLessThan(0.087); // 3σ of 300 draws
    const means = [0, 1, 2].map((a) => basis.reduce((sum, b, i) => sum + (i % 3 === a ? b / 300 : 0), 0));
    expect(Math.max(...means.map(Math.abs))).toBeLessThan(1); // 3σ = 11/√6 · 3/√300 = 0.78
  });

  test("is small but not nothing, at every frequency and for every preset", async () => {
    for (const preset of Object.values(fieldPresets)) {
      const field = initialiseField({ ...preset, zDim: 1, supportPixels: 20 }, seededRandom(2));
      const evaluator = await createFieldEvaluator(field.config, { points: 512 });
      const values = await evaluator.values(field, frequencies(512), Float32Array.of(0.5));
      const rms = Math.sqrt(values.reduce((sum, f) => sum + f * f, 0) / values.length);
      expect(rms).toBeGreaterThan(0.03);
      expect(rms).toBeLessThan(0.5);
    }
  });

  test("depends on its seed alone", () => {
    expect(initialiseField(config, seededRandom(3))).toEqual(initialiseField(config, seededRandom(3)));
    const other = initialiseField(config, seededRandom(4)).weights["input.weight"]![0];
    expect(initialiseField(config, seededRandom(3)).weights["input.weight"]![0]).not.toBe(other);
  });

  test("has the shapes it declares, without latent weights when rigid", () => {
    const { weights } = initialiseField(config, seededRandom(1));
    for (const [name, shape] of Object.entries(fieldShapes(config)))
      expect(weights[name]!.length, name).toBe(shape.reduce((a, b) => a * b, 1));
    expect(trainableWeights(config)).not.toContain("basis");
    expect(Object.keys(fieldShapes({ ...config, zDim: 0 }))).not.toContain("input.latent");
  });

  test.each([
    [{ frequencies: 0 }, "config.frequencies: expected a positive integer, got 0"],
    [{ width: 1.5 }, "config.width: expected a positive integer, got 1.5"],
    [{ zDim: -1 }, "config.zDim: expected an integer of at least 0, got -1"],
    [{ supportPixels: Number.NaN }, "config.supportPixels: expected a positive radius, got NaN"],
  ])("refuses %j", (change, message) => {
    expect(() => initialiseField({ ...config, ...change }, seededRandom(1))).toThrow(message);
  });
});

describe("values", () => {
  const points = [
    [3, -1, 2],
    [-4, 5, 0.5],
  ] as const;

  test("of the network made to be the Hartley transform of two points are just that", async () => {
    const field = fieldOfPoints(points);
    const evaluator = await createFieldEvaluator(field.config, { points: 64 });
    const k = frequencies(150); // two chunks and a part
    const values = await evaluator.values(field, k, none);
    const expected = Array.from({ length: 150 }, (_, i) =>
      points.reduce((sum, p) => sum + pointHartley(k.subarray(3 * i, 3 * i + 3), p), 0),
    );
    expect(relativeError(values, expected)).toBeLessThan(1e-5); // float32 phases of up to 20 rad
  });

  test("take one z for all points or one for each", async () => {
    const field = fieldOfPoints(points, 2);
    const evaluator = await createFieldEvaluator(field.config, { points: 64 });
    const k = frequencies(100);
    const rest = await evaluator.values(field, k, Float32Array.of(0, 9));
    const moved = await evaluator.values(field, k, Float32Array.of(0.5, 9));
    const each = await evaluator.values(
      field,
      k,
      Float32Array.from({ length: 200 }, (_, i) => (i % 2 ? 9 : i / 100)),
    );
    for (let i = 0; i < 100; i++) {
      expect(moved[i]! - rest[i]!).toBeCloseTo(0.5, 4);
      expect(each[i]! - rest[i]!).toBeCloseTo(i / 50, 4);
    }
  });

  test("refuse a k that is not triples and a z of another length", async () => {
    const field = fieldOfPoints(points, 2);
    const evaluator = await createFieldEvaluator(field.config, { points: 8 });
    await expect(evaluator.values(field, new Float32Array(4), new Float32Array(2))).rejects.toThrow(
      "k: expected three",
    );
    await expect(evaluator.values(field, new Float32Array(9), new Float32Array(3))).rejects.toThrow(
      "z: expected 2 or 6",
    );
  });
});
