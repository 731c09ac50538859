/**
 * @file Log-likelihood of an image's pose and conformation together, its gradient, and the Gauss–Newton precision.
 *
 * The model is m = C (S₀ + Σ_j z_j S_j), S the slices of a linear subspace. Turn ω (camera's frame) and shift t act on
 * the whole as in pose/normal-equations.ts; z_j acts by its own slice, ∂m/∂z_j = C S_j. With a standard-normal prior on z
 *
 *     score = Re⟨m, x⟩ − ½‖m‖² − ½|z|²      gradient = Re J*(x − m) − (0, z)      precision = Re J*J + diag(0, 1)
 *
 * The joint precision is what tells a motion from an error of the pose that looks like it: the covariance of z given the
 * image alone is the z-block of its inverse, wider than the inverse of its z-block.
 */
import type { HalfPlane } from "../imaging/half-plane.js";
import type { LinearSubspace } from "./linear-subspace.js";

/** ωx, ωy, ωz in rad, tx, ty in pixels; the coordinates of z follow. */
export const POSE_PARAMETERS = 5;

export interface JointEquations {
  score: number;
  /** Float64[5+zDim] */
  readonly gradient: Float64Array;
  /** Float64[5+zDim 5+zDim] */
  readonly precision: Float64Array;
}

export function emptyJointEquations(zDim: number): JointEquations {
  const n = POSE_PARAMETERS + zDim;
  return { score: 0, gradient: new Float64Array(n), precision: new Float64Array(n * n) };
}

/** What is known of one image: C·x with the shift undone, and C², at the first `points` points. */
export interface CentredImage {
  /** Float32[points 2] */
  readonly y: Float32Array;
  /** Float32[points] */
  readonly squares: Float32Array;
}

