/** @file Classes of the published method: p = softmax(s), from the score table alone. */

/** Float64[K] of the scores at `scores[at..at+K)`. */
export function classProbabilities(scores: Float32Array, at: number, K: number): Float64Array {
  const row = scores.subarray(at, at + K);
  const top = Math.max(...row);
  const weights = Float64Array.from(row, (s) => Math.exp(s - top));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}
