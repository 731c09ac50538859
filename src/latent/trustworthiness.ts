/**
 * @file Trustworthiness of an embedding: do points that lie together in the picture lie together in the data?
 *
 *     T(k) = 1 − 2 / (n k (2n − 3k − 1)) Σ_i Σ_{j among the k nearest of i in the picture} max(0, rank_i(j) − k)
 *
 * rank_i(j) is the rank of j among the neighbours of i in the data, from 1. Venna & Kaski 2001, as in scikit-learn.
 */
import { check } from "../core/errors.js";
import { checkPoints } from "./points.js";

/** 0..1, 1 = every neighbour in the picture is a neighbour in the data. Time and comparisons grow with count². */
export function trustworthiness(
  data: { readonly values: ArrayLike<number>; readonly dimension: number },
  picture: { readonly values: ArrayLike<number>; readonly dimension: number },
  neighbours = 15,
): number {
  const n = checkPoints(data.values, data.dimension, 3);
  check(checkPoints(picture.values, picture.dimension, 3) === n, "picture", `${n} points`, picture.values.length);
  check(neighbours >= 1 && neighbours < n / 2, "neighbours", `a number in [1, ${n / 2})`, neighbours);
  let penalty = 0;
  const rank = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    byDistance(data, i, n).forEach((j, position) => {
      rank[j] = position + 1;
    });
    const near = byDistance(picture, i, n);
    for (let k = 0; k < neighbours; k++) penalty += Math.max(0, rank[near[k]!]! - neighbours);
  }
  return 1 - (2 * penalty) / (n * neighbours * (2 * n - 3 * neighbours - 1));
}

/** All other points, nearest to point i first. */
function byDistance(
  { values, dimension }: { readonly values: ArrayLike<number>; readonly dimension: number },
  i: number,
  n: number,
): Int32Array {
  const distance = new Float64Array(n);
  for (let j = 0; j < n; j++)
    for (let d = 0; d < dimension; d++) distance[j]! += (values[i * dimension + d]! - values[j * dimension + d]!) ** 2;
  distance[i] = Number.NEGATIVE_INFINITY;
  return Int32Array.from({ length: n }, (_, j) => j)
    .sort((a, b) => distance[a]! - distance[b]!)
    .subarray(1);
}
