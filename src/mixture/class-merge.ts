/**
 * @file From more classes than species to as many as asked for: duplicates are dropped.
 *
 * Two classes that hold the same species explain each other's images almost as well as their own; two species do
 * not. The gap between classes a and b is the mean log-evidence that their images lose when they change places:
 *
 *     gap(a, b) = [ Σ_{i∈a} (e_ia − e_ib) + Σ_{i∈b} (e_ib − e_ia) ] / (n_a + n_b)
 *
 * A mirror image explains the same projections, so opposite hands count as duplicates. Of the closest pair the one
 * that explains the images of both better is kept; its partner's images choose again.
 */
import { largestIndex } from "./responsibility.js";

/** Which of `count` classes to keep, ascending, `keep` of them. `evidence`: Float32[images count]. */
export function classesToKeep(evidence: Float32Array, count: number, keep: number): number[] {
  const kept = Array.from({ length: count }, (_, k) => k);
  while (kept.length > keep) kept.splice(kept.indexOf(mostRedundant(evidence, count, kept)), 1);
  return kept;
}

function mostRedundant(evidence: Float32Array, count: number, kept: readonly number[]): number {
  const K = kept.length;
  const images = evidence.length / count;
  const sizes = new Float64Array(K);
  // loss[a][b]: what the images of a lose in b.
  const loss = Array.from({ length: K }, () => new Float64Array(K));
  const row = new Float64Array(K);
  for (let i = 0; i < images; i++) {
    for (let a = 0; a < K; a++) row[a] = evidence[i * count + kept[a]!]!;
    if (row.every((e) => e === 0)) continue; // not visited yet
    const own = largestIndex(row, 0, K);
    sizes[own]! += 1;
    for (let b = 0; b < K; b++) loss[own]![b]! += row[own]! - row[b]!;
  }
  const empty = sizes.indexOf(0);
  if (empty >= 0) return kept[empty]!;
  let worst = { gap: Infinity, drop: 0 };
  for (let a = 0; a < K; a++)
    for (let b = a + 1; b < K; b++) {
      const gap = (loss[a]![b]! + loss[b]![a]!) / (sizes[a]! + sizes[b]!);
      if (gap < worst.gap) worst = { gap, drop: loss[a]![b]! < loss[b]![a]! ? a : b };
    }
  return kept[worst.drop]!;
}
