/** @file Square grids of shifts around zero, pixels, their phases, and the best shift of one rotation. */
import { check } from "../core/errors.js";
import type { HalfPlane } from "../imaging/half-plane.js";

/** Float64[count 2] (x, y): a square lattice of `stepPixels` whose cells cover the disc of `rangePixels`, zero included. */
export function shiftGrid(rangePixels: number, stepPixels: number): Float64Array {
  check(rangePixels >= 0, "rangePixels", "a range of at least 0 pixels", rangePixels);
  check(stepPixels > 0, "stepPixels", "a positive step in pixels", stepPixels);
  const reach = Math.max(0, Math.ceil(rangePixels / stepPixels - 0.5 - 1e-9));
  const nearest = (cell: number): number => Math.max(0, Math.abs(cell) - 0.5) * stepPixels;
  const shifts: number[] = [];
  for (let y = -reach; y <= reach; y++)
    for (let x = -reach; x <= reach; x++)
      if (Math.hypot(nearest(x), nearest(y)) <= rangePixels) shifts.push(x * stepPixels, y * stepPixels);
  return Float64Array.from(shifts);
}

/** exp(+2πi k·t/box), the factor that moves a particle displaced by t back to the centre: Float32[points 2]. */
export function shiftPhases(plane: HalfPlane, points: number, tx: number, ty: number): Float32Array {
  const out = new Float32Array(2 * points);
  for (let p = 0; p < points; p++) {
    const angle = (2 * Math.PI * (plane.kx[p]! * tx + plane.ky[p]! * ty)) / plane.box;
    out[2 * p] = Math.cos(angle);
    out[2 * p + 1] = Math.sin(angle);
  }
  return out;
}

/** exp(i k step) for k = −reach … reach: Float64[2 reach + 1, 2]. */
function wave(step: number, reach: number): Float64Array {
  const out = new Float64Array(2 * (2 * reach + 1));
  out[2 * reach] = 1;
  for (let k = 1, up = 2 * reach + 2, down = 2 * reach - 2; k <= reach; k++, up += 2, down -= 2) {
    const c = Math.cos(k * step);
    const s = Math.sin(k * step);
    out[up] = c;
    out[up + 1] = s;
    out[down] = c;
    out[down + 1] = -s;
  }
  return out;
}

/**
 * Index of the shift with the largest Re Σ cross · phase, for cross = conj(S)·y of one rotation, Float32[points 2].
 * Sums over kx first, then over ky, as a two-dimensional transform does.
 */
export function createBestShift(
  plane: HalfPlane,
  points: number,
  shifts: Float64Array,
): (cross: Float32Array) => number {
  const count = shifts.length / 2;
  const xs = [...new Set(Array.from({ length: count }, (_, t) => shifts[2 * t]!))];
  const column = Int32Array.from({ length: count }, (_, t) => xs.indexOf(shifts[2 * t]!));
  const reach = points === 0 ? 0 : Math.ceil(Math.hypot(plane.kx[points - 1]!, plane.ky[points - 1]!));
  const width = 2 * xs.length;
  const step = (2 * Math.PI) / plane.box;
  const wavesX = Float64Array.from({ length: (reach + 1) * width }, (_, i) => {
    const angle = step * Math.floor(i / width) * xs[(i % width) >> 1]!;
    return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });
  const rows = 2 * reach + 1;
  const wavesY = Array.from({ length: count }, (_, t) => wave(step * shifts[2 * t + 1]!, reach));
  const sums = new Float64Array(rows * width);
  return (cross) => {
    sums.fill(0);
    for (let p = 0; p < points; p++) {
      const re = cross[2 * p]!;
      const im = cross[2 * p + 1]!;
      const to = (plane.ky[p]! + reach) * width;
      const from = plane.kx[p]! * width;
      for (let i = 0; i < width; i += 2) {
        const c = wavesX[from + i]!;
        const s = wavesX[from + i + 1]!;
        sums[to + i]! += re * c - im * s;
        sums[to + i + 1]! += re * s + im * c;
      }
    }
    let best = 0;
    let bestScore = -Infinity;
    for (let t = 0; t < count; t++) {
      const wavesOfShift = wavesY[t]!;
      let score = 0;
      for (let row = 0, at = 2 * column[t]!; row < rows; row++, at += width)
        score += sums[at]! * wavesOfShift[2 * row]! - sums[at + 1]! * wavesOfShift[2 * row + 1]!;
      if (score > bestScore) {
        bestScore = score;
        best = t;
      }
    }
    return best;
  };
}
