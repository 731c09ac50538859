import { expect, test } from "vitest";
import { type Random, seededRandom } from "../../../src/core/random.js";
import type { Rotations } from "../../../src/core/types.js";
import {
  geodesicRad,
  IDENTITY,
  type Matrix3,
  multiply,
  randomRotation,
  rotationAt,
  rotationFromVector,
  rotationsOf,
  transpose,
} from "../../../src/geometry/rotation.js";
import { median, quantile } from "../../../src/metrics/quantile.js";
import { rotationError } from "../../../src/metrics/rotation-error.js";

const DEG = Math.PI / 180;
const MIRROR: Matrix3 = [1, 0, 0, 0, 1, 0, 0, 0, -1];

const randomRotations = (count: number, random: Random): Matrix3[] =>
  Array.from({ length: count }, () => randomRotation(random));

/** A turn by `angle` about a random axis. */
function turn(angle: number, random: Random): Matrix3 {
  const v = [random.normal(), random.normal(), random.normal()];
  const scale = angle / Math.hypot(...v);
  return rotationFromVector([v[0]! * scale, v[1]! * scale, v[2]! * scale]);
}

/** What a program finds whose map has the frame Q and the hand of det Q: R = E G Qᵀ. */
const inFrame = (truth: readonly Matrix3[], q: Matrix3, mirrored: boolean): Rotations =>
  rotationsOf(truth.map((g) => multiply(mirrored ? multiply(MIRROR, g) : g, transpose(q))));

test.each([false, true])("takes out the frame and the hand of a map exactly (mirrored: %s)", (mirrored) => {
  const random = seededRandom(1);
  const truth = randomRotations(50, random);
  const q = mirrored ? multiply(MIRROR, randomRotation(random)) : randomRotation(random);
  const found = inFrame(truth, q, mirrored);
  const result = rotationError(found, rotationsOf(truth));
  expect(result.hand).toBe(mirrored ? "mirrored" : "same");
  result.frame.forEach((value, i) => {
    expect(value).toBeCloseTo(q[i]!, 9);
  });
  expect(Math.max(...result.errorsRad)).toBeLessThan(1e-7);
  expect(Math.max(...result.viewErrorsRad)).toBeLessThan(1e-7);
  // The frame speaks of the map too: V_true(p) = V_found(Q p), so a point of the found model images alike from Qᵀ point.
  const point = [3, -1, 2];
  const moved = apply(transpose(result.frame), point);
  const before = apply(rotationAt(found, 7), point);
  const after = apply(truth[7]!, moved);
  expect(after[0]).toBeCloseTo(before[0]!, 9);
  expect(after[1]).toBeCloseTo(before[1]!, 9);
});

test("reports the angle by which each pose is wrong", () => {
  const random = seededRandom(2);
  const truth = randomRotations(400, random);
  const wrong = truth.map((g, i) => (i % 4 === 0 ? multiply(turn(10 * DEG, random), g) : g));
  const { errorsRad } = rotationError(inFrame(wrong, randomRotation(random), false), rotationsOf(truth));
  errorsRad.forEach((error, i) => {
    expect(Math.abs(error / DEG - (i % 4 === 0 ? 10 : 0))).toBeLessThan(1e-5);
  });
});

test.each([
  1, 2, 3, 4, 5,
])("finds frame and hand when half of the poses are random and the rest 5° off (seed %i)", (seed) => {
  const random = seededRandom(seed);
  const truth = randomRotations(1000, random);
  const mirrored = seed % 2 === 0;
  const q = mirrored ? multiply(MIRROR, randomRotation(random)) : randomRotation(random);
  const noisy = truth.map((g, i) => (i % 2 === 0 ? randomRotation(random) : multiply(turn(5 * DEG, random), g)));
  const result = rotationError(inFrame(noisy, q, mirrored), rotationsOf(truth));
  expect(result.hand).toBe(mirrored ? "mirrored" : "same");
  // 500 poses 5° off: the mean is good to 5°/√500 ≈ 0.2° per axis.
  expect(geodesicRad(result.frame, q) / DEG).toBeLessThan(0.7);
  const good = result.errorsRad.filter((_, i) => i % 2 === 1);
  expect(Math.abs(median(good) / DEG - 5)).toBeLessThan(0.2);
});

test("keeps the error of the anchor out of the errors of the others", () => {
  const random = seededRandom(7);
  const truth = randomRotations(500, random);
  const noisy = truth.map((g) => multiply(turn(Math.abs(random.normal()) * 6 * DEG, random), g));
  const expected = median(noisy.map((r, i) => geodesicRad(r, truth[i]!)));
  const result = rotationError(inFrame(noisy, randomRotation(random), false), rotationsOf(truth), { anchors: 1 });
  expect(Math.abs(median(result.errorsRad) - expected) / DEG).toBeLessThan(0.15);
});

