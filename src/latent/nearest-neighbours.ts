/**
 * @file Exact nearest neighbours by a k-d tree (Friedman, Bentley & Finkel 1977; the running distance to a cell as in
 * Arya & Mount 1993).
 *
 * Points are copied in the order of the leaves, so that a leaf is one run of memory. Euclidean distance; of points at
 * the same distance the one with the smaller index is nearer, so the answer does not depend on the tree. Made for the
 * few dimensions of latent spaces: beyond about 15 most leaves are visited and time approaches that of comparing all.
 */
import { check } from "../core/errors.js";
import { checkPoints } from "./points.js";

export interface NeighbourTree {
  readonly kind: "neighbour-tree";
  readonly count: number;
  readonly dimension: number;
  /** Int32[count]: which point stands at each place of `points`. */
  readonly order: Int32Array;
  /** Float64[count dimension], in the order of the leaves. */
  readonly points: Float64Array;
  /** Int32[nodes]: axis that an inner node splits; −1 at a leaf. */
  readonly axis: Int32Array;
  /** Float64[nodes]: where it splits. */
  readonly cut: Float64Array;
  /** Int32[nodes]: the right child (the left one is the next node); at a leaf, its first place. */
  readonly right: Int32Array;
  /** Int32[nodes]: the place after a leaf's last. */
  readonly end: Int32Array;
}

/** The `k` nearest of each point, nearest first. */
export interface Neighbours {
  readonly kind: "neighbours";
  readonly count: number;
  readonly k: number;
  /** Int32[count k]. */
  readonly indices: Int32Array;
  /** Float64[count k]. */
  readonly distances: Float64Array;
}

const LEAF = 12;

/** Sort points, Float[count dimension], into a tree. */
export function neighbourTree(values: ArrayLike<number>, dimension: number): NeighbourTree {
  const count = checkPoints(values, dimension, 1);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const [axis, cut, right, end]: [number[], number[], number[], number[]] = [[], [], [], []];
  const build = (from: number, to: number): void => {
    const node = axis.length;
    const [wide, spread] = to - from > LEAF ? widestAxis(values, dimension, order, from, to) : [-1, 0];
    axis.push(spread > 0 ? wide : -1);
    cut.push(0);
    right.push(from);
    end.push(to);
    if (spread <= 0) return; // few points, or all the same
    const middle = (from + to) >> 1;
    placeMedian(values, dimension, wide, order, from, to - 1, middle);
    cut[node] = values[order[middle]! * dimension + wide]!;
    build(from, middle);
    right[node] = axis.length;
    build(middle, to);
  };
  build(0, count);
  const points = new Float64Array(count * dimension);
  order.forEach((i, place) => {
    for (let d = 0; d < dimension; d++) points[place * dimension + d] = values[i * dimension + d]!;
  });
  return {
    kind: "neighbour-tree",
    count,
    dimension,
    order,
    points,
    axis: Int32Array.from(axis),
    cut: Float64Array.from(cut),
    right: Int32Array.from(right),
    end: Int32Array.from(end),
  };
}

/** For every point of the tree, in the order they were given, its `k` nearest others. */
export function nearestNeighbours(tree: NeighbourTree, k: number): Neighbours {
  const { count, dimension, order, points } = tree;
  check(Number.isInteger(k) && k >= 1 && k < count, "k", `a whole number from 1 to ${count - 1}`, k);
  const search = searcher(tree, k);
  const found = room(count, k);
  // In the order of the leaves: the next query meets the leaves that the last one left in cache.
  for (let place = 0; place < count; place++) search(points, place * dimension, order[place]!, found, order[place]!);
  return found;
}

/** For points that are not in the tree, Float[queries dimension], their `k` nearest points of the tree. */
export function neighboursOfPoints(tree: NeighbourTree, queries: ArrayLike<number>, k: number): Neighbours {
  const { count, dimension } = tree;
  const wanted = checkPoints(queries, dimension, 0);
  check(Number.isInteger(k) && k >= 1 && k <= count, "k", `a whole number from 1 to ${count}`, k);
  const search = searcher(tree, k);
  const found = room(wanted, k);
  const values = Float64Array.from(queries);
  for (let i = 0; i < wanted; i++) search(values, i * dimension, -1, found, i);
  return found;
}

