/**
 * @file Conformations by maximum a posteriori inference, given the pose (design 6.5).
 *
 * One Gauss-Newton step on the image's own likelihood under a standard-normal prior: with the field's values f and
 * slopes ∂f/∂z at the image's Fourier points (both halves of the plane, Hartley values t of the centred image),
 *
 *     H = ½ Σ g² (∂f/∂z)(∂f/∂z)ᵀ      b = ½ Σ g (t − g f) ∂f/∂z      z ← z + (1 + H)⁻¹ (b − z)
 *
 * g = CTF · envelope; ½ because t carries noise of variance 2. (1 + H)⁻¹ is z's posterior covariance.
 */
import { Matrix, solve } from "ml-matrix";
import type { FieldLineariser } from "../field/evaluator.js";
import type { Field } from "../field/field.js";
import type { PointSampler } from "./training-points.js";

/** Estimates are kept within ± this on every axis. */
const REACH = 2.5;
/** Images per run of the slopes program. */
const CHUNK = 8;

/** Images of one class with their poses, and their conformations, which are changed in place. */
export interface FlexingImages {
  readonly images: readonly number[];
  /** Float32[images 9], pose rows. */
  readonly poses: Float32Array;
  /** Float32[images zDim] */
  readonly z: Float32Array;
}

/** One Gauss-Newton step of every image's conformation, in place. */
export async function updateLatents(
  lineariser: FieldLineariser,
  sampler: PointSampler,
  field: Field,
  flexing: FlexingImages,
  radius: number,
): Promise<void> {
  const { zDim } = field.config;
  for (let start = 0; start < flexing.images.length; start += CHUNK) {
    const end = Math.min(flexing.images.length, start + CHUNK);
    const all = sampler.wholeImages(flexing, start, end, radius);
    const perImage = all.gain.length / (end - start);
    const { values, slopes } = await lineariser.linearise(field, all.k, all.z);
    for (let i = 0; i < end - start; i++) {
      const z = flexing.z.subarray((start + i) * zDim, (start + i + 1) * zDim);
      const H = Matrix.eye(zDim);
      const b = new Float64Array(zDim);
      for (let p = i * perImage; p < (i + 1) * perImage; p++) {
        const g = all.gain[p]!;
        const misfit = all.target[p]! - g * values[p]!;
        for (let u = 0; u < zDim; u++) {
          const slope = 0.5 * g * slopes[p * zDim + u]!;
          b[u]! += slope * misfit;
          for (let v = 0; v < zDim; v++) H.set(u, v, H.get(u, v) + slope * g * slopes[p * zDim + v]!);
        }
      }
      const step = solve(H, Matrix.columnVector(Array.from(b, (value, u) => value - z[u]!)));
      for (let u = 0; u < zDim; u++) z[u] = Math.max(-REACH, Math.min(REACH, z[u]! + step.get(u, 0)));
    }
  }
}

/**
 * Bring the conformations of one class to mean 0 and deviation 1, and change the field so that it does not notice:
 * z = s z′ + m enters as z·L + a = z′·(s L) + (a + m·L).
 */
export function standardiseLatents(field: Field, z: Float32Array): void {
  const { zDim, width } = field.config;
  const latent = field.weights["input.latent"]!;
  const bias = field.weights["input.bias"]!;
  const count = z.length / zDim;
  for (let j = 0; j < zDim; j++) {
    let mean = 0;
    let square = 0;
    for (let i = 0; i < count; i++) {
      mean += z[i * zDim + j]! / count;
      square += z[i * zDim + j]! ** 2 / count;
    }
    const deviation = Math.sqrt(Math.max(1e-4, square - mean * mean));
    for (let i = 0; i < count; i++) z[i * zDim + j] = (z[i * zDim + j]! - mean) / deviation;
    for (let u = 0; u < width; u++) {
      bias[u]! += mean * latent[j * width + u]!;
      latent[j * width + u]! *= deviation;
    }
  }
}

/** Anchors where fields are rasterised: 0, then +1 and −1 on each axis, in standard deviations. */
export function anchors(zDim: number): readonly Float32Array[] {
  const out = [new Float32Array(zDim)];
  for (let j = 0; j < zDim; j++)
    for (const a of [1, -1]) out.push(Float32Array.from({ length: zDim }, (_, i) => (i === j ? a : 0)));
  return out;
}

/** Index of the anchor nearest to `z[from..from+zDim)`. */
export function nearestAnchor(z: Float32Array, from: number, zDim: number): number {
  let best = 0;
  let reach = 0.5;
  for (let j = 0; j < zDim; j++) {
    const value = z[from + j]!;
    if (Math.abs(value) <= reach) continue;
    reach = Math.abs(value);
    best = value > 0 ? 1 + 2 * j : 2 + 2 * j;
  }
  return best;
}