/** Evaluate at the pose rows `pose[0..5]` and conformation z. Pose entries of the result are 0 unless `withPose`. */
export function jointEquationsInto(
  out: JointEquations,
  { values: f, size, oversampling, zDim }: LinearSubspace,
  plane: HalfPlane,
  points: number,
  { y, squares }: CentredImage,
  pose: ArrayLike<number>,
  z: ArrayLike<number>,
  withPose = true,
): void {
  const n = POSE_PARAMETERS + zDim;
  const { kx, ky } = plane;
  const { gradient, precision } = out;
  const theta = (2 * Math.PI) / plane.box;
  const middle = (size - 1) / 2;
  const [ax, ay, az] = [pose[0]! * oversampling, pose[1]! * oversampling, pose[2]! * oversampling];
  const [bx, by, bz] = [pose[3]! * oversampling, pose[4]! * oversampling, pose[5]! * oversampling];
  const cx = (ay * bz - az * by) / oversampling;
  const cy = (az * bx - ax * bz) / oversampling;
  const cz = (ax * by - ay * bx) / oversampling;
  const stepX = 2 * (1 + zDim);
  const stepY = stepX * size;
  const stepZ = stepY * size;
  const corners = [0, stepX, stepY, stepY + stepX, stepZ, stepZ + stepX, stepZ + stepY, stepZ + stepY + stepX];
  const weight = new Float64Array(8);
  const re8 = new Float64Array(8);
  const im8 = new Float64Array(8);
  const jr = new Float64Array(n);
  const ji = new Float64Array(n);
  const first = withPose ? 0 : POSE_PARAMETERS;
  gradient.fill(0);
  precision.fill(0);
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
    const w00 = (1 - fz) * (1 - fy);
    const w01 = (1 - fz) * fy;
    const w10 = fz * (1 - fy);
    const w11 = fz * fy;
    weight[0] = w00 * (1 - x);
    weight[1] = w00 * x;
    weight[2] = w01 * (1 - x);
    weight[3] = w01 * x;
    weight[4] = w10 * (1 - x);
    weight[5] = w10 * x;
    weight[6] = w11 * (1 - x);
    weight[7] = w11 * x;
    const base = iz * stepZ + iy * stepY + ix * stepX;
    for (let j = 0; j < zDim; j++) jr[POSE_PARAMETERS + j] = ji[POSE_PARAMETERS + j] = 0;
    // The model at the eight corners, and every mode's slice.
    let re = 0;
    let im = 0;
    for (let corner = 0; corner < 8; corner++) {
      let at = base + corners[corner]!;
      const t = weight[corner]!;
      let r = f[at]!;
      let i = f[at + 1]!;
      for (let j = 0; j < zDim; j++) {
        at += 2;
        const modeRe = f[at]!;
        const modeIm = f[at + 1]!;
        jr[POSE_PARAMETERS + j]! += t * modeRe;
        ji[POSE_PARAMETERS + j]! += t * modeIm;
        r += z[j]! * modeRe;
        i += z[j]! * modeIm;
      }
      re8[corner] = r;
      im8[corner] = i;
      re += t * r;
      im += t * i;
    }
    if (withPose) {
      const gx = 1 - x;
      const gy = 1 - fy;
      const gz = 1 - fz;
      const reX = slope(re8, 1, w00, w01, w10, w11);
      const imX = slope(im8, 1, w00, w01, w10, w11);
      const reY = slope(re8, 2, gz * gx, gz * x, fz * gx, fz * x);
      const imY = slope(im8, 2, gz * gx, gz * x, fz * gx, fz * x);
      const reZ = slope(re8, 4, gy * gx, gy * x, fy * gx, fy * x);
      const imZ = slope(im8, 4, gy * gx, gy * x, fy * gx, fy * x);
      const reC = reX * cx + reY * cy + reZ * cz;
      const imC = imX * cx + imY * cy + imZ * cz;
      jr[0] = -v * reC;
      ji[0] = -v * imC;
      jr[1] = u * reC;
      ji[1] = u * imC;
      jr[2] = v * (reX * ax + reY * ay + reZ * az) - u * (reX * bx + reY * by + reZ * bz);
      ji[2] = v * (imX * ax + imY * ay + imZ * az) - u * (imX * bx + imY * by + imZ * bz);
      jr[3] = theta * u * im;
      ji[3] = -theta * u * re;
      jr[4] = theta * v * im;
      ji[4] = -theta * v * re;
    }
    const c = squares[p]!;
    const yr = y[2 * p]!;
    const yi = y[2 * p + 1]!;
    const dr = yr - c * re;
    const di = yi - c * im;
    score += re * (yr - 0.5 * c * re) + im * (yi - 0.5 * c * im);
    for (let a = first; a < n; a++) {
      const r = jr[a]!;
      const i = ji[a]!;
      gradient[a]! += r * dr + i * di;
      for (let b = first; b <= a; b++) precision[a * n + b]! += c * (r * jr[b]! + i * ji[b]!);
    }
  }
  for (let j = 0; j < zDim; j++) {
    const a = POSE_PARAMETERS + j;
    score -= 0.5 * z[j]! * z[j]!;
    gradient[a]! -= z[j]!;
    precision[a * n + a]! += 1;
  }
  for (let a = 0; a < n; a++) for (let b = 0; b < a; b++) precision[b * n + a] = precision[a * n + b]!;
  out.score = score;
}

/** Derivative along the axis whose corners lie `step` apart (1, 2 or 4), the others weighted by w. */
function slope(f: Float64Array, step: 1 | 2 | 4, w0: number, w1: number, w2: number, w3: number): number {
  if (step === 1) return w0 * (f[1]! - f[0]!) + w1 * (f[3]! - f[2]!) + w2 * (f[5]! - f[4]!) + w3 * (f[7]! - f[6]!);
  if (step === 2) return w0 * (f[2]! - f[0]!) + w1 * (f[3]! - f[1]!) + w2 * (f[6]! - f[4]!) + w3 * (f[7]! - f[5]!);
  return w0 * (f[4]! - f[0]!) + w1 * (f[5]! - f[1]!) + w2 * (f[6]! - f[2]!) + w3 * (f[7]! - f[3]!);
}
