/**
 * @file Information imbalance: how much of one space do the distances of another tell?
 *
 *     Δ(A → B) = 2/N · ⟨ r_B(j) ⟩     j: the point nearest to i in A;  r_B(j): rank of j from 1 by distance from i in B
 *
 * Near 0 (2/N at best): who is near in A is near in B, A tells all of B; near 1: A tells nothing of B. The two directions
 * differ: A → B small and B → A large means that A holds B and more. Glielmo et al. 2022, PNAS Nexus 1, pgac039. CryoBench
 * (Jeon et al. 2024) asks with it how much latents tell of the true states, and of poses and defocus, of which they should
 * tell nothing. Ties count as in any order, on average: points equally near to i in A all count, points equally far in B share
 * their mean rank. So a space in which all points coincide tells nothing, Δ = 1.
 */
import { check } from "../core/errors.js";
import { checkPoints, type LatentPoints } from "../latent/points.js";

export interface InformationImbalance {
  readonly kind: "information-imbalance";
  /** Δ(A → B), 2/N..2 and about 0..1: how much of b stays open once a is known. */
  readonly aToB: number;
  /** Δ(B → A): how much of a stays open once b is known. */
  readonly bToA: number;
}

/**
 * Information imbalance Δ, about 0..1, of two spaces in both directions. Point i is the same particle in both.
 *
 * All pairs are compared, row by row: time grows with N², memory with N. Seconds for 10,000 points, most of a minute where
 * all of them coincide; of more, hand in a sample (`pointsAt` takes the same rows out of both).
 */
export function informationImbalance(a: LatentPoints, b: LatentPoints): InformationImbalance {
  const count = checkPoints(a.values, a.dimension, 3);
  const others = checkPoints(b.values, b.dimension, 3);
  check(others === count, "b", `${count} points as in a`, others);
  const [inA, inB] = [new Float64Array(count), new Float64Array(count)];
  let [aToB, bToA] = [0, 0];
  for (let i = 0; i < count; i++) {
    squaresFrom(a, i, inA);
    squaresFrom(b, i, inB);
    aToB += rankOfNearest(inA, inB, i);
    bToA += rankOfNearest(inB, inA, i);
  }
  const scale = 2 / (count * count);
  return { kind: "information-imbalance", aToB: scale * aToB, bToA: scale * bToA };
}

/** Squared distances of all points from point i. */
function squaresFrom({ values, dimension }: LatentPoints, i: number, out: Float64Array): void {
  for (let j = 0, at = 0; j < out.length; j++) {
    let sum = 0;
    for (let d = 0; d < dimension; d++, at++) sum += (values[at]! - values[i * dimension + d]!) ** 2;
    out[j] = sum;
  }
}

/** Rank by `other`, from 1, of the point nearest by `own`, point i itself apart. Where several are nearest, their mean rank. */
function rankOfNearest(own: Float64Array, other: Float64Array, i: number): number {
  let least = Number.POSITIVE_INFINITY;
  let nearest: number[] = [];
  for (let j = 0; j < own.length; j++) {
    if (j === i || own[j]! > least) continue;
    if (own[j]! < least) [least, nearest] = [own[j]!, []];
    nearest.push(other[j]!);
  }
  const far = Float64Array.from(nearest).sort();
  // The rank of one is ½ + the points before it + half of those beside it, itself included. Summed over the nearest, that
  // is one search in them per point.
  let sum = far.length / 2;
  for (let j = 0; j < other.length; j++)
    if (j !== i) sum += far.length - (firstFrom(far, other[j]!, false) + firstFrom(far, other[j]!, true)) / 2;
  return sum / far.length;
}

/** Where the first of the sorted values stands that is at least `value`, or more than it. */
function firstFrom(sorted: Float64Array, value: number, more: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value || (more && sorted[middle]! === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
