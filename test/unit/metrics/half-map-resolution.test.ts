import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { Volume } from "../../../src/core/types.js";
import { transformVolume } from "../../../src/imaging/fourier.js";
import { fourierShellCorrelation } from "../../../src/metrics/fourier-shell-correlation.js";
import { crossingAngstrom, halfMapResolution, lastShellAbove } from "../../../src/metrics/half-map-resolution.js";
import { filteredMap } from "../../../src/metrics/map-filter.js";
import { randomisedPhases } from "../../../src/metrics/phase-randomisation.js";
import { sphericalMask } from "../../../src/metrics/soft-mask.js";
import { beadMap, chiralBeads } from "./gaussian-blobs.js";

const BOX = 32;
const PIXEL = 4;
const random = seededRandom(8);
const map = beadMap(chiralBeads, BOX, PIXEL, 1.2);
const noisy = (deviation: number): Volume => ({
  ...map,
  values: map.values.map((v) => v + deviation * random.normal()),
});
const noise = (): Volume => ({ ...map, values: map.values.map(() => random.normal()) });

test("randomised phases leave every amplitude, what is coarser, and a real map", () => {
  const a = noisy(0.2);
  const changed = randomisedPhases(a, 7, random);
  const [before, after] = [transformVolume(a).values, transformVolume(changed).values];
  let [kept, correlation, amplitudes, coarse] = [0, 0, 0, 0];
  for (let z = 0, at = 0; z < BOX; z++)
    for (let y = 0; y < BOX; y++)
      for (let x = 0; x < BOX; x++, at += 2) {
        const w = (i: number): number => (i < BOX / 2 ? i : i - BOX);
        const [now, then] = [Math.hypot(after[at]!, after[at + 1]!), Math.hypot(before[at]!, before[at + 1]!)];
        amplitudes = Math.max(amplitudes, Math.abs(now - then));
        if (Math.round(Math.hypot(w(x), w(y), w(z))) < 7) {
          kept++;
          coarse = Math.max(coarse, Math.abs(after[at]! - before[at]!));
        }
      }
  expect(kept).toBeGreaterThan(1000);
  expect([amplitudes < 1e-4, coarse < 1e-4]).toEqual([true, true]);
  const { correlation: fsc } = fourierShellCorrelation(a, changed, { shells: "relion" });
  for (let i = 8; i < BOX / 2; i++) correlation = Math.max(correlation, Math.abs(fsc[i]!));
  expect(correlation).toBeLessThan(0.2);
});

test("under a mask unlike maps seem alike; the correction takes that away and leaves what is real", () => {
  // Alike up to shell 5, pure noise beyond, seen through a small mask.
  const common = filteredMap(map, (r) => (r <= 5 ? 1 : 0));
  const half = (): Volume => {
    const added = noise().values;
    return { ...map, values: common.values.map((v, i) => v + 0.03 * added[i]!) };
  };
  const mask = sphericalMask(map, { radiusAngstrom: 20, edgeAngstrom: 8 });
  const curves = Array.from({ length: 3 }, () => halfMapResolution(half(), half(), { mask, random }));
  const mean = (pick: (c: (typeof curves)[number]) => Float64Array | undefined, i: number): number =>
    curves.reduce((sum, c) => sum + pick(c)![i]! / curves.length, 0);
  // Shell 7 lies beyond the common signal: the mask smears shells 4 and 5 into it, in the randomised maps too.
  expect(mean((c) => c.masked!.correlation, 3)).toBeGreaterThan(0.95);
  expect(mean((c) => c.corrected.correlation, 3)).toBeGreaterThan(0.95);
  expect(curves[0]!.randomisedFromAngstrom).toBeGreaterThanOrEqual((BOX * PIXEL) / 6);
  for (const { corrected, masked, randomised } of curves)
    corrected.correlation.forEach((c, i) => {
      const r = randomised!.correlation[i]!;
      if (c !== masked!.correlation[i]) expect(c).toBeCloseTo((masked!.correlation[i]! - r) / (1 - r), 12);
    });
});

test("without a mask the unmasked curve is the one to believe", () => {
  const { unmasked, corrected, masked, resolutionAngstrom } = halfMapResolution(noisy(0.1), noisy(0.1));
  expect(corrected).toBe(unmasked);
  expect(masked).toBeUndefined();
  expect(resolutionAngstrom).toBe(lastShellAbove(unmasked, 0.143));
});

test("a line between shells crosses where it should", () => {
  const fsc = fourierShellCorrelation(map, map, { shells: "relion" });
  const falling = { ...fsc, correlation: fsc.correlation.map((_, i) => (i < 8 ? 1 : i === 8 ? 0.6 : 0.2)) };
  const shell = (at: number): number => (BOX * PIXEL) / at;
  expect(crossingAngstrom(falling, 0.5)).toBeCloseTo(shell(8.25), 9);
  expect(crossingAngstrom(falling, 0.8)).toBeCloseTo(shell(7.5), 9);
  expect(crossingAngstrom(falling, 0.143)).toBe(2 * PIXEL);
  expect(lastShellAbove(falling, 0.5)).toBeCloseTo(shell(8), 9);
  expect(lastShellAbove(falling, 0.1)).toBeCloseTo(shell(15), 9);
});
