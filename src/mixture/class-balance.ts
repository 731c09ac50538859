/**
 * @file Equal shares while classes take shape: an offset on each class's log-evidence.
 *
 * The first class to find any structure explains every image better than its neighbours, takes all of them, and
 * the rest never learn: rich get richer. With offsets b such that mean_i softmax_k((e_ik + b_k)/T) = 1/K, an image
 * goes to the class that suits it better *than it suits other images*. The offsets fade before the class sizes are
 * read off, so unequal species end unequal. (The Sinkhorn step of optimal transport, one marginal only.)
 */
const ROUNDS = 20;
const DAMPING = 0.7;

/** Offsets for visited images: `evidence` Float32[count K], `classes` Int32[count] with −1 for unvisited ones. */
export function balancingOffsets(
  evidence: Float32Array,
  classes: Int32Array,
  start: Float64Array,
  temperature: number,
): Float64Array {
  const K = start.length;
  let offsets = start.slice();
  for (let round = 0; round < ROUNDS; round++) {
    const shares = meanPosterior(evidence, classes, offsets, temperature);
    offsets = offsets.map((b, k) => b - DAMPING * temperature * Math.log(K * Math.max(1e-6, shares[k]!)));
  }
  return offsets;
}

function meanPosterior(
  evidence: Float32Array,
  classes: Int32Array,
  offsets: Float64Array,
  temperature: number,
): Float64Array {
  const K = offsets.length;
  const mean = new Float64Array(K);
  const row = new Float64Array(K);
  let visited = 0;
  for (let i = 0; i < classes.length; i++) {
    if (classes[i]! < 0) continue;
    visited++;
    let top = -Infinity;
    for (let k = 0; k < K; k++) {
      row[k] = (evidence[i * K + k]! + offsets[k]!) / temperature;
      top = Math.max(top, row[k]!);
    }
    let sum = 0;
    for (let k = 0; k < K; k++) {
      row[k] = Math.exp(row[k]! - top);
      sum += row[k]!;
    }
    for (let k = 0; k < K; k++) mean[k]! += row[k]! / sum;
  }
  return visited === 0 ? mean.fill(1 / K) : mean.map((m) => m / visited);
}
