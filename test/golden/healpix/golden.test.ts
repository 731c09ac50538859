import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { healpixCentre } from "../../../src/geometry/healpix.js";

interface Case {
  readonly order: number;
  readonly pixel: readonly number[];
  readonly thetaRad: readonly number[];
  readonly phiRad: readonly number[];
}
const { cases } = JSON.parse(readFileSync(new URL("values.json", import.meta.url), "utf8")) as { cases: Case[] };

test("pixel centres equal healpy's, orders 0 to 6", () => {
  let judged = 0;
  for (const { order, pixel, thetaRad, phiRad } of cases)
    pixel.forEach((p, i) => {
      const centre = healpixCentre(order, p);
      expect(centre.thetaRad).toBeCloseTo(thetaRad[i]!, 11);
      expect(centre.phiRad).toBeCloseTo(phiRad[i]!, 11);
      judged++;
    });
  expect(judged).toBe(12 + 48 + 192 + 3 * 40);
});
