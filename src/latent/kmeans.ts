/**
 * @file k-means of latent coordinates (ml-kmeans, k-means++ start): a way to *segment* a latent space, not to find classes.
 *
 * Labels are 0-based here, as array indices are; add 1 where a person reads them. Clusters are numbered by the first
 * coordinate of their centres, so the same clusters get the same labels whatever the start.
 */
import { kmeans } from "ml-kmeans";
import { check } from "../core/errors.js";
import { seededRandom } from "../core/random.js";
import { checkPoints, pointRows } from "./points.js";

export interface KMeansOptions {
  /** Seed of the starts. @default 1 */
  readonly seed?: number;
  /** Starts; the one with the smallest inertia is kept. @default 4 */
  readonly starts?: number;
  /** Centres to start from, Float[K dimension], instead. @default none */
  readonly from?: ArrayLike<number>;
}

export interface Clusters {
  readonly kind: "clusters";
  /** Int32[count]: 0..K−1. */
  readonly labels: Int32Array;
  /** Float64[K dimension]. */
  readonly centres: Float64Array;
  /** Int32[K]: the point nearest each centre, so that a decoded state lies on the data. */
  readonly nearest: Int32Array;
  /** Int32[K]. */
  readonly sizes: Int32Array;
  /** Sum of squared distances to the own centre. */
  readonly inertia: number;
}

/** Split points, Float[count dimension], into `k` clusters; never more than there are distinct points. */
export function kMeans(values: ArrayLike<number>, dimension: number, k: number, options: KMeansOptions = {}): Clusters {
  const { seed = 1, starts = 4, from } = options;
  check(Number.isInteger(k) && k >= 1, "k", "a positive number of clusters", k);
  checkPoints(values, dimension, 1);
  const points = pointRows(values, dimension);
  const distinct = new Set(points.map((p) => p.join())).size;
  check(k <= distinct, "k", `at most the number of distinct points (${distinct})`, k);
  if (from !== undefined) return describe(points, run(points, k, pointRows(from, dimension)));
  const random = seededRandom(seed);
  let best: Clusters | undefined;
  for (let start = 0; start < starts; start++) {
    const found = describe(points, run(points, k, 1 + random.integer(2 ** 31 - 1)));
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best!;
}

function run(points: number[][], k: number, start: number | number[][]): { clusters: number[]; centroids: number[][] } {
  const options = typeof start === "number" ? { seed: start } : { initialization: start };
  return kmeans(points, k, { ...options, tolerance: 0, maxIterations: 300 });
}

/** Order the clusters and say what people ask of them. */
function describe(
  points: readonly number[][],
  { clusters, centroids }: { clusters: number[]; centroids: number[][] },
): Clusters {
  const order = centroids.map((_, c) => c).sort((a, b) => compare(centroids[a]!, centroids[b]!));
  const rank = new Int32Array(order.length);
  order.forEach((c, position) => {
    rank[c] = position;
  });
  const labels = Int32Array.from(clusters, (c) => rank[c]!);
  const centres = order.map((c) => centroids[c]!);
  const nearest = new Int32Array(centres.length).fill(-1);
  const sizes = new Int32Array(centres.length);
  const closest = new Float64Array(centres.length).fill(Number.POSITIVE_INFINITY);
  let inertia = 0;
  points.forEach((point, i) => {
    const label = labels[i]!;
    const square = point.reduce((sum, v, j) => sum + (v - centres[label]![j]!) ** 2, 0);
    inertia += square;
    sizes[label]!++;
    if (square < closest[label]!) {
      closest[label] = square;
      nearest[label] = i;
    }
  });
  return { kind: "clusters", labels, centres: Float64Array.from(centres.flat()), nearest, sizes, inertia };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const axis = a.findIndex((v, j) => v !== b[j]);
  return axis < 0 ? 0 : a[axis]! - b[axis]!;
}
