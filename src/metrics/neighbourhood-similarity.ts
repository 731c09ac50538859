/**
 * @file Neighbourhood similarity: are the neighbours of a point in one space its neighbours in the other?
 *
 *     S(k) = 1/n Σ_i |A_k(i) ∩ B_k(i)| / k     A_k(i), B_k(i): the k nearest others of point i in either space
 *
 * 1: the same neighbours; k/(n − 1): chance. As in CryoBench (Jeon et al. 2024, after Boggust et al. 2022), which counts hits
 * and the point itself among them. Of points at the same distance some must come first: in each space an order of its own
 * decides, so that a space in which all points coincide agrees with another by chance alone. A space full of ties is therefore
 * not 1 even with itself; for k below the size of its groups of equal points, S says little.
 */
import { check } from "../core/errors.js";
import { seededRandom, shuffledIndices } from "../core/random.js";
import { type Neighbours, nearestNeighbours, neighbourTree } from "../latent/nearest-neighbours.js";
import { checkPoints, type LatentPoints, pointsAt } from "../latent/points.js";

export interface NeighbourhoodSimilarity {
  readonly kind: "neighbourhood-similarity";
  /** Numbers of neighbours, as asked for. */
  readonly neighbours: readonly number[];
  /** Float64[neighbours], 0..1: S(k), the mean over the points. */
  readonly mean: Float64Array;
  /** Float64[neighbours]: k/(n − 1), which unrelated spaces reach. */
  readonly chance: Float64Array;
  /** Float64[neighbours points], 0..1: share of the k neighbours that each point keeps. */
  readonly shares: Float64Array;
}

/**
 * Share 0..1 of each point's k nearest neighbours that two spaces have in common, for every k of `neighbours`. Point i is
 * the same particle in both. Made for up to hundreds of neighbours: memory is 24 bytes · points · the largest k.
 */
export function neighbourhoodSimilarity(
  a: LatentPoints,
  b: LatentPoints,
  neighbours: readonly number[] = [15],
): NeighbourhoodSimilarity {
  const count = checkPoints(a.values, a.dimension, 2);
  const others = checkPoints(b.values, b.dimension, 2);
  check(others === count, "b", `${count} points as in a`, others);
  check(neighbours.length > 0, "neighbours", "at least one number", 0);
  for (const k of neighbours)
    check(Number.isInteger(k) && k >= 1 && k < count, "neighbours", `whole numbers from 1 to ${count - 1}`, k);
  const most = Math.max(...neighbours);
  const nearA = nearestNeighbours(neighbourTree(a.values, a.dimension), most);
  // Of equal distances the smaller index is nearer, so b is searched in another order: ties agree by chance alone.
  const order = shuffledIndices(count, seededRandom(1));
  const nearB = nearestNeighbours(neighbourTree(pointsAt(b.values, b.dimension, order), b.dimension), most);
  const shares = new Float64Array(neighbours.length * count);
  const common = new Float64Array(most + 1);
  const rank = new Int32Array(count);
  for (let place = 0; place < count; place++) {
    const i = order[place]!;
    countCommon(nearA, i, nearB, place, order, rank, common);
    neighbours.forEach((k, n) => {
      shares[n * count + i] = common[k]! / k;
    });
  }
  const mean = neighbours.map((_, n) => shares.subarray(n * count, (n + 1) * count).reduce((x, y) => x + y, 0) / count);
  return {
    kind: "neighbourhood-similarity",
    neighbours: [...neighbours],
    mean: Float64Array.from(mean),
    chance: Float64Array.from(neighbours, (k) => k / (count - 1)),
    shares,
  };
}

/** `common`[k]: how many of the k nearest of point i in A are among its k nearest in B, where it stands at `place`. */
function countCommon(
  nearA: Neighbours,
  i: number,
  nearB: Neighbours,
  place: number,
  order: Int32Array,
  rank: Int32Array,
  common: Float64Array,
): void {
  const { k: most } = nearA;
  for (let r = 0; r < most; r++) rank[nearA.indices[i * most + r]!] = r + 1;
  common.fill(0);
  for (let r = 0; r < most; r++) {
    const inA = rank[order[nearB.indices[place * most + r]!]!]!;
    if (inA > 0) common[Math.max(inA, r + 1)]!++; // common from the k on at which both hold it
  }
  for (let k = 1; k <= most; k++) common[k]! += common[k - 1]!;
  for (let r = 0; r < most; r++) rank[nearA.indices[i * most + r]!] = 0;
}
