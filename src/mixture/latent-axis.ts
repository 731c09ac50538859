/**
 * @file Conformations from evidence at anchors: one parabola per latent axis.
 *
 * With e(0), e(+a), e(−a) the log-evidence of an image at three points of axis j, each at its own best pose,
 *
 *     g = (e₊ − e₋) / 2a,   h = (e₊ + e₋ − 2e₀) / a²,   z_j = g / (1 − h)     maximises e(z) − ½ z²
 *
 * the maximum a posteriori estimate under a standard-normal prior (design 6.5). Axes are taken one by one.
 */
import type { Field } from "../field/field.js";

/** Anchors lie at 0 and ± this on every axis. */
export const ANCHOR = 1;
/** Estimates are kept within ± this. */
const REACH = 2.5;

/** The anchors of a latent of length zDim: 0, then +a and −a on each axis. */
export function anchors(zDim: number): readonly Float32Array[] {
  const out = [new Float32Array(zDim)];
  for (let j = 0; j < zDim; j++)
    for (const a of [ANCHOR, -ANCHOR]) out.push(Float32Array.from({ length: zDim }, (_, i) => (i === j ? a : 0)));
  return out;
}

/** Float32[zDim] from the log-evidences of `anchors(zDim)`, into `out` from `at` on. */
export function latentFromAnchors(
  out: Float32Array,
  at: number,
  evidence: ArrayLike<number>,
  from: number,
  zDim: number,
): void {
  const rest = evidence[from]!;
  for (let j = 0; j < zDim; j++) {
    const plus = evidence[from + 1 + 2 * j]!;
    const minus = evidence[from + 2 + 2 * j]!;
    const slope = (plus - minus) / (2 * ANCHOR);
    const curvature = (plus + minus - 2 * rest) / ANCHOR ** 2;
    const z = curvature < 0.5 ? slope / (1 - curvature) : Math.sign(slope) * REACH;
    out[at + j] = Math.max(-REACH, Math.min(REACH, z));
  }
}

/**
 * Bring the latents of one class to mean 0 and deviation 1, and change the field so that it does not notice:
 * z = s z′ + m enters as z·L + a = z′·(s L) + (a + m·L). `members` are rows of `z`.
 */
export function standardiseLatents(field: Field, z: Float32Array, members: readonly number[]): void {
  const { zDim, width } = field.config;
  const latent = field.weights["input.latent"]!;
  const bias = field.weights["input.bias"]!;
  if (members.length < 8) return;
  for (let j = 0; j < zDim; j++) {
    let mean = 0;
    let square = 0;
    for (const i of members) {
      mean += z[i * zDim + j]! / members.length;
      square += z[i * zDim + j]! ** 2 / members.length;
    }
    const deviation = Math.sqrt(Math.max(1e-4, square - mean * mean));
    for (const i of members) z[i * zDim + j] = (z[i * zDim + j]! - mean) / deviation;
    for (let u = 0; u < width; u++) {
      bias[u]! += mean * latent[j * width + u]!;
      latent[j * width + u]! *= deviation;
    }
  }
}
