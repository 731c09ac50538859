/**
 * @file Hierarchical merging of groups of points, nearest pair first (Lance & Williams 1967; heights as in SciPy).
 *
 * For states: cut a latent space into many small segments by k-means, then merge those. With the sizes of the segments,
 * Ward's merging of their centres equals that of their points once within-segment spread is taken as given.
 */
import { check } from "../core/errors.js";
import { checkPoints } from "./points.js";

export type Linkage = "ward" | "average" | "complete" | "single";

export interface AgglomerationOptions {
  /** @default "ward" */
  readonly linkage?: Linkage;
  /** Points that each given point stands for, Float[count]. @default 1 each */
  readonly sizes?: ArrayLike<number>;
}

/** `count` − 1 merges, lowest first. Group g < count is a point; group count + m is what merge m made. */
export interface MergeTree {
  readonly kind: "merge-tree";
  readonly count: number;
  /** Int32[count−1 2]: the groups that a merge joins, smaller number first. */
  readonly pairs: Int32Array;
  /** Float64[count−1]: their distance. */
  readonly heights: Float64Array;
}

/** Points in all pairs: memory and time grow with the square and the cube. */
const MOST_POINTS = 2000;

/** Merge points, Float[count dimension], until one group is left. */
export function agglomerate(
  values: ArrayLike<number>,
  dimension: number,
  options: AgglomerationOptions = {},
): MergeTree {
  const { linkage = "ward", sizes } = options;
  const count = checkPoints(values, dimension, 1);
  check(sizes === undefined || sizes.length === count, "sizes", `${count} sizes`, sizes?.length);
  check(count <= MOST_POINTS, "values", `at most ${MOST_POINTS} points`, count, "merge the centres of k-means");
  const size = Float64Array.from({ length: count }, (_, i) => (sizes === undefined ? 1 : sizes[i]!));
  const name = Int32Array.from({ length: count }, (_, i) => i);
  const square = firstDistances(values, dimension, size, linkage);
  const alive = Array.from({ length: count }, (_, i) => i);
  const pairs = new Int32Array(2 * (count - 1));
  const heights = new Float64Array(count - 1);
  for (let merge = 0; merge < count - 1; merge++) {
    let [first, second, least] = [0, 0, Number.POSITIVE_INFINITY];
    for (const i of alive)
      for (const j of alive) {
        if (j >= i) break;
        if (square[i * count + j]! < least) [first, second, least] = [j, i, square[i * count + j]!];
      }
    pairs.set([Math.min(name[first]!, name[second]!), Math.max(name[first]!, name[second]!)], 2 * merge);
    heights[merge] = Math.sqrt(least);
    alive.splice(alive.indexOf(second), 1);
    for (const other of alive) {
      if (other === first) continue;
      const merged = mergedSquare(
        linkage,
        [size[first]!, size[second]!, size[other]!],
        [square[first * count + other]!, square[second * count + other]!, least],
      );
      square[first * count + other] = merged;
      square[other * count + first] = merged;
    }
    size[first]! += size[second]!;
    name[first] = count + merge;
  }
  return { kind: "merge-tree", count, pairs, heights };
}

/** The state of every point when `groups` are left: Int32[count], 0.. in order of each group's first point. */
export function cutTree(tree: MergeTree, groups: number): Int32Array {
  const { count, pairs } = tree;
  check(Number.isInteger(groups) && groups >= 1 && groups <= count, "groups", `a number from 1 to ${count}`, groups);
  const parent = Int32Array.from({ length: 2 * count - 1 }, (_, g) => g);
  for (let merge = 0; merge < count - groups; merge++)
    for (const group of pairs.subarray(2 * merge, 2 * merge + 2)) parent[group] = count + merge;
  const names = new Map<number, number>();
  return Int32Array.from({ length: count }, (_, i) => {
    let group = i;
    while (parent[group] !== group) group = parent[group]!;
    if (!names.has(group)) names.set(group, names.size);
    return names.get(group)!;
  });
}

function firstDistances(
  values: ArrayLike<number>,
  dimension: number,
  size: Float64Array,
  linkage: Linkage,
): Float64Array {
  const count = size.length;
  const square = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let d = 0; d < dimension; d++) sum += (values[i * dimension + d]! - values[j * dimension + d]!) ** 2;
      if (linkage === "ward") sum *= (2 * size[i]! * size[j]!) / (size[i]! + size[j]!);
      square[i * count + j] = sum;
      square[j * count + i] = sum;
    }
  return square;
}

/** Squared distance from the union of a and b to c, given those of (a, c), (b, c) and (a, b). */
function mergedSquare(
  linkage: Linkage,
  [a, b, c]: readonly [number, number, number],
  [ac, bc, ab]: readonly [number, number, number],
): number {
  if (linkage === "single") return Math.min(ac, bc);
  if (linkage === "complete") return Math.max(ac, bc);
  if (linkage === "average") return ((a * Math.sqrt(ac) + b * Math.sqrt(bc)) / (a + b)) ** 2;
  return ((a + c) * ac + (b + c) * bc - c * ab) / (a + b + c);
}
