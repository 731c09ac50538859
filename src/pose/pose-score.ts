/**
 * @file The score of one pose: slice and comparison in one pass, so that no slice is written down.
 *
 * score = Σ Re(conj(S) y) − ½ C² |S|², S the slice of the raster (fourier-raster.ts) by trilinear look-up,
 * y = C·x moved back to the centre.
 */
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { HalfPlane } from "../imaging/half-plane.js";

/** The score of the pose row at `pose[at]` over the first `points`; `y` has that pose's shift taken out. */
export function poseScore(
  raster: FourierRaster,
  plane: HalfPlane,
  points: number,
  y: Float32Array,
  squares: Float32Array,
  pose: ArrayLike<number>,
  at: number,
): number {
  const { size, values: f, oversampling } = raster;
  const { kx, ky } = plane;
  const middle = (size - 1) / 2;
  const ax = pose[at]! * oversampling;
  const ay = pose[at + 1]! * oversampling;
  const az = pose[at + 2]! * oversampling;
  const bx = pose[at + 3]! * oversampling;
  const by = pose[at + 4]! * oversampling;
  const bz = pose[at + 5]! * oversampling;
  const stepY = 2 * size;
  const stepZ = stepY * size;
  let score = 0;
  for (let p = 0; p < points; p++) {
    const u = kx[p]!;
    const v = ky[p]!;
    const px = u * ax + v * bx + middle;
    const py = u * ay + v * by + middle;
    const pz = u * az + v * bz + middle;
    const ix = px | 0;
    const iy = py | 0;
    const iz = pz | 0;
    const x = px - ix;
    const fy = py - iy;
    const fz = pz - iz;
    const i = iz * stepZ + iy * stepY + 2 * ix;
    const j = i + stepY;
    const k = i + stepZ;
    const l = k + stepY;
    const r0 = f[i]! + x * (f[i + 2]! - f[i]!);
    const r1 = f[j]! + x * (f[j + 2]! - f[j]!);
    const r2 = f[k]! + x * (f[k + 2]! - f[k]!);
    const r3 = f[l]! + x * (f[l + 2]! - f[l]!);
    const s0 = f[i + 1]! + x * (f[i + 3]! - f[i + 1]!);
    const s1 = f[j + 1]! + x * (f[j + 3]! - f[j + 1]!);
    const s2 = f[k + 1]! + x * (f[k + 3]! - f[k + 1]!);
    const s3 = f[l + 1]! + x * (f[l + 3]! - f[l + 1]!);
    const re0 = r0 + fy * (r1 - r0);
    const im0 = s0 + fy * (s1 - s0);
    const re = re0 + fz * (r2 + fy * (r3 - r2) - re0);
    const im = im0 + fz * (s2 + fy * (s3 - s2) - im0);
    score += re * y[2 * p]! + im * y[2 * p + 1]! - 0.5 * squares[p]! * (re * re + im * im);
  }
  return score;
}
