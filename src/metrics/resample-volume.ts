/** @file A map seen in another frame, by cubic interpolation (Keys 1981, a = −½). Outside the box it is zero. */
import type { Volume } from "../core/types.js";

/**
 * The map V'(p) = V(Q (p − s)): Q nine numbers, row-major, orthogonal, either hand; s in Å, from the box centre.
 */
export function resampleVolume(
  volume: Volume,
  frame: ArrayLike<number>,
  shiftAngstrom: readonly [number, number, number] = [0, 0, 0],
): Volume {
  const { box, pixelSizeAngstrom, values } = volume;
  const centre = box / 2;
  const shift = shiftAngstrom.map((s) => s / pixelSizeAngstrom);
  const out = new Float32Array(values.length);
  const weights = new Float64Array(12);
  for (let z = 0, at = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, at++) {
        const [px, py, pz] = [x - centre - shift[0]!, y - centre - shift[1]!, z - centre - shift[2]!];
        const sx = frame[0]! * px + frame[1]! * py + frame[2]! * pz + centre;
        const sy = frame[3]! * px + frame[4]! * py + frame[5]! * pz + centre;
        const sz = frame[6]! * px + frame[7]! * py + frame[8]! * pz + centre;
        out[at] = interpolate(values, box, sx, sy, sz, weights);
      }
  return { ...volume, values: out };
}

function interpolate(
  values: Float32Array,
  box: number,
  x: number,
  y: number,
  z: number,
  weights: Float64Array,
): number {
  const [ix, iy, iz] = [Math.floor(x) - 1, Math.floor(y) - 1, Math.floor(z) - 1];
  if (ix < -3 || iy < -3 || iz < -3 || ix >= box || iy >= box || iz >= box) return 0;
  cubicInto(weights, 0, x - ix - 1);
  cubicInto(weights, 4, y - iy - 1);
  cubicInto(weights, 8, z - iz - 1);
  let sum = 0;
  for (let k = 0; k < 4; k++) {
    if (iz + k < 0 || iz + k >= box) continue;
    for (let j = 0; j < 4; j++) {
      if (iy + j < 0 || iy + j >= box) continue;
      const row = ((iz + k) * box + iy + j) * box;
      let line = 0;
      for (let i = 0; i < 4; i++) if (ix + i >= 0 && ix + i < box) line += weights[i]! * values[row + ix + i]!;
      sum += weights[8 + k]! * weights[4 + j]! * line;
    }
  }
  return sum;
}

/** Weights of the four neighbours at −1, 0, 1, 2 of a point at t in [0, 1). */
function cubicInto(out: Float64Array, at: number, t: number): void {
  out[at] = t * (-0.5 + t * (1 - 0.5 * t));
  out[at + 1] = 1 + t * t * (-2.5 + 1.5 * t);
  out[at + 2] = t * (0.5 + t * (2 - 1.5 * t));
  out[at + 3] = t * t * (-0.5 + 0.5 * t);
}