function room(count: number, k: number): Neighbours {
  return {
    kind: "neighbours",
    count,
    k,
    indices: new Int32Array(count * k).fill(-1),
    distances: new Float64Array(count * k).fill(Number.POSITIVE_INFINITY),
  };
}

type Search = (values: Float64Array, at: number, self: number, into: Neighbours, row: number) => void;

/** One query after another with the same scratch memory. `self` is left out. */
function searcher({ dimension, order, points, axis, cut, right, end }: NeighbourTree, k: number): Search {
  const beside = new Float64Array(dimension); // how far the query lies outside the cell, per axis
  let query: Float64Array = new Float64Array(0);
  let [at, self, base] = [0, -1, 0];
  let near: Int32Array = new Int32Array(0);
  let squares: Float64Array = new Float64Array(0);

  const leaf = (from: number, to: number): void => {
    for (let place = from; place < to; place++) {
      let square = 0;
      for (let d = 0, p = place * dimension; d < dimension; d++, p++) {
        const step = query[at + d]! - points[p]!;
        square += step * step;
      }
      const last = base + k - 1;
      if (square > squares[last]!) continue;
      const index = order[place]!;
      if (index === self || (square === squares[last]! && index > near[last]! && near[last]! >= 0)) continue;
      let slot = last;
      for (; slot > base; slot--) {
        const before = squares[slot - 1]!;
        if (before < square || (before === square && near[slot - 1]! >= 0 && near[slot - 1]! < index)) break;
        squares[slot] = before;
        near[slot] = near[slot - 1]!;
      }
      squares[slot] = square;
      near[slot] = index;
    }
  };

  const visit = (node: number, square: number): void => {
    const split = axis[node]!;
    if (split < 0) {
      leaf(right[node]!, end[node]!);
      return;
    }
    const offset = query[at + split]! - cut[node]!;
    const was = beside[split]!;
    const beyond = square - was * was + offset * offset;
    visit(offset < 0 ? node + 1 : right[node]!, square);
    // A hair of slack: the running sum rounds.
    if (beyond * (1 - 1e-12) > squares[base + k - 1]!) return;
    beside[split] = offset;
    visit(offset < 0 ? right[node]! : node + 1, beyond);
    beside[split] = was;
  };

  return (values, start, left, into, row) => {
    [query, at, self, base, near, squares] = [values, start, left, row * k, into.indices, into.distances];
    visit(0, 0);
    for (let slot = base; slot < base + k; slot++) squares[slot] = Math.sqrt(squares[slot]!);
  };
}

function widestAxis(
  values: ArrayLike<number>,
  dimension: number,
  order: Int32Array,
  from: number,
  to: number,
): readonly [axis: number, spread: number] {
  let [axis, spread] = [0, -1];
  for (let d = 0; d < dimension; d++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let place = from; place < to; place++) {
      const v = values[order[place]! * dimension + d]!;
      if (v < low) low = v;
      if (v > high) high = v;
    }
    if (high - low > spread) [axis, spread] = [d, high - low];
  }
  return [axis, spread];
}

/** Quickselect (Hoare): afterwards nothing before `middle` is larger along `axis`, nothing after it smaller. */
function placeMedian(
  values: ArrayLike<number>,
  dimension: number,
  axis: number,
  order: Int32Array,
  from: number,
  to: number,
  middle: number,
): void {
  const value = (place: number): number => values[order[place]! * dimension + axis]!;
  for (let [low, high] = [from, to]; low < high; ) {
    const pivot = value((low + high) >> 1);
    let [i, j] = [low, high];
    while (i <= j) {
      while (value(i) < pivot) i++;
      while (value(j) > pivot) j--;
      if (i > j) break;
      const t = order[i]!;
      order[i++] = order[j]!;
      order[j--] = t;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
