/**
 * @file A volume's transform on an oversampled cubic grid, and central slices of it by trilinear look-up.
 *
 * values[((z·size + y)·size + x)·2 + (0 re, 1 im)], DC in the middle, `oversampling` grid cells per Fourier
 * pixel. Scaled so that a slice equals the unitary transform of the projection (fourier.ts). The slice of
 * rotation R at (kx, ky) is the value at k3 = Rᵀ(kx, ky, 0) = kx·row0 + ky·row1.
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { paddedTransform } from "./padded-transform.js";

export interface FourierRaster {
  readonly kind: "fourier-raster";
  /** Radius of the ball that is filled, Fourier pixels of the box. */
  readonly radius: number;
  readonly oversampling: number;
  /** Side of the cube, odd. */
  readonly size: number;
  /** Float32[size size size 2]. */
  readonly values: Float32Array;
}

/** Side of the cube that holds the ball and one cell of margin. */
export function rasterSize(radius: number, oversampling: number): number {
  return 2 * (Math.ceil(radius * oversampling) + 1) + 1;
}

/** Rasterise a map: zero-padded `oversampling`-fold, with the trilinear kernel's sinc² divided out. */
export function rasterFromVolume(volume: Volume, radius: number, oversampling = 2): FourierRaster {
  const { box } = volume;
  check(box % 2 === 0, "map.box", "an even number of voxels", box);
  check(radius > 0 && radius <= box / 2, "radius", `a radius in (0, ${box / 2}] Fourier pixels`, radius);
  const padded = box * oversampling;
  const correction = Float64Array.from({ length: box }, (_, i) => {
    const x = (Math.PI * (i - box / 2)) / padded;
    return x === 0 ? 1 : (x / Math.sin(x)) ** 2;
  });
  const size = rasterSize(radius, oversampling);
  const middle = (size - 1) / 2;
  const reach = Math.min(middle, padded / 2 - 1);
  const ball = paddedTransform(volume, oversampling, reach, correction, padded ** 1.5 / box);
  const values = new Float32Array(2 * size ** 3);
  const limit = (radius * oversampling + 1.8) ** 2;
  for (let z = -reach, from = 0; z <= reach; z++)
    for (let y = -reach; y <= reach; y++)
      for (let x = 0; x <= reach; x++, from += 2) {
        if (x * x + y * y + z * z > limit) continue;
        const here = 2 * (((z + middle) * size + y + middle) * size + x + middle);
        const there = 2 * (((middle - z) * size + middle - y) * size + middle - x);
        values[here] = values[there] = ball.values[from]!;
        values[here + 1] = ball.values[from + 1]!;
        values[there + 1] = -ball.values[from + 1]!;
      }
  return { kind: "fourier-raster", radius, oversampling, size, values };
}

/**
 * The central slice at the first `points` of (kx, ky): Float32[points 2] into `out` from `at` on.
 * `r` holds the rotation at `r[rAt]`, row-major. Points must lie within the raster's radius.
 */
export function sliceInto(
  out: Float32Array,
  raster: FourierRaster,
  r: ArrayLike<number>,
  rAt: number,
  kx: Float32Array,
  ky: Float32Array,
  points: number,
): void {
  const { size, values, oversampling } = raster;
  const middle = (size - 1) / 2;
  const ax = r[rAt]! * oversampling;
  const ay = r[rAt + 1]! * oversampling;
  const az = r[rAt + 2]! * oversampling;
  const bx = r[rAt + 3]! * oversampling;
  const by = r[rAt + 4]! * oversampling;
  const bz = r[rAt + 5]! * oversampling;
  const stepY = 2 * size;
  const stepZ = 2 * size * size;
  for (let p = 0; p < points; p++) {
    const u = kx[p]!;
    const v = ky[p]!;
    const x = u * ax + v * bx + middle;
    const y = u * ay + v * by + middle;
    const z = u * az + v * bz + middle;
    const ix = x | 0;
    const iy = y | 0;
    const iz = z | 0;
    const fx = x - ix;
    const fy = y - iy;
    const fz = z - iz;
    const i = iz * stepZ + iy * stepY + 2 * ix;
    const gx = 1 - fx;
    const w00 = (1 - fz) * (1 - fy);
    const w01 = (1 - fz) * fy;
    const w10 = fz * (1 - fy);
    const w11 = fz * fy;
    const j = i + stepY;
    const k = i + stepZ;
    const l = k + stepY;
    out[2 * p] =
      w00 * (gx * values[i]! + fx * values[i + 2]!) +
      w01 * (gx * values[j]! + fx * values[j + 2]!) +
      w10 * (gx * values[k]! + fx * values[k + 2]!) +
      w11 * (gx * values[l]! + fx * values[l + 2]!);
    out[2 * p + 1] =
      w00 * (gx * values[i + 1]! + fx * values[i + 3]!) +
      w01 * (gx * values[j + 1]! + fx * values[j + 3]!) +
      w10 * (gx * values[k + 1]! + fx * values[k + 3]!) +
      w11 * (gx * values[l + 1]! + fx * values[l + 3]!);
  }
}
