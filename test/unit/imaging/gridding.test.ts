import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { type FourierRaster, rasterSize, sliceInto } from "../../../src/imaging/fourier-raster.js";
import { correctGridding, griddingTaps } from "../../../src/imaging/gridding.js";
import { halfPlane, pointsWithin } from "../../../src/imaging/half-plane.js";

const box = 32;
const radius = 12;
const plane = halfPlane(box);
const points = pointsWithin(plane, radius - 1);

/** The transform of a unit point at p (pixels) on the lattice: exp(−2πi k·p/box). */
function pointRaster(p: readonly [number, number, number], oversampling: number): FourierRaster {
  const size = rasterSize(radius, oversampling);
  const half = (size - 1) / 2;
  const values = new Float32Array(2 * size ** 3);
  for (let i = 0; i < size ** 3; i++) {
    const [x, y, z] = [(i % size) - half, (Math.floor(i / size) % size) - half, Math.floor(i / size ** 2) - half];
    const phase = (-2 * Math.PI * (x * p[0] + y * p[1] + z * p[2])) / (box * oversampling);
    values[2 * i] = Math.cos(phase);
    values[2 * i + 1] = Math.sin(phase);
  }
  return { kind: "fourier-raster", radius, oversampling, size, values };
}

/** Slices against the closed form: mean amplitude along the truth, and r.m.s. of the rest. */
function amplitude(raster: FourierRaster, p: readonly [number, number, number]): { gain: number; rest: number } {
  const random = seededRandom(1);
  const slice = new Float32Array(2 * points);
  let [along, size, count] = [0, 0, 0];
  for (let i = 0; i < 30; i++) {
    const r = randomRotation(random);
    sliceInto(slice, raster, r, 0, plane.kx, plane.ky, points);
    const [x, y] = [0, 3].map((row) => r[row]! * p[0] + r[row + 1]! * p[1] + r[row + 2]! * p[2]) as [number, number];
    for (let q = 0; q < points; q++, count++) {
      const phase = (-2 * Math.PI * (plane.kx[q]! * x + plane.ky[q]! * y)) / box;
      along += slice[2 * q]! * Math.cos(phase) + slice[2 * q + 1]! * Math.sin(phase);
      size += slice[2 * q]! ** 2 + slice[2 * q + 1]! ** 2;
    }
  }
  const gain = along / count;
  return { gain, rest: Math.sqrt(Math.max(0, size / count - gain ** 2)) };
}

describe("slices of a lattice", () => {
  const quarter = [box / 4, 0, 0] as const;
  const diagonal = [0.2 * box, -0.2 * box, 0.2 * box] as const;

  test("lose sinc² of the distance along every axis: 5 % a quarter of the box out", () => {
    expect(amplitude(pointRaster(quarter, 2), quarter).gain).toBeCloseTo(
      (Math.sin(Math.PI / 8) / (Math.PI / 8)) ** 2,
      2,
    );
    expect(amplitude(pointRaster(diagonal, 2), diagonal).gain).toBeLessThan(0.92);
  });

  test.each([2, 3])("lose nothing once corrected, oversampling %i: gain within 0.7 %, the rest the two echoes", (n) => {
    for (const p of [quarter, diagonal, [0, 0, 0], [0, 0.34 * box, 0]] as const) {
      const raster = pointRaster(p, n);
      correctGridding(raster);
      const { gain } = amplitude(raster, p);
      expect(Math.abs(gain - 1)).toBeLessThan(0.007); // 0.22 % per axis
    }
    const raster = pointRaster(quarter, n);
    correctGridding(raster);
    // The nearest images of a point d out, one on either side: (d / (n ∓ d))².
    const echoes = Math.hypot((0.25 / (n - 0.25)) ** 2, (0.25 / (n + 0.25)) ** 2);
    expect(amplitude(raster, quarter).rest).toBeLessThan(1.06 * echoes);
  });
});

test("the filter is within 0.25 % of x²/sin²x on each axis up to 0.35 boxes out", () => {
  for (const n of [1.5, 2, 3, 4]) {
    const [a, b] = griddingTaps(n);
    for (let d = 0; d <= 0.35; d += 0.01) {
      const x = (Math.PI * d) / n;
      const damping = x === 0 ? 1 : (Math.sin(x) / x) ** 2;
      expect(Math.abs((a + 2 * b * Math.cos(2 * x)) * damping - 1)).toBeLessThan(n < 2 ? 0.008 : 0.0025);
    }
  }
});
