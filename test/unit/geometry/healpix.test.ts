import { describe, expect, test } from "vitest";
import { healpixCentre, healpixCount } from "../../../src/geometry/healpix.js";

const unit = (order: number, pixel: number): [number, number, number] => {
  const { thetaRad, phiRad } = healpixCentre(order, pixel);
  return [Math.sin(thetaRad) * Math.cos(phiRad), Math.sin(thetaRad) * Math.sin(phiRad), Math.cos(thetaRad)];
};

describe("healpix", () => {
  test("order 0 has its twelve centres at z = 2/3, 0 and −2/3", () => {
    const z = Array.from({ length: 12 }, (_, pixel) => unit(0, pixel)[2]);
    [2 / 3, 2 / 3, 2 / 3, 2 / 3, 0, 0, 0, 0, -2 / 3, -2 / 3, -2 / 3, -2 / 3].forEach((want, i) => {
      expect(z[i]).toBeCloseTo(want, 12);
    });
  });

  test.each([1, 2, 4])("order %i: no two centres alike, mean zero, second moment that of the sphere", (order) => {
    const count = healpixCount(order);
    const centres = Array.from({ length: count }, (_, pixel) => unit(order, pixel));
    expect(new Set(centres.map((v) => v.map((x) => x.toFixed(9)).join())).size).toBe(count);
    for (let i = 0; i < 3; i++) {
      expect(centres.reduce((sum, v) => sum + v[i]!, 0)).toBeCloseTo(0, 9);
      expect(centres.reduce((sum, v) => sum + v[i]! * v[i]!, 0) / count).toBeCloseTo(1 / 3, 1);
    }
  });

  test.each([0, 1, 3])("the children of a pixel of order %i lie around it", (order) => {
    const reach = Math.sqrt((4 * Math.PI) / healpixCount(order)); // side of a pixel, were it square
    for (let pixel = 0; pixel < healpixCount(order); pixel++) {
      const parent = unit(order, pixel);
      for (let c = 0; c < 4; c++) {
        const child = unit(order + 1, 4 * pixel + c);
        const angle = Math.acos(
          Math.min(
            1,
            parent.reduce((sum, x, i) => sum + x * child[i]!, 0),
          ),
        );
        expect(angle).toBeLessThan(0.6 * reach);
      }
    }
  });

  test("refuses a pixel that does not exist, naming the range", () => {
    expect(() => healpixCentre(1, 48)).toThrow("pixel: expected an integer from 0 to 47, got 48");
    expect(() => healpixCentre(-1, 0)).toThrow("order: expected an integer from 0 to 12, got -1");
  });
});
