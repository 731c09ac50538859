import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IDENTITY } from "../../../src/geometry/rotation.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { shiftGrid, shiftPhases } from "../../../src/pose/shift-grid.js";
import { anyAngle, anyNumber } from "../../support/arbitraries.js";
import { relativeError } from "../../support/compare.js";
import { beadsAt } from "../../support/known-beads.js";
import { knownRow } from "../../support/prepared-set.js";

const pointsOf = (shifts: Float64Array): [number, number][] =>
  Array.from({ length: shifts.length / 2 }, (_, t) => [shifts[2 * t]!, shifts[2 * t + 1]!]);

describe("the grid of shifts", () => {
  test("covers its disc: every shift lies within half a step of a grid point, on both axes", () => {
    fc.assert(
      fc.property(anyNumber(0, 8), anyNumber(0.3, 4), anyAngle, anyNumber(0, 1), (range, step, angle, part) => {
        const [x, y] = [part * range * Math.cos(angle), part * range * Math.sin(angle)];
        const nearest = pointsOf(shiftGrid(range, step)).map(([a, b]) => Math.max(Math.abs(a - x), Math.abs(b - y)));
        expect(Math.min(...nearest)).toBeLessThanOrEqual(step / 2 + 1e-6);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("holds zero, each point once, and none whose cell lies outside the disc", () => {
    fc.assert(
      fc.property(anyNumber(0, 8), anyNumber(0.3, 4), (range, step) => {
        const points = pointsOf(shiftGrid(range, step));
        expect(points.some(([x, y]) => x === 0 && y === 0)).toBe(true);
        expect(new Set(points.map(([x, y]) => `${(x / step).toFixed(3)} ${(y / step).toFixed(3)}`)).size).toBe(
          points.length,
        );
        const near = (c: number): number => Math.max(0, Math.abs(c) - step / 2);
        for (const [x, y] of points) expect(Math.hypot(near(x), near(y))).toBeLessThanOrEqual(range + 1e-9);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("is zero alone without a range, and the nine neighbours of a range of one step", () => {
    expect(Array.from(shiftGrid(0, 1), Math.abs)).toEqual([0, 0]);
    expect(pointsOf(shiftGrid(1, 1))).toHaveLength(9);
    expect(pointsOf(shiftGrid(0.4, 1))).toHaveLength(1);
  });

  test("is refused without a step or with a negative range", () => {
    expect(() => shiftGrid(1, 0)).toThrow("stepPixels: expected a positive step in pixels, got 0");
    expect(() => shiftGrid(-1, 1)).toThrow("rangePixels: expected a range of at least 0 pixels, got -1");
  });
});

test("phases move a particle displaced by t back to the centre", () => {
  const grid = { box: 24, pixelSizeAngstrom: 5 };
  const plane = halfPlane(24);
  const image = { model: beadsAt([[9, -3, 0]], 7), rotation: IDENTITY };
  const row = knownRow({ ...image, shiftAngstrom: [1.7 * 5, -2.2 * 5] }, grid, 1);
  const phases = shiftPhases(plane, 150, 1.7, -2.2);
  expect(phases).toHaveLength(300);
  const back = new Float32Array(300);
  for (let q = 0; q < 300; q += 2) {
    back[q] = row[q]! * phases[q]! - row[q + 1]! * phases[q + 1]!;
    back[q + 1] = row[q]! * phases[q + 1]! + row[q + 1]! * phases[q]!;
  }
  expect(relativeError(back, knownRow({ ...image, shiftAngstrom: [0, 0] }, grid, 1).subarray(0, 300))).toBeLessThan(
    1e-6,
  );
});
