/** @file Square grids of shifts around zero, pixels, and their phases. */
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
  const step = (2 * Math.PI) / plane.box;
  for (let p = 0; p < points; p++) {
    const angle = step * (plane.kx[p]! * tx + plane.ky[p]! * ty);
    out[2 * p] = Math.cos(angle);
    out[2 * p + 1] = Math.sin(angle);
  }
  return out;
}
