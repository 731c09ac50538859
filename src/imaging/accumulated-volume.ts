/**
 * @file From the sums of a back-projection to a map: Wiener division, inverse transform, the trilinear kernel undone.
 *
 *     S(g) = N(g) / (D(g) + p(|g|))         p = 1 / (signal power · cells per Fourier pixel³)
 *
 * Zero-padding in real space is the oversampling of the grid, so only the columns that hold data are transformed and
 * only the middle of each is kept. Division by sinc²(x / padded box) along each axis undoes the trilinear kernel.
 */
import type { Volume } from "../core/types.js";
import { lineTransform } from "./fourier.js";
import { type FourierAccumulator, sealed } from "./fourier-accumulator.js";
import type { FourierRaster } from "./fourier-raster.js";

/** A cell with less data than this fraction of its shell's mean counts as one with that much. */
const LEAST_DATA = 1e-3;

/**
 * The map of the summed parts, in the unit in which the slices were measured.
 * `signalPower`: Float64[shells], E|S|² / 2 per shell of Fourier pixels, or undefined for no prior.
 */
export function volumeFromAccumulators(
  parts: readonly FourierAccumulator[],
  grid: { readonly box: number; readonly pixelSizeAngstrom: number },
  signalPower?: ArrayLike<number>,
): Volume {
  const sums = sealed(parts);
  divide(sums, signalPower);
  return { kind: "volume", ...grid, values: invert(sums, grid.box) };
}

/** The same before it becomes a map: the transform on the oversampled grid, whole, for slices of it. */
export function rasterFromAccumulators(
  parts: readonly FourierAccumulator[],
  signalPower?: ArrayLike<number>,
): FourierRaster {
  const whole = sealed(parts);
  divide(whole, signalPower);
  const { sums, size, half, radius, oversampling } = whole;
  const middle = (size - 1) / 2;
  const values = new Float32Array(2 * size ** 3);
  for (let z = 0, at = 0; z < size; z++)
    for (let y = 0; y < size; y++)
      for (let x = -middle; x <= middle; x++, at += 2) {
        const row = x < 0 ? (size - 1 - z) * size + size - 1 - y : z * size + y;
        const from = 3 * (row * half + Math.abs(x));
        values[at] = sums[from]!;
        values[at + 1] = x < 0 ? -sums[from + 1]! : sums[from + 1]!;
      }
  return { kind: "fourier-raster", radius, oversampling, size, values };
}

/** N → N / (D + p), in place; 0 outside the ball. */
function divide({ sums, size, half, radius, oversampling }: FourierAccumulator, power?: ArrayLike<number>): void {
  const middle = (size - 1) / 2;
  const shells = Math.ceil(radius) + 2;
  const data = new Float64Array(shells);
  const cells = new Float64Array(shells);
  const visit = (act: (at: number, r: number) => void): void => {
    for (let z = -middle, at = 0; z <= middle; z++)
      for (let y = -middle; y <= middle; y++)
        for (let x = 0; x < half; x++, at += 3) act(at, Math.sqrt(x * x + y * y + z * z) / oversampling);
  };
  visit((at, r) => {
    const shell = Math.round(r);
    if (shell >= shells) return;
    data[shell]! += sums[at + 2]!;
    cells[shell]! += 1;
  });
  const addition = data.map((total, shell) => {
    const floor = (LEAST_DATA * total) / Math.max(1, cells[shell]!);
    const signal = power?.[Math.min(power.length - 1, shell)];
    return signal === undefined ? floor : Math.max(floor, 1 / (signal * oversampling ** 3));
  });
  visit((at, r) => {
    const shell = Math.round(r);
    const total = r > radius + 0.5 || shell >= shells ? 0 : sums[at + 2]! + addition[shell]!;
    sums[at]! *= total > 0 ? 1 / total : 0;
    sums[at + 1]! *= total > 0 ? 1 / total : 0;
  });
}

/** V(x) = box / padded³ · Σ S(g) exp(+2πi g·x / padded), the middle box³ voxels: Float32[box box box]. */
function invert({ sums, size, half, oversampling }: FourierAccumulator, box: number): Float32Array {
  const padded = box * oversampling;
  const middle = (size - 1) / 2;
  const transform = lineTransform(padded);
  const line = new Float64Array(2 * padded);
  const wrap = (k: number): number => (k < 0 ? k + padded : k);
  // Along z, then along y: [z][y][x] with z and y in space. Conjugated throughout: forward transforms of the conjugate.
  const work = new Float64Array(2 * box * size * half);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < half; x++) {
      if ((y - middle) ** 2 + x * x > middle * middle) continue;
      line.fill(0);
      for (let z = 0, at = 3 * (y * half + x); z < size; z++, at += 3 * size * half) {
        const to = 2 * wrap(z - middle);
        line[to] = sums[at]!;
        line[to + 1] = -sums[at + 1]!;
      }
      transform(line);
      for (let z = 0; z < box; z++) {
        const from = 2 * wrap(z - box / 2);
        const to = 2 * ((z * size + y) * half + x);
        work[to] = line[from]!;
        work[to + 1] = line[from + 1]!;
      }
    }
  const planes = new Float64Array(2 * box * box * half);
  for (let z = 0; z < box; z++)
    for (let x = 0; x < half; x++) {
      line.fill(0);
      for (let y = 0; y < size; y++) {
        const from = 2 * ((z * size + y) * half + x);
        const to = 2 * wrap(y - middle);
        line[to] = work[from]!;
        line[to + 1] = work[from + 1]!;
      }
      transform(line);
      for (let y = 0; y < box; y++) {
        const from = 2 * wrap(y - box / 2);
        const to = 2 * ((z * box + y) * half + x);
        planes[to] = line[from]!;
        planes[to + 1] = line[from + 1]!;
      }
    }
  return realRows(planes, half, box, padded);
}

/** The last axis: each half row is the transform of real numbers, so two are made at once, as real and imaginary part. */
function realRows(planes: Float64Array, half: number, box: number, padded: number): Float32Array {
  const transform = lineTransform(padded);
  const line = new Float64Array(2 * padded);
  const out = new Float32Array(box ** 3);
  const correction = Float64Array.from({ length: box }, (_, i) => {
    const x = (Math.PI * (i - box / 2)) / padded;
    return x === 0 ? 1 : (x / Math.sin(x)) ** 2;
  });
  const scale = box / padded ** 3;
  for (let row = 0; row < box * box; row += 2) {
    line.fill(0);
    const [a, b] = [2 * row * half, 2 * (row + 1) * half];
    for (let x = 0; x < half; x++) {
      const [ar, ai, br, bi] = [planes[a + 2 * x]!, planes[a + 2 * x + 1]!, planes[b + 2 * x]!, planes[b + 2 * x + 1]!];
      line[2 * x] = ar - bi;
      line[2 * x + 1] = ai + br;
      if (x === 0) continue;
      line[2 * (padded - x)] = ar + bi;
      line[2 * (padded - x) + 1] = br - ai;
    }
    transform(line);
    const z = Math.floor(row / box);
    const y = row % box;
    for (let x = 0; x < box; x++) {
      const from = 2 * (x < box / 2 ? x + padded - box / 2 : x - box / 2);
      const gain = scale * correction[z]! * correction[x]!;
      out[row * box + x] = line[from]! * gain * correction[y]!;
      out[(row + 1) * box + x] = line[from + 1]! * gain * correction[y + 1]!;
    }
  }
  return out;
}
