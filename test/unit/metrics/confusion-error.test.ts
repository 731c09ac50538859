import { expect, test } from "vitest";
import { confusionError } from "../../../src/metrics/confusion-error.js";

test("means, deviations, the threshold half-way and the images beyond it, counted by hand", () => {
  // State 0: 0, 0, 6 (mean 2, deviation √8); state 1: 10, 8, 3 (mean 7). Threshold 4.5: 6 and 3 are on the wrong side.
  const found = confusionError([0, 10, 0, 8, 6, 3], [0, 1, 0, 1, 0, 1]);
  expect(found.means).toEqual([2, 7]);
  expect(found.deviations[0]).toBeCloseTo(Math.sqrt(8), 12);
  expect(found.threshold).toBe(4.5);
  expect(found.error).toBeCloseTo(2 / 6, 12);
});

test("which state lies on which side does not matter", () => {
  const u = [0, 10, 0, 8, 6, 3];
  const turned = confusionError(
    u.map((v) => -v),
    [0, 1, 0, 1, 0, 1],
  );
  expect(turned.error).toBeCloseTo(2 / 6, 12);
  expect(confusionError(u, [1, 0, 1, 0, 1, 0]).error).toBeCloseTo(2 / 6, 12);
});

test("lengths that differ and a state without images are refused by name", () => {
  expect(() => confusionError([1], [0, 1])).toThrow("u: expected one value for each of 2 states, got 1");
  expect(() => confusionError([1, 2], [0, 0])).toThrow("states: expected at least one 1, got none");
});
