/**
 * @file Score of a pose, its gradient, and the Gauss–Newton precision, in one pass over the points.
 *
 * A small turn ω in the camera's frame, R → exp([ω]×) R, and a small shift t move the model m = C·S by
 *
 *     ∂S/∂ωx = −ky S_z,  ∂S/∂ωy = kx S_z,  ∂S/∂ωz = ky S_x − kx S_y,   ∂m/∂t = −i (2π/box) k m
 *
 * with S_x, S_y, S_z the derivatives of the transform along the rows of R. With J = (∂m/∂ω, ∂m/∂t) the gradient of
 * the score is Re J*(x − m) and the precision (inverse covariance) of the pose Re J*J, noise having variance 1.
 */
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { HalfPlane } from "../imaging/half-plane.js";

/** Parameters of a pose: ωx, ωy, ωz in rad, tx, ty in pixels. */
export const PARAMETERS = 5;

export interface NormalEquations {
  score: number;
  /** Float64[5] */
  readonly gradient: Float64Array;
  /** Float64[5 5] */
  readonly precision: Float64Array;
}

export function emptyNormalEquations(): NormalEquations {
  return { score: 0, gradient: new Float64Array(PARAMETERS), precision: new Float64Array(PARAMETERS ** 2) };
}

/** Arguments as in pose-score.ts. */
export function normalEquationsInto(
  out: NormalEquations,
  raster: FourierRaster,
  plane: HalfPlane,
  points: number,
  y: Float32Array,
  squares: Float32Array,
  pose: ArrayLike<number>,
  at: number,
): void {
  const { size, values: f, oversampling } = raster;
  const { kx, ky } = plane;
  const theta = (2 * Math.PI) / plane.box;
  const middle = (size - 1) / 2;
  const ax = pose[at]! * oversampling;
  const ay = pose[at + 1]! * oversampling;
  const az = pose[at + 2]! * oversampling;
  const bx = pose[at + 3]! * oversampling;
  const by = pose[at + 4]! * oversampling;
  const bz = pose[at + 5]! * oversampling;
  // Third row of R, in grid cells like the other two.
  const cx = (ay * bz - az * by) / oversampling;
  const cy = (az * bx - ax * bz) / oversampling;
  const cz = (ax * by - ay * bx) / oversampling;
  const stepY = 2 * size;
  const stepZ = stepY * size;
  let score = 0;
  let [g0, g1, g2, g3, g4] = [0, 0, 0, 0, 0];
  let [h00, h01, h02, h03, h04, h11, h12, h13, h14, h22, h23, h24, h33, h34, h44] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ];
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
    // Along x, then y, then z; d for the derivative along x.
    const dr0 = f[i + 2]! - f[i]!;
    const dr1 = f[j + 2]! - f[j]!;
    const dr2 = f[k + 2]! - f[k]!;
    const dr3 = f[l + 2]! - f[l]!;
    const ds0 = f[i + 3]! - f[i + 1]!;
    const ds1 = f[j + 3]! - f[j + 1]!;
    const ds2 = f[k + 3]! - f[k + 1]!;
    const ds3 = f[l + 3]! - f[l + 1]!;
    const r0 = f[i]! + x * dr0;
    const r1 = f[j]! + x * dr1;
    const r2 = f[k]! + x * dr2;
    const r3 = f[l]! + x * dr3;
    const s0 = f[i + 1]! + x * ds0;
    const s1 = f[j + 1]! + x * ds1;
    const s2 = f[k + 1]! + x * ds2;
    const s3 = f[l + 1]! + x * ds3;
    const re0 = r0 + fy * (r1 - r0);
    const re1 = r2 + fy * (r3 - r2);
    const im0 = s0 + fy * (s1 - s0);
    const im1 = s2 + fy * (s3 - s2);
    const re = re0 + fz * (re1 - re0);
    const im = im0 + fz * (im1 - im0);
    const gy = 1 - fy;
    const gz = 1 - fz;
    const reX = gz * (gy * dr0 + fy * dr1) + fz * (gy * dr2 + fy * dr3);
    const imX = gz * (gy * ds0 + fy * ds1) + fz * (gy * ds2 + fy * ds3);
    const reY = gz * (r1 - r0) + fz * (r3 - r2);
    const imY = gz * (s1 - s0) + fz * (s3 - s2);
    const reZ = re1 - re0;
    const imZ = im1 - im0;
    const reC = reX * cx + reY * cy + reZ * cz;
    const imC = imX * cx + imY * cy + imZ * cz;
    // Derivatives for the three turns and, times i, for the two shifts.
    const re_0 = -v * reC;
    const im_0 = -v * imC;
    const re_1 = u * reC;
    const im_1 = u * imC;
    const re_2 = v * (reX * ax + reY * ay + reZ * az) - u * (reX * bx + reY * by + reZ * bz);
    const im_2 = v * (imX * ax + imY * ay + imZ * az) - u * (imX * bx + imY * by + imZ * bz);
    const c = squares[p]!;
    const yr = y[2 * p]!;
    const yi = y[2 * p + 1]!;
    const dr = yr - c * re;
    const di = yi - c * im;
    score += re * (yr - 0.5 * c * re) + im * (yi - 0.5 * c * im);
    g0 += re_0 * dr + im_0 * di;
    g1 += re_1 * dr + im_1 * di;
    g2 += re_2 * dr + im_2 * di;
    const crossed = theta * (im * yr - re * yi);
    g3 += u * crossed;
    g4 += v * crossed;
    h00 += c * (re_0 * re_0 + im_0 * im_0);
    h01 += c * (re_0 * re_1 + im_0 * im_1);
    h02 += c * (re_0 * re_2 + im_0 * im_2);
    h11 += c * (re_1 * re_1 + im_1 * im_1);
    h12 += c * (re_1 * re_2 + im_1 * im_2);
    h22 += c * (re_2 * re_2 + im_2 * im_2);
    const t0 = c * theta * (im * re_0 - re * im_0);
    const t1 = c * theta * (im * re_1 - re * im_1);
    const t2 = c * theta * (im * re_2 - re * im_2);
    h03 += u * t0;
    h04 += v * t0;
    h13 += u * t1;
    h14 += v * t1;
    h23 += u * t2;
    h24 += v * t2;
    const power = c * theta * theta * (re * re + im * im);
    h33 += u * u * power;
    h34 += u * v * power;
    h44 += v * v * power;
  }
  out.score = score;
  out.gradient.set([g0, g1, g2, g3, g4]);
  out.precision.set([h00, h01, h02, h03, h04, h01, h11, h12, h13, h14, h02, h12, h22, h23, h24]);
  out.precision.set([h03, h13, h23, h33, h34, h04, h14, h24, h34, h44], 15);
}
