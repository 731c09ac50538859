/**
 * @file Sums of central slices on an oversampled Fourier grid: the inside of a weighted back-projection.
 *
 *     N(g) = Σ w T(g − k3) C x      D(g) = Σ w T(g − k3) C²      k3 = kx·row0 + ky·row1,   T trilinear
 *
 * Half of space is kept, gx ≥ 0; a point with kx < 0 is entered as its conjugate at −k3. The plane gx = 0 holds each
 * pair (g, −g) in part on either side and is made whole by `sealed`. Cell ((z·size + y)·half + x)·3 + (0 re N, 1 im N, 2 D).
 */
import { check } from "../core/errors.js";

export interface FourierAccumulator {
  readonly kind: "fourier-accumulator";
  /** Radius of the ball that is filled, Fourier pixels of the box. */
  readonly radius: number;
  /** Grid cells per Fourier pixel. */
  readonly oversampling: number;
  /** Cells along y and z, odd; DC at (size − 1) / 2. */
  readonly size: number;
  /** Cells along x; DC at 0. */
  readonly half: number;
  /** Float32[size size half 3]. */
  readonly sums: Float32Array;
}

/** An accumulator of nothing. */
export function newAccumulator(radius: number, oversampling: number): FourierAccumulator {
  check(radius > 0, "radius", "a positive radius in Fourier pixels", radius);
  check(oversampling >= 1, "oversampling", "at least 1", oversampling);
  const middle = Math.ceil(radius * oversampling) + 1;
  const [size, half] = [2 * middle + 1, middle + 1];
  return {
    kind: "fourier-accumulator",
    radius,
    oversampling,
    size,
    half,
    sums: new Float32Array(3 * size * size * half),
  };
}

/** One image as it enters: its points, what was measured there and how it was seen. */
export interface WeightedSlice {
  /** Float32[points], Fourier pixels. */
  readonly kx: Float32Array;
  readonly ky: Float32Array;
  readonly points: number;
  /** Float32[points 2] (re, im). */
  readonly row: Float32Array;
  /** Float32[points]. */
  readonly contrast: Float32Array;
  /** Side of the image, pixels. */
  readonly box: number;
}

/**
 * Add a slice. The rotation stands at `r[rAt]`, row-major; (shiftX, shiftY) is the displacement of the particle in
 * pixels of `slice.box` and is undone.
 */
export function addSlice(
  into: FourierAccumulator,
  slice: WeightedSlice,
  r: ArrayLike<number>,
  rAt: number,
  pose: { readonly shiftX: number; readonly shiftY: number; readonly weight: number },
): void {
  const { sums, oversampling: o, size, half } = into;
  const { kx, ky, row, contrast, points } = slice;
  const middle = (size - 1) / 2;
  const [ax, ay, az] = [r[rAt]! * o, r[rAt + 1]! * o, r[rAt + 2]! * o];
  const [bx, by, bz] = [r[rAt + 3]! * o, r[rAt + 4]! * o, r[rAt + 5]! * o];
  const reach = slice.box / 2;
  const waveX = wave(pose.shiftX / slice.box, reach);
  const waveY = wave(pose.shiftY / slice.box, reach);
  const stepY = 3 * half;
  const stepZ = 3 * half * size;
  for (let p = 0; p < points; p++) {
    const u = kx[p]!;
    const v = ky[p]!;
    const iu = 2 * (u + reach);
    const iv = 2 * (v + reach);
    const cos = waveX[iu]! * waveY[iv]! - waveX[iu + 1]! * waveY[iv + 1]!;
    const sin = waveX[iu]! * waveY[iv + 1]! + waveX[iu + 1]! * waveY[iv]!;
    const c = contrast[p]!;
    const gain = pose.weight * c;
    const re = gain * (row[2 * p]! * cos - row[2 * p + 1]! * sin);
    let im = gain * (row[2 * p]! * sin + row[2 * p + 1]! * cos);
    const d = gain * c;
    let x = u * ax + v * bx;
    let y = u * ay + v * by;
    let z = u * az + v * bz;
    if (x < 0) {
      x = -x;
      y = -y;
      z = -z;
      im = -im;
    }
    y += middle;
    z += middle;
    const ix = x | 0;
    const iy = y | 0;
    const iz = z | 0;
    const fx = x - ix;
    const fy = y - iy;
    const fz = z - iz;
    const gx = 1 - fx;
    const i = iz * stepZ + iy * stepY + 3 * ix;
    let t = (1 - fz) * (1 - fy);
    addPair(sums, i, t * gx, t * fx, re, im, d);
    t = (1 - fz) * fy;
    addPair(sums, i + stepY, t * gx, t * fx, re, im, d);
    t = fz * (1 - fy);
    addPair(sums, i + stepZ, t * gx, t * fx, re, im, d);
    t = fz * fy;
    addPair(sums, i + stepZ + stepY, t * gx, t * fx, re, im, d);
  }
}

function addPair(sums: Float32Array, i: number, a: number, b: number, re: number, im: number, d: number): void {
  sums[i]! += a * re;
  sums[i + 1]! += a * im;
  sums[i + 2]! += a * d;
  sums[i + 3]! += b * re;
  sums[i + 4]! += b * im;
  sums[i + 5]! += b * d;
}

/** exp(+2πi k t) for k = −reach..reach, interleaved. */
function wave(t: number, reach: number): Float64Array {
  const out = new Float64Array(4 * reach + 2);
  for (let k = -reach; k <= reach; k++) {
    const angle = 2 * Math.PI * k * t;
    out[2 * (k + reach)] = Math.cos(angle);
    out[2 * (k + reach) + 1] = Math.sin(angle);
  }
  return out;
}

/** The sum of accumulators, with the plane gx = 0 made whole. The arguments stay as they are. */
export function sealed(parts: readonly FourierAccumulator[]): FourierAccumulator {
  const first = parts[0]!;
  const sums = first.sums.slice();
  for (const { sums: more } of parts.slice(1)) for (let i = 0; i < sums.length; i++) sums[i]! += more[i]!;
  const { size, half } = first;
  for (let z = 0; z < size; z++)
    for (let y = 0; y < size; y++) {
      const i = 3 * (z * size + y) * half;
      const j = 3 * ((size - 1 - z) * size + (size - 1 - y)) * half;
      if (j < i) continue;
      sums[i] = sums[j] = sums[i]! + sums[j]!;
      sums[i + 1] = sums[i + 1]! - sums[j + 1]!;
      sums[j + 1] = -sums[i + 1]!;
      sums[i + 2] = sums[j + 2] = sums[i + 2]! + sums[j + 2]!;
    }
  return { ...first, sums };
}
