/**
 * @file UMAP's graph: how surely two points are neighbours, 0..1 (McInnes, Healy & Melville 2018, section 3.1).
 *
 *     w(i→j) = exp(−max(0, d_ij − ρ_i) / σ_i),    Σ_j w(i→j) = log₂ k,    w_ij = w(i→j) + w(j→i) − w(i→j) w(j→i)
 *
 * ρ_i is the distance to the nearest neighbour (0 for points placed later), k counts the point itself, as in umap-learn.
 */
import type { Neighbours } from "./nearest-neighbours.js";
import { symmetricGraph, type WeightedGraph } from "./neighbour-graph.js";

/** Least σ as a fraction of the mean distance, and how exactly the sum is met: umap-learn's. */
const LEAST_SIGMA = 1e-3;
const TOLERANCE = 1e-5;

/** Float64[count k]: w(i→j). `nearestIsCertain` takes ρ_i from the data; else it is 0. */
export function membershipStrengths(neighbours: Neighbours, nearestIsCertain: boolean): Float64Array {
  const { count, k, distances } = neighbours;
  const wanted = Math.log2(k + 1);
  const strengths = new Float64Array(count * k);
  const meanOfAll = distances.reduce((sum, d) => sum + d, 0) / (count * (k + 1));
  for (let i = 0; i < count; i++) {
    const row = distances.subarray(i * k, (i + 1) * k);
    const rho = nearestIsCertain ? (row.find((d) => d > 0) ?? 0) : 0;
    const mean = row.reduce((sum, d) => sum + d, 0) / (k + 1);
    const sigma = Math.max(bandwidth(row, rho, wanted), LEAST_SIGMA * (rho > 0 ? mean : meanOfAll));
    for (let j = 0; j < k; j++) strengths[i * k + j] = row[j]! <= rho ? 1 : Math.exp((rho - row[j]!) / sigma);
  }
  return strengths;
}

/** σ by bisection. */
function bandwidth(row: Float64Array, rho: number, wanted: number): number {
  let [low, high, sigma] = [0, Number.POSITIVE_INFINITY, 1];
  for (let round = 0; round < 64; round++) {
    let sum = 0;
    for (let j = 0; j < row.length; j++) sum += row[j]! <= rho ? 1 : Math.exp((rho - row[j]!) / sigma);
    if (Math.abs(sum - wanted) < TOLERANCE) break;
    if (sum > wanted) high = sigma;
    else low = sigma;
    sigma = high === Number.POSITIVE_INFINITY ? 2 * sigma : (low + high) / 2;
  }
  return sigma;
}

/** The symmetric graph of points and their neighbours among themselves. */
export function fuzzyGraph(neighbours: Neighbours): WeightedGraph {
  const strengths = membershipStrengths(neighbours, true);
  return symmetricGraph(neighbours, strengths, (there, back) => there + back - there * back);
}
