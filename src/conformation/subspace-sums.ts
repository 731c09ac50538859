/**
 * @file What images of known pose and conformation say of a mean and its modes: sums on an oversampled Fourier grid.
 *
 * With a = (1, z) and moments E[a_u], E[a_u a_v] of every image, the normal equations of a cell g are
 *
 *     N_u(g) = Σ T(g − k3) E[a_u] C x      D_uv(g) = Σ T(g − k3) E[a_u a_v] C²      k3 = kx·row0 + ky·row1,   T trilinear
 *
 * As in imaging/fourier-accumulator.ts half of space is kept, gx ≥ 0. A cell holds re and im of every N_u, then D_uv, u ≤ v.
 */
import type { LoadedImage } from "../pose/loaded-image.js";

export interface SubspaceSums {
  readonly kind: "subspace-sums";
  readonly zDim: number;
  readonly radius: number;
  readonly oversampling: number;
  /** Cells along y and z, odd; DC at (size − 1) / 2. */
  readonly size: number;
  /** Cells along x; DC at 0. */
  readonly half: number;
  /** Numbers per cell. */
  readonly width: number;
  /** Float32[size size half width] */
  readonly sums: Float32Array;
}

export function newSubspaceSums(zDim: number, radius: number, oversampling: number): SubspaceSums {
  const middle = Math.ceil(radius * oversampling) + 1;
  const [size, half] = [2 * middle + 1, middle + 1];
  const modes = 1 + zDim;
  const width = 2 * modes + (modes * (modes + 1)) / 2;
  const sums = new Float32Array(size * size * half * width);
  return { kind: "subspace-sums", zDim, radius, oversampling, size, half, width, sums };
}

/**
 * Add an image whose shift is undone, at the first points of (kx, ky). `pose` holds rows 0 and 1 of the rotation;
 * `moments` the means E[a_u], then E[a_u a_v] for u ≤ v.
 */
export function addToSubspace(
  { sums, size, half, width, oversampling: o, zDim }: SubspaceSums,
  { kx, ky }: { readonly kx: Float32Array; readonly ky: Float32Array },
  { y: row, squares }: LoadedImage,
  pose: ArrayLike<number>,
  moments: Float64Array,
): void {
  const modes = 1 + zDim;
  const middle = (size - 1) / 2;
  const [ax, ay, az] = [pose[0]! * o, pose[1]! * o, pose[2]! * o];
  const [bx, by, bz] = [pose[3]! * o, pose[4]! * o, pose[5]! * o];
  const stepY = width * half;
  const stepZ = stepY * size;
  const entry = new Float64Array(width);
  for (let p = 0; p < squares.length; p++) {
    const u = kx[p]!;
    const v = ky[p]!;
    let x = u * ax + v * bx;
    let y = u * ay + v * by;
    let z = u * az + v * bz;
    const re = row[2 * p]!;
    let im = row[2 * p + 1]!;
    if (x < 0) {
      x = -x;
      y = -y;
      z = -z;
      im = -im;
    }
    const square = squares[p]!;
    for (let q = 0; q < modes; q++) {
      entry[2 * q] = moments[q]! * re;
      entry[2 * q + 1] = moments[q]! * im;
    }
    for (let q = 2 * modes; q < width; q++) entry[q] = moments[q - modes]! * square;
    y += middle;
    z += middle;
    const ix = x | 0;
    const iy = y | 0;
    const iz = z | 0;
    const fx = x - ix;
    const fy = y - iy;
    const fz = z - iz;
    const base = iz * stepZ + iy * stepY + ix * width;
    for (let corner = 0; corner < 4; corner++) {
      const down = (corner & 1 ? fy : 1 - fy) * (corner & 2 ? fz : 1 - fz);
      const near = down * (1 - fx);
      const far = down * fx;
      const at = base + (corner & 1 ? stepY : 0) + (corner & 2 ? stepZ : 0);
      for (let q = 0; q < width; q++) {
        sums[at + q]! += near * entry[q]!;
        sums[at + width + q]! += far * entry[q]!;
      }
    }
  }
}

/** The sums with the plane gx = 0, which holds each pair (g, −g) in part on either side, made whole. In place, once. */
export function sealSubspace({ sums, size, half, width, zDim }: SubspaceSums): void {
  const complex = 2 * (1 + zDim);
  for (let z = 0; z < size; z++)
    for (let y = 0; y < size; y++) {
      const i = width * (z * size + y) * half;
      const j = width * ((size - 1 - z) * size + (size - 1 - y)) * half;
      if (j < i) continue;
      for (let q = 0; q < width; q++) {
        const [a, b] = [sums[i + q]!, sums[j + q]!];
        const imaginary = q < complex && q % 2 === 1;
        sums[i + q] = imaginary ? a - b : a + b;
        sums[j + q] = imaginary ? b - a : a + b;
      }
    }
}
