/** @file An image on a ring of directions: the matrix that samples it in polar coordinates, by cubic convolution (Keys 1981). */
import { cubicWeights } from "./in-plane.js";

/** The outermost radius, of half the image's side. */
const REACH = 0.9;

/**
 * Float32[side side, angles radii]: image (row-major, origin at pixel side/2) times this is its values at angle
 * 2π a / angles from x towards y, and radius (r + ½) · 0.9 side / 2 / radii.
 */
export function polarSamples(side: number, angles: number, radii: number): Float32Array {
  const out = new Float32Array(side * side * angles * radii);
  const [wx, wy] = [new Float64Array(4), new Float64Array(4)];
  for (let a = 0; a < angles; a++)
    for (let r = 0; r < radii; r++) {
      const radius = ((r + 0.5) * REACH * side) / 2 / radii;
      const x = side / 2 + radius * Math.cos((2 * Math.PI * a) / angles);
      const y = side / 2 + radius * Math.sin((2 * Math.PI * a) / angles);
      const [ix, iy] = [Math.floor(x + 1e-9), Math.floor(y + 1e-9)];
      cubicWeights(wx, x - ix);
      cubicWeights(wy, y - iy);
      for (let j = 0; j < 4; j++)
        for (let i = 0; i < 4; i++) {
          const [column, row] = [ix - 1 + i, iy - 1 + j];
          if (column < 0 || row < 0 || column >= side || row >= side) continue;
          out[(row * side + column) * angles * radii + a * radii + r]! += wx[i]! * wy[j]!;
        }
    }
  return out;
}
