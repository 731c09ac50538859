import { expect, test } from "vitest";
import { halfSetCorrelation, reliability } from "../../../src/conformation/half-set-filter.js";
import { seededRandom } from "../../../src/core/random.js";
import { rasterSize } from "../../../src/imaging/fourier-raster.js";

test("signal over signal and noise, of a half, of three quarters, and of the whole", () => {
  // Signal of variance 1 and noise of variance 1 in a half: 1/2 in quarters' worth, 2/3 of the power of the whole.
  const fsc = Float64Array.of(0.5, 0, 1);
  const expected = [
    [0.5, [1 / 2, 0, 1]],
    [0.75, [3 / 5, 0, 1]],
    [1, [2 / 3, 0, 1]],
  ] as const;
  for (const [share, factors] of expected)
    reliability(fsc, share).forEach((w, s) => {
      expect(w).toBeCloseTo(factors[s]!, 12);
    });
});

test("the correlation per shell is that of the signal both halves hold", () => {
  const [random, radius, oversampling] = [seededRandom(5), 6, 2];
  const size = rasterSize(radius, oversampling);
  const signal = Float32Array.from({ length: 2 * size ** 3 }, () => random.normal());
  const half = () => ({
    ...({ kind: "fourier-raster", radius, oversampling, size } as const),
    values: signal.map((v) => v + random.normal()),
  });
  const found = halfSetCorrelation(half(), half());
  for (const shell of [3, 4, 5, 6]) expect(found[shell]! - 0.5).toBeCloseTo(0, 1);
  const [a, b] = [half(), half()];
  expect([...halfSetCorrelation(a, { ...b, values: b.values.map((v) => -v) })].every((c) => c === 0)).toBe(true);
});