test("tells view errors from in-plane errors", () => {
  const random = seededRandom(3);
  const truth = randomRotations(300, random);
  const spun = truth.map((g, i) => (i % 3 === 0 ? multiply(rotationFromVector([0, 0, 0.3]), g) : g));
  const inPlane = rotationError(rotationsOf(spun), rotationsOf(truth));
  expect(inPlane.inPlaneErrorsRad[0]).toBeCloseTo(0.3, 6);
  expect(inPlane.viewErrorsRad[0]).toBeCloseTo(0, 6);
  const tipped = truth.map((g, i) => (i % 3 === 0 ? multiply(rotationFromVector([0.2, 0, 0]), g) : g));
  const view = rotationError(rotationsOf(tipped), rotationsOf(truth));
  expect(view.viewErrorsRad[0]).toBeCloseTo(0.2, 6);
  expect(view.viewErrorsRad[1]).toBeCloseTo(0, 6);
});

test("forgives the symmetry mates of a symmetric particle, when told", () => {
  const random = seededRandom(4);
  const d2 = [
    IDENTITY,
    ...[0, 1, 2].map((axis) =>
      rotationFromVector([0, 1, 2].map((i) => (i === axis ? Math.PI : 0)) as [number, number, number]),
    ),
  ];
  const truth = randomRotations(300, random);
  const mates = truth.map((g) => multiply(g, d2[random.integer(4)]!));
  const found = inFrame(mates, multiply(MIRROR, randomRotation(random)), true);
  const told = rotationError(found, rotationsOf(truth), { symmetry: rotationsOf(d2) });
  expect(Math.max(...told.errorsRad)).toBeLessThan(1e-7);
  expect(Math.max(...told.viewErrorsRad)).toBeLessThan(1e-7);
  const untold = rotationError(found, rotationsOf(truth));
  expect(quantile(untold.errorsRad, 0.9)).toBeGreaterThan(2);
});

test("calls poses that have nothing to do with each other wrong by about 120°", () => {
  const random = seededRandom(5);
  const result = rotationError(rotationsOf(randomRotations(1000, random)), rotationsOf(randomRotations(1000, random)));
  expect(median(result.errorsRad) / DEG).toBeGreaterThan(100);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])("gives a frame of the hand it names, whatever the poses (seed %i)", (seed) => {
  const random = seededRandom(seed);
  const [a, b] = [rotationsOf(randomRotations(12, random)), rotationsOf(randomRotations(12, random))];
  const { hand, frame, aligned } = rotationError(a, b);
  expect(determinant(frame)).toBeCloseTo(hand === "same" ? 1 : -1, 9);
  for (let i = 0; i < 12; i++) expect(determinant(rotationAt(aligned, i))).toBeCloseTo(1, 9);
});

test("is the same on every call, and defined for one image", () => {
  const random = seededRandom(6);
  const [a, b] = [rotationsOf(randomRotations(20, random)), rotationsOf(randomRotations(20, random))];
  expect(rotationError(a, b)).toEqual(rotationError(a, b));
  const one = rotationError(rotationsOf([randomRotation(random)]), rotationsOf([randomRotation(random)]));
  expect(one.errorsRad[0]).toBeCloseTo(0, 7);
});

test("refuses counts that differ, nothing, and NaN", () => {
  const some = rotationsOf([IDENTITY]);
  const none = rotationsOf([]);
  expect(() => rotationError(none, some)).toThrow("found: expected one rotation per true rotation (1), got 0");
  expect(() => rotationError(none, none)).toThrow("found: expected at least one rotation, got 0");
  expect(() => rotationError(rotationsOf([[Number.NaN, 0, 0, 0, 1, 0, 0, 0, 1]]), some)).toThrow("finite rotations");
});

function apply(m: Matrix3, p: readonly number[]): number[] {
  return [0, 1, 2].map((r) => m[3 * r]! * p[0]! + m[3 * r + 1]! * p[1]! + m[3 * r + 2]! * p[2]!);
}

function determinant(m: Matrix3): number {
  return crossOfRows(m).reduce((sum, value, i) => sum + value * m[i]!, 0);
}

/** Second row × third row. */
function crossOfRows(m: Matrix3): number[] {
  return [0, 1, 2].map(
    (i) => m[3 + ((i + 1) % 3)]! * m[6 + ((i + 2) % 3)]! - m[3 + ((i + 2) % 3)]! * m[6 + ((i + 1) % 3)]!,
  );
}
