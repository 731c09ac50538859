import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { Volume } from "../../../src/core/types.js";
import {
  fourierShellCorrelation,
  fscArea,
  resolutionAngstrom,
} from "../../../src/metrics/fourier-shell-correlation.js";

const noise = (box: number, seed: number): Volume => {
  const random = seededRandom(seed);
  return {
    kind: "volume",
    box,
    pixelSizeAngstrom: 3,
    values: Float32Array.from({ length: box ** 3 }, () => random.normal()),
  };
};

test("agrees with NumPy, with both ways of naming shells and with a mask", () => {
  const path = new URL("../../golden/numpy-fsc/values.json", import.meta.url);
  const { cases } = JSON.parse(readFileSync(path, "utf8"));
  expect(cases.length).toBe(2);
  for (const { box, a, b, mask, cryodrgn, relion, masked } of cases) {
    const map = (values: number[]): Volume => ({
      kind: "volume",
      box,
      pixelSizeAngstrom: 2,
      values: Float32Array.from(values),
    });
    const check = (found: Float64Array, wanted: number[]): void => {
      expect(found.length).toBe(wanted.length);
      wanted.forEach((value, i) => {
        expect(Math.abs(found[i]! - value)).toBeLessThan(1e-6);
      });
    };
    check(fourierShellCorrelation(map(a), map(b)).correlation, cryodrgn);
    check(fourierShellCorrelation(map(a), map(b), { shells: "relion" }).correlation, relion);
    check(fourierShellCorrelation(map(a), map(b), { mask: Float32Array.from(mask) }).correlation, masked);
  }
});

test("is 1 for equal maps, −1 for opposite ones, and near 0 for noise", () => {
  const a = noise(32, 1);
  const same = fourierShellCorrelation(a, a).correlation;
  expect(Math.min(...same)).toBeCloseTo(1, 6);
  const opposite = fourierShellCorrelation(a, { ...a, values: a.values.map((v) => -v) }).correlation;
  expect(Math.max(...opposite.slice(1))).toBeCloseTo(-1, 6);
  const unlike = fourierShellCorrelation(a, noise(32, 2)).correlation;
  // The last shell holds 4π·15² ≈ 2,800 coefficients, half of them independent: σ = 0.027.
  expect(Math.abs(unlike[15]!)).toBeLessThan(0.1);
});

test("reads the resolution at the first shell below the threshold", () => {
  const fsc = fourierShellCorrelation(noise(32, 1), noise(32, 1));
  const fallen = { ...fsc, correlation: fsc.correlation.map((_, i) => (i < 8 ? 0.9 : 0.2)) };
  expect(resolutionAngstrom(fallen, 0.5)).toBeCloseTo((32 * 3) / 8, 9);
  expect(resolutionAngstrom(fallen, 0.143)).toBe(6); // never below: Nyquist
  const offset = { ...fsc, correlation: fsc.correlation.map((_, i) => (i === 1 ? -1 : 0.9)) };
  expect(resolutionAngstrom(offset, 0.5)).toBe(6); // shell 1 is DC
});

test.each([
  [64, 0.484],
  [128, 0.4922],
])("gives a perfect score of less than a half as area (box %i)", (box, area) => {
  const half = box / 2;
  const perfect = {
    kind: "fourier-shell-correlation" as const,
    pixelSizeAngstrom: 1,
    frequency: Float64Array.from({ length: half }, (_, i) => i / box),
    correlation: new Float64Array(half).fill(1),
  };
  expect(Math.abs(fscArea(perfect) - area)).toBeLessThan(5e-4);
});

test("refuses maps that cannot be compared", () => {
  expect(() => fourierShellCorrelation(noise(8, 1), noise(10, 1))).toThrow("b.box: expected the box of a (8), got 10");
  expect(() => fourierShellCorrelation(noise(8, 1), { ...noise(8, 1), pixelSizeAngstrom: 4 })).toThrow("3 Å as in a");
  expect(() => fourierShellCorrelation(noise(8, 1), noise(8, 1), { mask: new Float32Array(7) })).toThrow("8³ values");
});
