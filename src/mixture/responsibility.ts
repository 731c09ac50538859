/**
 * @file Who belongs where: posteriors over classes, random draws from them, and the classes' prior weights.
 *
 *     p_ik ∝ π_k exp(e_ik / T)        π_k = (Σ_i p_ik + α) / (N + K α)
 *
 * e is the log-evidence of image i under class k, T the class temperature, α the Dirichlet prior's weight.
 */
import type { Random } from "../core/random.js";

/** Row `at` of posteriors from K log-evidences, written into `out[at..at+K)`. Classes at −Infinity get 0. */
export function posteriorInto(
  out: Float32Array,
  at: number,
  evidence: ArrayLike<number>,
  evidenceAt: number,
  weights: Float64Array,
  temperature: number,
): void {
  const K = weights.length;
  let top = -Infinity;
  for (let k = 0; k < K; k++) top = Math.max(top, evidence[evidenceAt + k]! / temperature + Math.log(weights[k]!));
  let sum = 0;
  for (let k = 0; k < K; k++) {
    const p = Math.exp(evidence[evidenceAt + k]! / temperature + Math.log(weights[k]!) - top);
    out[at + k] = p;
    sum += p;
  }
  for (let k = 0; k < K; k++) out[at + k]! /= sum;
}

/** An index drawn with probability proportional to `weights[from..from+count)`. */
export function drawIndex(weights: ArrayLike<number>, from: number, count: number, random: Random): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += weights[from + i]!;
  let u = random.uniform() * sum;
  for (let i = 0; i < count - 1; i++) {
    u -= weights[from + i]!;
    if (u < 0) return i;
  }
  return count - 1;
}

/** Largest of `values[from..from+count)`. */
export function largestIndex(values: ArrayLike<number>, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[from + i]! > values[from + best]!) best = i;
  return best;
}

/** π from the posteriors of the visited images; `prior` is α as a fraction of N/K. */
export function classWeights(posterior: Float32Array, classes: Int32Array, K: number, prior: number): Float64Array {
  const counts = new Float64Array(K).fill((prior * classes.length) / K);
  for (let i = 0; i < classes.length; i++)
    if (classes[i]! >= 0) for (let k = 0; k < K; k++) counts[k]! += posterior[i * K + k]!;
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => count / total);
}
