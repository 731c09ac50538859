import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { Volume } from "../../../src/core/types.js";
import { squaredDistances } from "../../../src/metrics/distance-transform.js";
import { fourierShellCorrelation } from "../../../src/metrics/fourier-shell-correlation.js";
import { localResolution } from "../../../src/metrics/local-resolution.js";
import { guinierBFactor, lowPassFiltered, sharpened, weightedByFsc } from "../../../src/metrics/map-filter.js";
import { densityMask, sphericalMask } from "../../../src/metrics/soft-mask.js";
import { beadMap } from "./gaussian-blobs.js";

const random = seededRandom(12);
const noise = (box: number, pixelSizeAngstrom: number): Volume => ({
  kind: "volume",
  box,
  pixelSizeAngstrom,
  values: Float32Array.from({ length: box ** 3 }, () => random.normal()),
});

test("distances are those of a search through every voxel", () => {
  const box = 8;
  const marked = Uint8Array.from({ length: box ** 3 }, () => (random.uniform() < 0.02 ? 1 : 0));
  const points = [...marked.keys()].filter((i) => marked[i] === 1);
  const place = (i: number): number[] => [i % box, Math.floor(i / box) % box, Math.floor(i / box ** 2)];
  const distances = squaredDistances(marked, box);
  const wrong: number[] = [];
  marked.forEach((_, i) => {
    const nearest = Math.min(
      ...points.map((p) => place(p).reduce((sum, c, axis) => sum + (c - place(i)[axis]!) ** 2, 0)),
    );
    if (distances[i] !== nearest) wrong.push(i);
  });
  expect(wrong).toEqual([]);
  expect([...squaredDistances(new Uint8Array(8), 2)]).toEqual(new Array(8).fill(Number.POSITIVE_INFINITY));
});

test("a spherical mask is 1 within the radius, ½ in the middle of the edge, 0 beyond it", () => {
  const mask = sphericalMask({ box: 32, pixelSizeAngstrom: 2 }, { radiusAngstrom: 16, edgeAngstrom: 8 });
  const along = (x: number): number => mask[(16 * 32 + 16) * 32 + 16 + x]!;
  expect([along(0), along(8), along(-8)]).toEqual([1, 1, 1]);
  expect(along(10)).toBeCloseTo(0.5, 6);
  expect([along(12), along(-16)]).toEqual([0, 0]);
  const edge = { radiusAngstrom: 40 };
  expect(() => sphericalMask({ box: 32, pixelSizeAngstrom: 2 }, edge)).toThrow("a radius within the box, got 40");
});

test("a density mask holds the particle, extended, and refuses a level above the map", () => {
  const ball = beadMap([[0, 0, 0]], 32, 2, 4); // above ½ within 4 √(2 ln 2) = 4.71 voxels
  const mask = densityMask(ball, { level: 0.5, extendAngstrom: 4.2, edgeAngstrom: 8 });
  const along = (x: number): number => mask[(16 * 32 + 16) * 32 + 16 + x]!;
  expect([along(4), along(6), along(10)]).toEqual([1, 1, 0]);
  expect(along(8)).toBeCloseTo(0.5, 6);
  expect(() => densityMask(ball, { level: 2 })).toThrow("level: expected a density that some voxels exceed, got 2");
});

test("low-pass keeps what is coarser, drops what is finer", () => {
  const a = noise(32, 3);
  const { correlation, frequency } = fourierShellCorrelation(a, lowPassFiltered(a, 12), { shells: "relion" });
  const limit = frequency.findIndex((f) => f >= 1 / 12 - 1e-9);
  expect(limit).toBe(8);
  expect(correlation[limit - 2]).toBeCloseTo(1, 6);
  expect(Math.abs(correlation[limit + 3]!)).toBeLessThan(0.3);
  const power = lowPassFiltered(a, 12).values.reduce((sum, v) => sum + v * v, 0);
  // White noise: the power left is the share of the coefficients left, 4/3 π 8³ of 32³.
  expect(power / a.values.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(((4 / 3) * Math.PI * 8 ** 3) / 32 ** 3, 1);
});

test("a Gaussian's B factor is that of its width, and sharpening by its negative makes it flat", () => {
  const sigma = 1.5 * 2; // Å: exp(−2 π² σ² s²) = exp(−B s²/4), B = 8 π² σ²
  const bead = beadMap([[0, 0, 0]], 32, 2, 1.5);
  const b = 8 * Math.PI ** 2 * sigma ** 2;
  expect(guinierBFactor(bead, [16, 6]) / b).toBeCloseTo(1, 2);
  expect(Math.abs(guinierBFactor(sharpened(bead, -b), [16, 6])) / b).toBeLessThan(0.01);
  expect(() => guinierBFactor(bead, [5, 4.9])).toThrow("at least three shells");
});

test("weights by FSC are √(2c/(1+c)), and nothing passes beyond the first shell at 0", () => {
  const a = noise(16, 2);
  const fsc = fourierShellCorrelation(a, a, { shells: "relion" });
  const known = {
    ...fsc,
    correlation: fsc.correlation.map((_, i) => (i < 3 ? 1 : i < 5 ? 0.5 : i === 5 ? -0.1 : 0.9)),
  };
  const power = (v: Volume): number => v.values.reduce((sum, x) => sum + x * x, 0);
  const band = (v: Volume, shell: number): number => {
    const only = { ...fsc, correlation: fsc.correlation.map((_, i) => (i === shell ? 1 : 1e-12)) };
    return power(weightedByFsc(v, only));
  };
  const out = weightedByFsc(a, known);
  expect(band(out, 2) / band(a, 2)).toBeCloseTo(1, 4);
  expect(band(out, 4) / band(a, 4)).toBeCloseTo(2 / 3, 3);
  expect(band(out, 6) / band(a, 6)).toBeLessThan(1e-4);
});

test("local resolution finds the half of a map that is worse", () => {
  const box = 32;
  const common = noise(box, 2);
  const blunt = lowPassFiltered(common, 12);
  const sharp = lowPassFiltered(common, 5);
  const half = (): Volume => {
    const fresh = noise(box, 2).values;
    const isLeft = (i: number): boolean => i % box < box / 2;
    return {
      ...common,
      values: common.values.map((_, i) => (isLeft(i) ? sharp.values[i]! : blunt.values[i]!) + 0.5 * fresh[i]!),
    };
  };
  const map = localResolution(half(), half());
  const median = (keep: (x: number) => boolean): number => {
    const found = [...map.values].filter((_, i) => keep(i % box)).sort((p, q) => p - q);
    return found[Math.floor(found.length / 2)]!;
  };
  expect(Math.abs(median((x) => x > 3 && x < 11) - 5)).toBeLessThan(0.8);
  expect(Math.abs(median((x) => x > 20 && x < 28) - 12) / 12).toBeLessThan(0.25);
});
