/** @file Spearman's rank correlation: does one quantity rise whenever the other does? Ties share their mean rank. */
import { check } from "../core/errors.js";

/** Rank correlation, -1..1; 0 when one of the two does not vary. Use its size when the sign of a latent is arbitrary. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  check(a.length === b.length, "a", `as many values as b (${b.length})`, a.length);
  check(a.length >= 2, "a", "at least two values", a.length);
  return pearson(ranks(a), ranks(b));
}

/** Linear correlation, -1..1; 0 when one of the two does not vary. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  let meanA = 0;
  let meanB = 0;
  for (let i = 0; i < n; i++) {
    meanA += a[i]! / n;
    meanB += b[i]! / n;
  }
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    const x = a[i]! - meanA;
    const y = b[i]! - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

/** Float64[count]: rank of each value from 1, ties at their mean. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const rank = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) rank[order[k]!] = (start + 1 + end) / 2;
    start = end;
  }
  return rank;
}
