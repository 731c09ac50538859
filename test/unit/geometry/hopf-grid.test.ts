import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { healpixCentre } from "../../../src/geometry/healpix.js";
import { hopfAngles, hopfChildren, hopfGrid, hopfRotation, hopfSpacingRad } from "../../../src/geometry/hopf-grid.js";
import { geodesicRad, multiply, randomRotation, rotationAt } from "../../../src/geometry/rotation.js";

const DEGREE = Math.PI / 180;
const grids = [0, 1, 2, 3].map((order) => hopfGrid(order));

const distances = (order: number, count: number, seed: number): number[] => {
  const random = seededRandom(seed);
  const grid = grids[order]!;
  return Array.from({ length: count }, () => {
    const rotation = randomRotation(random);
    let nearest = Math.PI;
    for (let i = 0; i < grid.count; i++) nearest = Math.min(nearest, geodesicRad(rotationAt(grid, i), rotation));
    return nearest / DEGREE;
  }).sort((a, b) => a - b);
};

describe("hopf grid", () => {
  test("has 12·4^order directions × 6·2^order angles", () => {
    expect(grids.map((grid) => grid.count)).toEqual([72, 576, 4608, 36864]);
    expect(hopfAngles(2)).toBe(24);
    expect(hopfSpacingRad(2)).toBeCloseTo(15 * DEGREE, 12);
  });

  test("equals the published golden rotation: pixel 17 of order 2, angle 3 of 24", () => {
    const golden = [
      0.0838657, 0.4426292, -0.8927743, 0.6151752, -0.7278162, -0.303056, -0.7839171, -0.5237966, -0.3333333,
    ];
    const { thetaRad, phiRad } = healpixCentre(2, 17);
    for (const rotation of [rotationAt(grids[2]!, 17 * 24 + 3), hopfRotation(thetaRad, phiRad, 0.9162979)])
      rotation.forEach((value, i) => {
        expect(value).toBeCloseTo(golden[i]!, 6);
      });
  });

  test("the angle turns in plane: R(θ, φ, ψ) = Rz(ψ) R(θ, φ, 0)", () => {
    const [theta, phi, psi] = [1.1, 2.3, 0.7];
    const rz = [Math.cos(psi), -Math.sin(psi), 0, Math.sin(psi), Math.cos(psi), 0, 0, 0, 1];
    const product = multiply(rz, hopfRotation(theta, phi, 0));
    hopfRotation(theta, phi, psi).forEach((value, i) => {
      expect(value).toBeCloseTo(product[i]!, 12);
    });
  });

  test("the third row is the viewing direction (sin θ cos φ, −sin θ sin φ, −cos θ), in HEALPix order", () => {
    const { thetaRad, phiRad } = healpixCentre(2, 100);
    const [x, y, z] = rotationAt(grids[2]!, 100 * 24 + 5).slice(6);
    expect(x).toBeCloseTo(Math.sin(thetaRad) * Math.cos(phiRad), 12);
    expect(y).toBeCloseTo(-Math.sin(thetaRad) * Math.sin(phiRad), 12);
    expect(z).toBeCloseTo(-Math.cos(thetaRad), 12);
  });

  test("order 2 misses a random rotation by 7.3° in the median, 9.9° at 95 %, never by more than 12.4°", () => {
    const error = distances(2, 250, 1);
    expect(error[125]).toBeGreaterThan(6.8);
    expect(error[125]).toBeLessThan(7.8);
    expect(error[237]).toBeGreaterThan(9.3);
    expect(error[237]).toBeLessThan(10.6);
    expect(error.at(-1)).toBeLessThan(12.4);
  });

  test("halving the spacing halves the error", () => {
    const [coarse, fine] = [distances(1, 100, 2), distances(2, 100, 2)];
    expect(coarse[50]! / fine[50]!).toBeGreaterThan(1.8);
    expect(coarse[50]! / fine[50]!).toBeLessThan(2.2);
  });

  test.each([0, 1, 2])("every cell of the order after %i has exactly one parent, and it is near", (order) => {
    const [grid, finer] = [grids[order]!, grids[order + 1]!];
    const seen = new Uint8Array(finer.count);
    for (let index = 0; index < grid.count; index++)
      for (const child of hopfChildren(order, index)) {
        seen[child]!++;
        // ¼ of the spacing in each of three directions would be 0.43; measured 0.67 at worst.
        const distance = geodesicRad(rotationAt(grid, index), rotationAt(finer, child));
        expect(distance / hopfSpacingRad(order)).toBeLessThan(0.75);
      }
    expect(seen.every((count) => count === 1)).toBe(true);
  });
});
