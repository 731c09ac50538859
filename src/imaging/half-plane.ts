/**
 * @file The Fourier coefficients that describe a real image: half of a disc, ordered by radius.
 *
 * Points (kx, ky) in Fourier pixels with kx > 0, or kx = 0 and ky > 0, and 0 < |k| ≤ radius; the other
 * half is the complex conjugate and DC is left out. Sorted by |k|, so any resolution limit is a prefix.
 *
 *        ky
 *        │ ● ● ●
 *        ● ● ● ● ●        ● kept    ○ conjugate, not kept
 *      ○ ○ DC● ● ● kx
 *        ○ ● ● ● ●
 */
import { check } from "../core/errors.js";
import { imageFromTransform } from "./fourier.js";

export interface HalfPlane {
  readonly kind: "half-plane";
  /** Side of the image, pixels; even. */
  readonly box: number;
  /** Largest |k|, Fourier pixels. */
  readonly radius: number;
  readonly count: number;
  /** Float32[count], Fourier pixels. */
  readonly kx: Float32Array;
  /** Float32[count], Fourier pixels. */
  readonly ky: Float32Array;
  /** Int32[count], |k| rounded. */
  readonly shell: Int32Array;
}

/** The half-plane of `box` up to `radius` ≤ box/2 − 1. */
export function halfPlane(box: number, radius: number = box / 2 - 1): HalfPlane {
  check(Number.isInteger(box) && box >= 4 && box % 2 === 0, "box", "an even side of at least 4 pixels", box);
  check(radius > 0 && radius <= box / 2 - 1, "radius", `a radius in (0, ${box / 2 - 1}]`, radius);
  const reach = Math.floor(radius);
  const points: { kx: number; ky: number; r2: number }[] = [];
  for (let kx = 0; kx <= reach; kx++)
    for (let ky = kx === 0 ? 1 : -reach; ky <= reach; ky++) {
      const r2 = kx * kx + ky * ky;
      if (r2 <= radius * radius) points.push({ kx, ky, r2 });
    }
  points.sort((a, b) => a.r2 - b.r2 || a.kx - b.kx || a.ky - b.ky);
  return {
    kind: "half-plane",
    box,
    radius,
    count: points.length,
    kx: Float32Array.from(points, (p) => p.kx),
    ky: Float32Array.from(points, (p) => p.ky),
    shell: Int32Array.from(points, (p) => Math.round(Math.sqrt(p.r2))),
  };
}

/** How many of the points lie within `radius` Fourier pixels: a prefix. */
export function pointsWithin(plane: HalfPlane, radius: number): number {
  let [count, beyond] = [0, plane.count];
  while (count < beyond) {
    const middle = (count + beyond) >> 1;
    if (Math.hypot(plane.kx[middle]!, plane.ky[middle]!) > radius + 1e-6) beyond = middle;
    else count = middle + 1;
  }
  return count;
}

/** The real image whose half-plane is `coefficients` (re, im), zero elsewhere: Float32[box box]. */
export function imageFromHalfPlane(coefficients: ArrayLike<number>, plane: HalfPlane): Float32Array {
  const side = plane.box;
  const values = new Float64Array(2 * side * side);
  for (let i = 0; i < plane.count; i++) {
    const [x, y] = [plane.kx[i]!, plane.ky[i]!];
    const at = 2 * (((y + side) % side) * side + x);
    const mirror = 2 * (((-y + side) % side) * side + ((-x + side) % side));
    values[at] = values[mirror] = coefficients[2 * i]!;
    values[at + 1] = coefficients[2 * i + 1]!;
    values[mirror + 1] = -coefficients[2 * i + 1]!;
  }
  return imageFromTransform({ kind: "fourier-array", side, rank: 2, values });
}
