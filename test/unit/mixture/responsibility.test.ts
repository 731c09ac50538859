import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { classWeights, drawIndex, largestIndex, posteriorInto } from "../../../src/mixture/responsibility.js";

function posterior(evidence: number[], weights: number[], temperature: number): number[] {
  const out = new Float32Array(evidence.length);
  posteriorInto(out, 0, evidence, 0, Float64Array.from(weights), temperature);
  return Array.from(out);
}

describe("the posterior over classes", () => {
  test("is π exp(e/T), normalised", () => {
    const found = posterior([0, Math.log(3)], [0.5, 0.5], 1);
    expect(found[0]).toBeCloseTo(0.25, 6);
    expect(found[1]).toBeCloseTo(0.75, 6);
    expect(posterior([0, 2 * Math.log(3)], [0.5, 0.5], 2)[1]).toBeCloseTo(0.75, 6);
    expect(posterior([5, 5, 5], [0.2, 0.3, 0.5], 1).map((p) => p.toFixed(6))).toEqual([
      "0.200000",
      "0.300000",
      "0.500000",
    ]);
  });

  test("does not change when all log-evidences move together, however large they are", () => {
    const [near, far] = [
      posterior([1, 2, 4], [0.3, 0.3, 0.4], 3),
      posterior([-1e5 + 1, -1e5 + 2, -1e5 + 4], [0.3, 0.3, 0.4], 3),
    ];
    near.forEach((p, k) => {
      expect(far[k]).toBeCloseTo(p, 6);
    });
  });

  test("is 0 for a class that was not searched, and 1 for the only one that was", () => {
    expect(posterior([-Infinity, -7, -Infinity], [0.6, 0.2, 0.2], 1)).toEqual([0, 1, 0]);
  });

  test("is read and written at the places asked for", () => {
    const out = new Float32Array(6).fill(9);
    posteriorInto(out, 2, [50, 0, 0, 50], 1, Float64Array.of(0.5, 0.5), 1);
    expect(Array.from(out)).toEqual([9, 9, 0.5, 0.5, 9, 9]);
  });
});

describe("draws", () => {
  test("have the probabilities of the weights, whatever their sum", () => {
    const random = seededRandom(1);
    const weights = [9, 1, 0, 3, 2, 9]; // 1, 0, 3, 2 of them
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 6000; i++) counts[drawIndex(weights, 1, 4, random)]! += 1;
    [1000, 0, 3000, 2000].forEach((want, k) => {
      expect(Math.abs(counts[k]! - want)).toBeLessThanOrEqual(4 * Math.sqrt(want));
    });
  });

  test("the largest is the first of equals", () => {
    expect(largestIndex([9, 1, 3, 3, 9], 1, 3)).toBe(1);
    expect(largestIndex([-Infinity, -5], 0, 2)).toBe(1);
  });
});

describe("class weights", () => {
  test("are the mean posteriors of the images visited, drawn to equal by the prior", () => {
    const table = Float32Array.of(1, 0, 0.5, 0.5, 1, 0, 0.5, 0.5);
    const visited = Int32Array.of(0, 1, 0, -1);
    expect(Array.from(classWeights(table, visited, 2, 0))).toEqual([2.5 / 3, 0.5 / 3]);
    // α = 0.1 · 4 / 2 images in each class.
    const [a, b] = classWeights(table, visited, 2, 0.1);
    expect(a).toBeCloseTo(2.7 / 3.4, 12);
    expect(b).toBeCloseTo(0.7 / 3.4, 12);
  });

  test("are equal before any visit", () => {
    expect(Array.from(classWeights(new Float32Array(6), new Int32Array(2).fill(-1), 3, 0.1))).toEqual([
      1 / 3,
      1 / 3,
      1 / 3,
    ]);
  });
});
