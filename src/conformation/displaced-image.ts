/** @file An image moved: its transform times the phase of a displacement. */
import type { HalfPlane } from "../imaging/half-plane.js";

/** y · exp(+2πi k·t / box) at the first `points` points, which undoes a displacement by t = (tx, ty) pixels. */
export function displaceInto(
  out: Float32Array,
  y: Float32Array,
  { kx, ky, box }: HalfPlane,
  points: number,
  tx: number,
  ty: number,
): void {
  const theta = (2 * Math.PI) / box;
  for (let p = 0; p < points; p++) {
    const angle = theta * (kx[p]! * tx + ky[p]! * ty);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const [re, im] = [y[2 * p]!, y[2 * p + 1]!];
    out[2 * p] = re * c - im * s;
    out[2 * p + 1] = re * s + im * c;
  }
}
