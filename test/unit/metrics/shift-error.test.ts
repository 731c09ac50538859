import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { IDENTITY, randomRotation, rotationAt, rotationsOf } from "../../../src/geometry/rotation.js";
import { shiftError } from "../../../src/metrics/shift-error.js";

const random = seededRandom(1);
const rotations = rotationsOf(Array.from({ length: 200 }, () => randomRotation(random)));
const truth = Float64Array.from({ length: 400 }, () => 8 * random.normal());

/** Found shifts of a model that sits at u in the true frame. */
const displaced = (u: readonly number[]): Float64Array =>
  truth.map((t, k) => {
    const row = rotationAt(rotations, k >> 1).slice(3 * (k & 1), 3 * (k & 1) + 3);
    return t + row[0]! * u[0]! + row[1]! * u[1]! + row[2]! * u[2]!;
  });

test("takes out the displacement of the model", () => {
  const result = shiftError(rotations, displaced([4, -7, 2]), truth);
  [4, -7, 2].forEach((value, axis) => {
    expect(result.offsetAngstrom[axis]).toBeCloseTo(value, 9);
  });
  expect(result.rmsAngstrom).toBeLessThan(1e-9);
});

test("reports what is left, in Å", () => {
  const found = displaced([1, 2, 3]);
  found[20] = found[20]! + 3;
  found[21] = found[21]! + 4;
  const result = shiftError(rotations, found, truth, (i) => i !== 10);
  expect(result.errorsAngstrom[10]).toBeCloseTo(5, 9);
  expect(result.medianAngstrom).toBeCloseTo(0, 9);
  expect(result.meanAngstrom).toBeCloseTo(5 / 200, 9);
  expect(result.rmsAngstrom).toBeCloseTo(5 / Math.sqrt(200), 9);
});

test("leaves the direction no image sees at zero", () => {
  const result = shiftError(rotationsOf([IDENTITY, IDENTITY]), [2, 3, 2, 3], [0, 0, 0, 0]);
  expect(result.offsetAngstrom[0]).toBeCloseTo(2, 9);
  expect(result.offsetAngstrom[2]).toBeCloseTo(0, 9);
});

test("refuses lists that do not pair up", () => {
  expect(() => shiftError(rotations, [1, 2], truth)).toThrow("foundAngstrom: expected 200 pairs, got 2 numbers");
});
