import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { transformImage } from "../../../src/imaging/fourier.js";
import { halfPlane, imageFromHalfPlane, pointsWithin } from "../../../src/imaging/half-plane.js";
import { relativeError } from "../../support/compare.js";
import { gatherHalfPlane } from "../../support/gather-half-plane.js";

describe("the half-plane", () => {
  test.each([
    [4, 1],
    [12, 5],
    [16, 6.5],
    [32, 15],
  ])("of box %i up to %f holds one of k and −k for every point of the disc, and not DC", (box, radius) => {
    const plane = halfPlane(box, radius);
    const held = new Set<string>();
    for (let i = 0; i < plane.count; i++) held.add(`${plane.kx[i]} ${plane.ky[i]}`);
    expect(held.size).toBe(plane.count);
    let [points, wrong] = [0, 0];
    for (let y = -box / 2; y <= box / 2; y++)
      for (let x = -box / 2; x <= box / 2; x++) {
        if (Math.hypot(x, y) > radius || (x === 0 && y === 0)) continue;
        points++;
        if (held.has(`${x} ${y}`) === held.has(`${-x} ${-y}`)) wrong++;
      }
    expect(wrong).toBe(0);
    expect(plane.count).toBe(points / 2);
  });

  test("reaches box/2 − 1 unless told otherwise", () => {
    expect(halfPlane(16)).toMatchObject({ kind: "half-plane", box: 16, radius: 7, count: (149 - 1) / 2 }); // OEIS A000328
  });

  test("is sorted by radius, so that a resolution limit is a prefix, the same for every box", () => {
    const [small, large] = [halfPlane(16), halfPlane(40)];
    const squares = Array.from(large.kx, (kx, i) => kx ** 2 + large.ky[i]! ** 2);
    expect(squares).toEqual(squares.toSorted((a, b) => a - b));
    expect(pointsWithin(large, 7)).toBe(small.count);
    expect(large.kx.slice(0, small.count)).toEqual(small.kx);
    expect(large.ky.slice(0, small.count)).toEqual(small.ky);
    for (const radius of [0.5, 1, 2.3, 5, 6.9]) {
      const inside = Array.from(small.kx, (kx, i) => Math.hypot(kx, small.ky[i]!) <= radius);
      expect(pointsWithin(small, radius)).toBe(inside.filter(Boolean).length);
    }
  });

  test("numbers shells by the rounded radius", () => {
    const plane = halfPlane(20);
    for (let i = 0; i < plane.count; i++)
      expect(Math.abs(plane.shell[i]! - Math.hypot(plane.kx[i]!, plane.ky[i]!))).toBeLessThanOrEqual(0.5);
  });

  test("is refused for odd boxes and radii that reach Nyquist", () => {
    expect(() => halfPlane(15)).toThrow("box: expected an even side of at least 4 pixels, got 15");
    expect(() => halfPlane(16, 8)).toThrow("radius: expected a radius in (0, 7], got 8");
  });
});

describe("coefficients of the half-plane", () => {
  const box = 14;
  const plane = halfPlane(box);
  const random = seededRandom(1);
  const coefficients = Float32Array.from({ length: 2 * plane.count }, () => random.normal());

  test("make an image that has them", () => {
    const image = imageFromHalfPlane(coefficients, plane);
    expect(relativeError(gatherHalfPlane(transformImage(image, box), plane), coefficients)).toBeLessThan(1e-6);
  });

  test("make a real image: the transform is Hermitian and nothing is lost with the imaginary part", () => {
    const image = imageFromHalfPlane(coefficients, plane);
    const sum = (values: Float32Array): number => values.reduce((total, v) => total + v * v, 0);
    expect(sum(image) / (2 * sum(coefficients))).toBeCloseTo(1, 6); // Parseval, both halves
  });

  test("of a larger image are its Fourier crop", () => {
    // The same wave sampled 24 and 14 times per box; its unitary transform grows with the side.
    const wave = (side: number): Float32Array =>
      Float32Array.from({ length: side * side }, (_, i) =>
        Math.cos((2 * Math.PI * (2 * ((i % side) - side / 2) - 3 * (Math.floor(i / side) - side / 2))) / side + 0.4),
      );
    const gathered = gatherHalfPlane(transformImage(wave(24), 24), plane).map((v) => (v * box) / 24);
    expect(relativeError(imageFromHalfPlane(gathered, plane), wave(box))).toBeLessThan(1e-6);
  });
});
