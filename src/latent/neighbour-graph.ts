/** @file Points joined to their nearest neighbours: a sparse undirected graph, edges row by row. */
import type { Neighbours } from "./nearest-neighbours.js";

/** Every edge stands in the rows of both its points. */
export interface WeightedGraph {
  readonly count: number;
  /** Int32[count+1]: the edges of point i are starts[i] .. starts[i+1]−1. */
  readonly starts: Int32Array;
  /** Int32[edges]. */
  readonly targets: Int32Array;
  /** Float64[edges]. */
  readonly weights: Float64Array;
}

/** The graph of points and their neighbours; an edge weighs the distance. */
export function neighbourGraph(neighbours: Neighbours): WeightedGraph {
  return symmetricGraph(neighbours, neighbours.distances, Math.max);
}

/**
 * Join i and j where one is a neighbour of the other. `values`, Float[count k], go with `neighbours.indices`; `combine`
 * gets that of i→j and of j→i, 0 for the one that is missing.
 */
export function symmetricGraph(
  neighbours: Neighbours,
  values: ArrayLike<number>,
  combine: (there: number, back: number) => number,
): WeightedGraph {
  const { count, k, indices } = neighbours;
  const placeOf = (i: number, j: number): number => {
    for (let e = i * k; e < (i + 1) * k; e++) if (indices[e] === j) return e;
    return -1;
  };
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < count; i++)
    for (let e = i * k; e < (i + 1) * k; e++) {
      starts[i + 1]!++;
      if (placeOf(indices[e]!, i) < 0) starts[indices[e]! + 1]!++;
    }
  for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice(0, count);
  const targets = new Int32Array(starts[count]!);
  const weights = new Float64Array(starts[count]!);
  const add = (i: number, j: number, weight: number): void => {
    const place = next[i]!++;
    targets[place] = j;
    weights[place] = weight;
  };
  for (let i = 0; i < count; i++)
    for (let e = i * k; e < (i + 1) * k; e++) {
      const back = placeOf(indices[e]!, i);
      const weight = combine(values[e]!, back < 0 ? 0 : values[back]!);
      add(i, indices[e]!, weight);
      if (back < 0) add(indices[e]!, i, weight);
    }
  return { count, starts, targets, weights };
}
